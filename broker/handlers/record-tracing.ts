import type { Uuid } from '../../kit/index.ts'
import type { TracedRequest } from './request-trace.ts'

/** Where a span stands in its trace, as it is passed on (W3C Trace Context, level 1). */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case. */
  readonly traceId: string
  /** 16 of them: the span that is the parent of what comes next. */
  readonly spanId: string
  /** Whether whoever began the trace records it. */
  readonly isSampled: boolean
  /** What systems on the way say of it, as it came; null for nothing. */
  readonly traceState: string | null
}

/** A record of a batch that says of which trace it is. */
export interface RecordContext {
  readonly context: TraceContext
  /** Its place in the batch. */
  readonly offsetDelta: number
}

/** A batch that was appended. */
export interface AppendedBatch {
  readonly topicId: Uuid
  readonly topicName: string
  readonly partition: number
  readonly baseOffset: number
  readonly recordCount: number
}

/** Records of one partition on their way to a client, as they are sent. */
export interface FetchedRecords {
  readonly topicId: Uuid
  readonly partition: number
  readonly fromOffset: number
  readonly records: readonly Uint8Array[]
}

/**
 * Follows single records through the broker, so that producing, appending, fetching and committing
 * of one are one trace. Handlers ask it where they have the records in hand; it looks at few of them.
 */
export interface RecordTracing {
  /** Whether there are records to look out for. */
  readonly isFollowing: boolean
  /** What the headers of a batch's records say, when its turn to be looked at has come; null for most. */
  contextIn(batch: Uint8Array, nowMs: number): RecordContext | null
  appended(request: TracedRequest, batch: AppendedBatch, found: RecordContext): void
  fetched(request: TracedRequest, fetched: FetchedRecords): void
  /** A group has come to `offset`: what is below it is done. */
  committed(
    request: TracedRequest,
    groupId: string,
    topicId: Uuid,
    partition: number,
    offset: number,
  ): void
}

import type { Clock, Random, Uuid } from '../../kit/index.ts'
import { BATCH_HEADER_BYTES, batchesIn, batchHeader } from '../../protocol/index.ts'
import type {
  AppendedBatch,
  FetchedRecords,
  RecordContext,
  RecordTracing,
  RequestTrace,
  RequestTracer,
  TraceContext,
  TracedRequest,
} from '../handlers/index.ts'
import { contextInBatch } from './batch-context.ts'
import { FollowedRecord, FollowedRecords } from './followed-records.ts'
import { RequestSpan } from './request-span.ts'
import { RatioSampler, SecondBudget } from './sampling.ts'
import type { SpanCounts, Spans } from './spans.ts'

/** What the broker's configuration says; looked at again whenever `configure` is called. */
export interface TracingSettings {
  readonly glasslogTracingSampleRatio: number
  readonly glasslogTracingRecordLookupsPerSecond: number
}

export interface TracingOptions {
  readonly spans: Spans
  readonly settings: TracingSettings
  readonly clock: Clock
  readonly random: Random
}

/** Records of one partition that one request tells of. */
const MAX_RECORDS_OF_REQUEST = 8

/**
 * Traces of requests and of records. A request is traced because its turn has come, or because it
 * appends, fetches or commits a record that somebody traces: then its span stands in that trace. Of
 * each followed record the append, fetches and first commits are spans of its trace, by the terms of
 * OpenTelemetry's conventions for messaging.
 */
export class Tracing implements RequestTracer, RecordTracing {
  /** Requests that were traced, by API. */
  readonly requests = new Map<string, number>()
  /** Records whose trace was joined. */
  records = 0
  readonly #spans: Spans
  readonly #clock: Clock
  readonly #sampler: RatioSampler
  readonly #lookups = new SecondBudget()
  readonly #followed = new FollowedRecords()

  constructor({ spans, settings, clock, random }: TracingOptions) {
    this.#spans = spans
    this.#clock = clock
    this.#sampler = new RatioSampler(random)
    this.configure(settings)
  }

  get spanCounts(): SpanCounts {
    return this.#spans.counts
  }

  get isFollowing(): boolean {
    return this.#followed.count > 0
  }

  configure(settings: TracingSettings): void {
    this.#sampler.ratio = settings.glasslogTracingSampleRatio
    this.#lookups.perSecond = settings.glasslogTracingRecordLookupsPerSecond
  }

  begin(request: TracedRequest): RequestTrace | undefined {
    return this.#sampler.take() ? this.#trace(request, null) : undefined
  }

  contextIn(batch: Uint8Array, nowMs: number): RecordContext | null {
    return this.#lookups.take(nowMs) ? contextInBatch(batch) : null
  }

  appended(request: TracedRequest, batch: AppendedBatch, found: RecordContext): void {
    const { topicId, topicName, partition, baseOffset, recordCount } = batch
    const place = { topicId, topicName, partition, offset: baseOffset + found.offsetDelta }
    const context = this.#tell(request, 'append', place, found.context, {
      'messaging.batch.message_count': recordCount,
    })
    this.#followed.add(new FollowedRecord(place, context))
    this.records++
  }

  fetched(request: TracedRequest, fetched: FetchedRecords): void {
    const { topicId, partition, fromOffset, records } = fetched
    const followed = this.#followed
      .in(topicId, partition)
      ?.filter((one) => one.offset >= fromOffset)
    if (!followed || followed.length === 0) return
    const endOffset = endOf(records)
    let told = 0
    for (const record of followed) {
      if (record.offset >= endOffset || told === MAX_RECORDS_OF_REQUEST) return
      if (!record.mayFetch()) continue
      this.#tell(request, 'fetch', record, record.context, {})
      told++
    }
  }

  committed(
    request: TracedRequest,
    groupId: string,
    topicId: Uuid,
    partition: number,
    offset: number,
  ): void {
    let told = 0
    for (const record of this.#followed.in(topicId, partition) ?? []) {
      if (record.offset >= offset) continue
      if (!record.mayCommit(groupId) || told === MAX_RECORDS_OF_REQUEST) continue
      this.#tell(request, 'commit', record, record.context, {
        'messaging.consumer.group.name': groupId,
      })
      told++
    }
  }

  stop(): Promise<void> {
    return this.#spans.stop()
  }

  #trace(request: TracedRequest, parent: TraceContext | null): RequestSpan {
    this.requests.set(request.api, (this.requests.get(request.api) ?? 0) + 1)
    return new RequestSpan(request, this.#spans, parent)
  }

  /**
   * Tells the record's trace what the request did to it. The request's span is the parent where it
   * stands in that trace, and linked where it stands in another.
   */
  #tell(
    request: TracedRequest,
    operation: keyof typeof OPERATION_TYPES,
    place: Pick<FollowedRecord, 'topicName' | 'partition' | 'offset'>,
    context: TraceContext,
    attributes: Readonly<Record<string, string | number>>,
  ): TraceContext {
    request.trace ??= this.#trace(request, context)
    const of = request.trace instanceof RequestSpan ? request.trace.context : null
    const isInside = of?.traceId === context.traceId
    const elapsedMs = this.#clock.monotonicMs() - request.arrivedMs
    const span = this.#spans.start({
      ...{ name: `${operation} ${place.topicName}`, kind: 'internal' },
      parent: of && isInside ? of : context,
      links: of && !isInside ? [of] : [],
      fromMs: request.receivedAtMs + (request.startedMs - request.arrivedMs),
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': operation,
        'messaging.operation.type': OPERATION_TYPES[operation],
        'messaging.destination.name': place.topicName,
        'messaging.destination.partition.id': String(place.partition),
        'messaging.kafka.offset': place.offset,
        ...attributes,
      },
    })
    span.end(request.receivedAtMs + elapsedMs)
    return span.context
  }
}

/** As the conventions call what clients do. */
const OPERATION_TYPES = { append: 'send', fetch: 'receive', commit: 'settle' } as const

/** The offset after the last record of these; 0 for message sets of old formats, which tell no more. */
function endOf(records: readonly Uint8Array[]): number {
  const last = records.at(-1)
  if (!last || last.length < BATCH_HEADER_BYTES || batchHeader.magic(last) !== 2) return 0
  let endOffset = 0
  for (const batch of batchesIn(last)) endOffset = batchHeader.lastOffset(batch) + 1
  return endOffset
}

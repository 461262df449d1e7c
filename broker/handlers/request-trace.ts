import type { ConnectionView } from './connection-view.ts'

/**
 * Where a request is. `queue`: its frame is whole, and requests before it have their turn. `work`:
 * its handler checks, reads, appends, encodes. `wait`: the handler waits for somebody else: the
 * journal, growth of a log, other members of a group. `send`: the answer is known; earlier answers
 * and the socket have their turn.
 */
export type RequestStage = 'queue' | 'work' | 'wait' | 'send'

/** How far a request came and where its time went, in milliseconds of the monotonic clock. */
export interface RequestTimes {
  /** When the last byte of its frame had come. */
  readonly arrivedMs: number
  /** When its handler began; 0 before. */
  readonly startedMs: number
  /** Time in the stage `work` so far. */
  readonly workMs: number
  /** Time in the stage `wait` so far. */
  readonly waitMs: number
  /** When its answer was known; 0 before. */
  readonly settledMs: number
  /** When the socket had taken its answer, or it was clear that there is none; 0 before. */
  readonly sentMs: number
  /** For how long the client is told to stay away. */
  readonly throttleTimeMs: number
}

/** A request as far as its trace tells of it; `RequestContext` is one. */
export interface TracedRequest extends RequestTimes {
  readonly api: string
  readonly apiVersion: number
  readonly clientId: string | null
  readonly connection: Pick<ConnectionView, 'address' | 'remotePort' | 'listener'>
  /** Wall-clock time of `arrivedMs`. */
  readonly receivedAtMs: number
  readonly sizeBytes: number
  trace: RequestTrace | undefined
}

/** Follows one request that is traced. */
export interface RequestTrace {
  /** The trace's id as 32 hexadecimal digits: exemplars of metrics name it. */
  readonly traceId: string
  /** The request passes to another stage. */
  enter(stage: RequestStage, atMs: number): void
  /** The request is over; `failure` says why it got no answer. */
  end(atMs: number, failure: string | undefined): void
}

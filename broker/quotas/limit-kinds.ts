import type { QuotaKey } from '../control/index.ts'

/** What a limit is on: Kafka's quotas by their keys, and the throttles of topics. */
export type LimitKind = QuotaKey | 'topic_producer_byte_rate' | 'topic_consumer_byte_rate'

/** How a kind of limit is counted. */
export interface LimitShape {
  /** Tokens a second that a limit of 1 stands for. */
  readonly tokensPerUnit: number
  /** What may be taken at once after a rest: the tokens of that time. */
  readonly burstMs: number
  /** However small the limit, so many may be taken at once. */
  readonly minBurst: number
  /** Longest that anybody is held at a time; a debt beyond is paid the next time. */
  readonly maxHoldMs: number
}

/** Kafka's `quota.window.size.seconds`, and as much of it as anybody may save up. */
const WINDOW_MS = 1_000
/** Kafka's `controller.quota.window.num` by `controller.quota.window.size.seconds`: the burst of KIP-599. */
const MUTATION_BURST_MS = 11_000
/** The most that a throttle time can say, which is also the longest that a timer waits. */
const MAX_THROTTLE_MS = 2 ** 31 - 1

const BYTES: LimitShape = {
  tokensPerUnit: 1,
  burstMs: WINDOW_MS,
  minBurst: 1,
  maxHoldMs: MAX_THROTTLE_MS,
}

export const LIMIT_SHAPES: { readonly [Kind in LimitKind]: LimitShape } = {
  producer_byte_rate: BYTES,
  consumer_byte_rate: BYTES,
  topic_producer_byte_rate: BYTES,
  topic_consumer_byte_rate: BYTES,
  // Tokens are milliseconds of the thread that serves requests; Kafka too holds nobody longer than a window.
  request_percentage: { ...BYTES, tokensPerUnit: 10, minBurst: 0, maxHoldMs: WINDOW_MS },
  controller_mutation_rate: { ...BYTES, burstMs: MUTATION_BURST_MS, minBurst: 0 },
  connection_creation_rate: { ...BYTES, maxHoldMs: WINDOW_MS },
}

/** What a fetch waits for at least, of a second's worth: much smaller pieces cost more than they give. */
export const SLICE_MS = 100

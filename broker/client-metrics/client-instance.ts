import type { Uuid } from '../../kit/index.ts'
import type { ErrorName } from '../../protocol/index.ts'
import type { ClientAttributes, Subscribed } from './subscriptions.ts'
import { subscriptionId } from './subscriptions.ts'

/** How long a client is remembered that does not come again, at least. */
const MIN_EXPIRY_MS = 60_000
/** Pushes that may be missed before it is forgotten. */
const INTERVALS_UNTIL_EXPIRY = 3

/** One run of one client, as long as it is asked for the same: what it may send, and when. */
export class ClientInstance {
  readonly id: Uuid
  readonly attributes: ClientAttributes
  readonly subscribed: Subscribed
  readonly subscriptionId: number
  /** The state of the subscriptions that it was made from. */
  readonly subscriptionSeq: number
  /** It said that its last push was the last. */
  isTerminating = false
  /** What its last request was answered. */
  lastError: ErrorName = 'NONE'
  expiresAtMs = 0
  #lastAskedMs = -Infinity
  #lastPushedMs = -Infinity

  constructor(
    id: Uuid,
    attributes: ClientAttributes,
    subscribed: Subscribed,
    subscriptionSeq: number,
  ) {
    this.id = id
    this.attributes = attributes
    this.subscribed = subscribed
    this.subscriptionId = subscriptionId(subscribed, id)
    this.subscriptionSeq = subscriptionSeq
  }

  /** How long what it says counts, and how long it is remembered. */
  get expiryMs(): number {
    return Math.max(MIN_EXPIRY_MS, INTERVALS_UNTIL_EXPIRY * this.subscribed.pushIntervalMs)
  }

  /** Whether it may ask for its subscriptions now: once in an interval. Asking counts when it may. */
  mayAsk(nowMs: number): boolean {
    const lastMs = Math.max(this.#lastAskedMs, this.#lastPushedMs)
    if (nowMs - lastMs < this.subscribed.pushIntervalMs) return false
    this.#lastAskedMs = nowMs
    return true
  }

  /**
   * Whether it may push now: once in an interval, and soon after it asked, because clients spread
   * their first push over an interval. Pushing counts when it may.
   */
  mayPush(nowMs: number): boolean {
    const hasAskedSince = this.#lastAskedMs > this.#lastPushedMs
    const isDue = nowMs - this.#lastPushedMs >= this.subscribed.pushIntervalMs
    if (!hasAskedSince && !isDue) return false
    this.#lastPushedMs = nowMs
    return true
  }
}

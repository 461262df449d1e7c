import type { LabelSet } from '../alerts/label-set.ts'
import type { NotificationReason } from './channel.ts'

/** One notification: when, to whom, what came back. */
export interface Delivery {
  readonly id: string
  readonly receiver: string
  readonly integration: string
  /** Addresses of mail, or the server without what may be secret in its URL. */
  readonly to: string
  readonly groupKey: string
  readonly groupLabels: LabelSet
  readonly status: 'firing' | 'resolved'
  readonly reason: NotificationReason
  readonly firingCount: number
  readonly resolvedCount: number
  /** When it was due. */
  readonly createdAtMs: number
  readonly attemptedAtMs: number
  readonly attempts: number
  readonly outcome: 'delivered' | 'failing' | 'gave-up'
  /** What the other side answered, or why there was no answer. */
  readonly answer: string
}

export interface DeliveryQuery {
  readonly receiver?: string | undefined
  readonly integration?: string | undefined
  readonly outcome?: string | undefined
  readonly groupKey?: string | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

const MAX_DELIVERIES = 10_000

/** The newest notifications, each once with its newest outcome. */
export class DeliveryLog {
  readonly #byId = new Map<string, Delivery>()

  set(delivery: Delivery): void {
    this.#byId.delete(delivery.id)
    this.#byId.set(delivery.id, delivery)
    const [oldest] = this.#byId.keys()
    if (this.#byId.size > MAX_DELIVERIES && oldest !== undefined) this.#byId.delete(oldest)
  }

  get(id: string): Delivery | undefined {
    return this.#byId.get(id)
  }

  /** Oldest first. */
  all(): Iterable<Delivery> {
    return this.#byId.values()
  }

  /** Newest first. */
  find(query: DeliveryQuery): Delivery[] {
    const { receiver, integration, outcome, groupKey, fromMs = 0, toMs = Infinity } = query
    return [...this.#byId.values()]
      .filter(
        (one) =>
          (receiver === undefined || one.receiver === receiver) &&
          (integration === undefined || one.integration === integration) &&
          (outcome === undefined || one.outcome === outcome) &&
          (groupKey === undefined || one.groupKey === groupKey) &&
          one.attemptedAtMs >= fromMs &&
          one.attemptedAtMs <= toMs,
      )
      .reverse()
  }
}

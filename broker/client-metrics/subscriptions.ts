import type { Uuid } from '../../kit/index.ts'
import { uuidToBytes } from '../../kit/index.ts'
import { crc32c } from '../../protocol/index.ts'
import type { ClientAttribute, ClientMatch } from '../control/index.ts'
import { ALL_CLIENT_METRICS, clientMetricsConfigs, compileClientMatch } from '../control/index.ts'

type Texts = Readonly<Record<string, string>>

/** What is known of a client, by the names that `match` uses. */
export type ClientAttributes = Readonly<Record<ClientAttribute, string>>

/** What one client is asked to push. */
export interface Subscribed {
  /** Prefixes of names, in order; `*` alone for all of them, empty for none. */
  readonly metrics: readonly string[]
  readonly pushIntervalMs: number
}

interface Subscription {
  readonly metrics: readonly string[]
  readonly intervalMs: number
  readonly matches: ClientMatch
}

/** Of a client that no subscription is about; with none of its metrics wanted it only asks again. */
const DEFAULT_INTERVAL_MS = clientMetricsConfigs.parse({}).intervalMs

/** The subscriptions in effect, ready to be compared with clients. */
export class Subscriptions {
  readonly #all: readonly Subscription[]

  /** By name. What an older version accepted and this one does not is left out. */
  constructor(sets: ReadonlyMap<string, Texts>) {
    this.#all = [...sets.values()].flatMap((texts) => {
      const values = clientMetricsConfigs.parse(clientMetricsConfigs.sound(texts))
      const matches = compileClientMatch(values.match)
      if ('illegal' in matches) return []
      return [{ metrics: values.metrics, intervalMs: values.intervalMs, matches }]
    })
  }

  get count(): number {
    return this.#all.length
  }

  /** All that some subscription wants of the client, as often as the most impatient of them wants it. */
  of(client: ClientAttributes): Subscribed {
    const metrics = new Set<string>()
    let pushIntervalMs = DEFAULT_INTERVAL_MS
    for (const subscription of this.#all) {
      if (!subscription.matches(client)) continue
      for (const prefix of subscription.metrics) metrics.add(prefix)
      pushIntervalMs = Math.min(pushIntervalMs, subscription.intervalMs)
    }
    if (metrics.has(ALL_CLIENT_METRICS)) return { metrics: [ALL_CLIENT_METRICS], pushIntervalMs }
    return { metrics: [...metrics].sort(), pushIntervalMs }
  }
}

/**
 * Tells one set of subscriptions of a client from another (KIP-714): a checksum of what is asked, so
 * that it changes with it, mixed with the client's id as in Kafka. A signed number of 32 bits.
 */
export function subscriptionId(
  { metrics, pushIntervalMs }: Subscribed,
  clientInstanceId: Uuid,
): number {
  const checksum = crc32c(Buffer.from(`[${metrics.join(', ')}]${pushIntervalMs}`))
  const id = uuidToBytes(clientInstanceId)
  let hash = 0
  for (let at = 0; at < id.length; at += 4) hash ^= id.readInt32BE(at)
  return checksum ^ hash
}

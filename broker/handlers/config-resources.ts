import type { ConfigEntry, ConfigSource } from '../control/index.ts'

/** Kinds of resources that have configurations, by their number on the wire. */
export const RESOURCE_TYPES = {
  topic: 2,
  broker: 4,
  brokerLogger: 8,
  clientMetrics: 16,
  group: 32,
} as const

const SOURCE_CODES: Readonly<Record<ConfigSource, number>> = {
  topic: 1,
  broker: 2,
  'cluster-wide': 3,
  static: 4,
  default: 5,
  'client-metrics': 7,
}

const TYPE_CODES: Readonly<Record<ConfigEntry['type'], number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  // Kafka's table has no sizes and durations; without units they are what it calls a long.
  long: 5,
  bytes: 5,
  duration: 5,
  double: 6,
  list: 7,
}

export function configSourceCode(source: ConfigSource): number {
  return SOURCE_CODES[source]
}

export function configTypeCode(type: ConfigEntry['type']): number {
  return TYPE_CODES[type]
}

/** Longest message in an answer: it may quote the request, and a text of the protocol has its bound. */
export const MAX_MESSAGE_LENGTH = 1024

/** Items that share their key with an earlier or later one. */
export function repeated<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlySet<Item> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return new Set(items.filter((item) => (counts.get(keyOf(item)) ?? 0) > 1))
}

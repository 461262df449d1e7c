/** The oldest releases that are still looked after, by the names that clients give (KIP-511). */
export const OLDEST_GOOD_SOFTWARE: Readonly<Record<string, string>> = {
  'apache-kafka-java': '3.0.0',
  librdkafka: '2.0.0',
  'confluent-kafka-go': '2.0.0',
  'confluent-kafka-python': '2.0.0',
  'franz-go': '1.10.0',
  kgo: '1.10.0',
  Sarama: '1.40.0',
  sarama: '1.40.0',
}

/** Whether a version is older than another; what is no version is not. */
export function isBehind(version: string, than: string): boolean {
  const parts = numbersOf(version)
  if (parts.length === 0) return false
  const other = numbersOf(than)
  for (let at = 0; at < Math.max(parts.length, other.length); at++) {
    const difference = (parts[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

function numbersOf(version: string): readonly number[] {
  const found = /^v?(\d+(?:\.\d+)*)/.exec(version)?.[1]
  return found === undefined ? [] : found.split('.').map(Number)
}

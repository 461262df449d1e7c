const MAX_NAME_LENGTH = 249

/** Topics that only the broker creates. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  '__audit',
  '__secrets',
  '__events',
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
  '__cluster_metadata',
])

/** What is wrong with a topic's name by Kafka's rules, or null. */
export function topicNameFault(name: string): string | null {
  const fault = detectFault(name)
  return fault === null ? null : `Topic name is invalid: ${fault}`
}

function detectFault(name: string): string | null {
  if (name === '') return 'the empty string is not allowed'
  if (name === '.' || name === '..') return `'${name}' is not allowed`
  if (name.length > MAX_NAME_LENGTH) {
    return `the length of '${name.slice(0, MAX_NAME_LENGTH)}…' is longer than the max allowed length ${MAX_NAME_LENGTH}`
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  }
  return null
}

export function isReservedTopicName(name: string): boolean {
  return RESERVED_NAMES.has(name)
}

/**
 * What two names must not share: metric names know no dots, so `a.b` and `a_b` would be one topic
 * there. Null for names that cannot collide.
 */
export function collisionKey(name: string): string | null {
  return /[._]/.test(name) ? name.replaceAll('.', '_') : null
}

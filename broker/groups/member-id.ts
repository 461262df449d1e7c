import type { Random } from '../../kit/index.ts'

/** Ids stand in records whose texts are limited, and must come back from the client as they were. */
const MAX_PREFIX_CHARACTERS = 1024

/**
 * An id for a new member, in Kafka's form: what the client calls itself (its instance id when it
 * has one, else its client id), and a random UUID.
 */
export function newMemberId(random: Random, clientId: string, instanceId: string | null): string {
  const prefix = (instanceId ?? clientId).slice(0, MAX_PREFIX_CHARACTERS).toWellFormed()
  const bytes = random.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const uuid = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return `${prefix}-${uuid}`
}

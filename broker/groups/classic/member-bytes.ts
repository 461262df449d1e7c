import type { MemberProtocol } from '../port.ts'
import type { ClassicGroup } from './group.ts'

/** About what objects take besides their texts and bytes: a member with its session, and a protocol. */
const MEMBER_OVERHEAD_BYTES = 1024
const PROTOCOL_OVERHEAD_BYTES = 64

/** What somebody who joins says of itself, as far as it is kept. */
interface Joining {
  readonly clientId: string
  readonly groupInstanceId: string | null
  readonly protocols: readonly MemberProtocol[]
}

/** About what the members of a group, and the ids that it gave out, take in memory. */
export function memberBytesOf(group: Pick<ClassicGroup, 'members' | 'pendingJoins'>): number {
  let sizeBytes = group.pendingJoins.size * MEMBER_OVERHEAD_BYTES
  for (const member of group.members.values()) {
    sizeBytes += joiningBytesOf(member) + member.assignment.length
  }
  return sizeBytes
}

export function joiningBytesOf({ clientId, groupInstanceId, protocols }: Joining): number {
  const textLength = clientId.length + (groupInstanceId?.length ?? 0)
  return MEMBER_OVERHEAD_BYTES + textLength + protocolBytesOf(protocols)
}

export function protocolBytesOf(protocols: readonly MemberProtocol[]): number {
  return protocols.reduce(
    (sum, { name, metadata }) => sum + PROTOCOL_OVERHEAD_BYTES + name.length + metadata.length,
    0,
  )
}

import type { MemberProtocol } from '../port.ts'
import type { ClassicGroup, Member } from './group.ts'

/**
 * Whether somebody with these protocols fits into the group: one of them is known to all members.
 * A group whose members all left while it was preparing has none that could object.
 */
export function supportsProtocols(
  group: ClassicGroup,
  protocolType: string,
  protocols: readonly MemberProtocol[],
): boolean {
  if (group.state === 'Empty') return protocolType !== '' && protocols.length > 0
  if (group.protocolType !== protocolType) return false
  if (group.members.size === 0) return protocols.length > 0
  const common = commonProtocols(group.members.values())
  return protocols.some(({ name }) => common.has(name))
}

/**
 * The protocol of the next generation: each member votes for the first of its protocols that all
 * members know; most votes win, and among equals the one voted for first.
 */
export function selectProtocol(members: ReadonlyMap<string, Member>): string {
  const candidates = commonProtocols(members.values())
  const votes = new Map<string, number>()
  for (const member of members.values()) {
    const choice = member.protocols.find(({ name }) => candidates.has(name))
    if (choice) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1)
  }
  let winner: string | undefined
  for (const [name, count] of votes) {
    if (winner === undefined || count > (votes.get(winner) ?? 0)) winner = name
  }
  // JoinGroup refuses whoever shares no protocol with all others.
  if (winner === undefined) throw new Error('members without a common protocol')
  return winner
}

export function protocolMetadata(member: Member, protocolName: string): Buffer {
  const protocol = member.protocols.find(({ name }) => name === protocolName)
  // The selected protocol is one that every member offered.
  if (!protocol) throw new Error(`member ${member.memberId} does not offer ${protocolName}`)
  return protocol.metadata
}

/** Same protocols, same order, same metadata: the member has nothing new to say. */
export function sameProtocols(a: readonly MemberProtocol[], b: readonly MemberProtocol[]): boolean {
  return (
    a.length === b.length &&
    a.every((protocol, i) => {
      const other = b[i]
      return (
        other !== undefined &&
        other.name === protocol.name &&
        other.metadata.equals(protocol.metadata)
      )
    })
  )
}

function commonProtocols(members: Iterable<Member>): ReadonlySet<string> {
  const counts = new Map<string, number>()
  let memberCount = 0
  for (const { protocols } of members) {
    memberCount++
    for (const name of new Set(protocols.map((protocol) => protocol.name))) {
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  const common = new Set<string>()
  for (const [name, count] of counts) if (count === memberCount) common.add(name)
  return common
}

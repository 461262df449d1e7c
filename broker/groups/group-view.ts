import type { ClassicGroup, Member } from './classic/group.ts'
import { EMPTY_ASSIGNMENT } from './classic/group.ts'
import { protocolMetadata } from './classic/protocols.ts'
import type { GroupView, MemberView } from './port.ts'
import type { GroupSlot } from './shard/group-slot.ts'

/** A group for whoever looks at it. Members are described only when they are asked for. */
export function viewGroup(
  group: ClassicGroup,
  { offsets, activity }: Pick<GroupSlot, 'offsets' | 'activity'>,
): GroupView {
  const protocolName = group.state === 'Stable' ? (group.protocolName ?? '') : ''
  return {
    groupId: group.groupId,
    type: 'classic',
    state: group.state,
    stateSinceMs: group.stateSinceMs,
    protocolType: group.protocolType ?? '',
    protocolName,
    generationId: group.generationId,
    leader: group.leader,
    memberCount: group.members.size,
    get members() {
      return [...group.members.values()].map((member) => viewMember(member, protocolName))
    },
    offsets: offsets.byTopic,
    activity,
  }
}

function viewMember(member: Member, protocolName: string): MemberView {
  const isStable = protocolName !== ''
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    sessionTimeoutMs: member.sessionTimeoutMs,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    metadata: isStable ? protocolMetadata(member, protocolName) : EMPTY_ASSIGNMENT,
    assignment: isStable ? member.assignment : EMPTY_ASSIGNMENT,
  }
}

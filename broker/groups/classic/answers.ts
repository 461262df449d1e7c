import type { ErrorName } from '../../../protocol/index.ts'
import type { JoinAnswer, SyncAnswer } from '../port.ts'
import type { ClassicGroup } from './group.ts'
import { EMPTY_ASSIGNMENT } from './group.ts'
import { protocolMetadata } from './protocols.ts'

/** What a member of the current generation learns: the leader gets all members, the others none. */
export function answerJoin(group: ClassicGroup, memberId: string): JoinAnswer {
  return {
    error: 'NONE',
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leader ?? '',
    skipAssignment: false,
    memberId,
    members: group.leader === memberId ? describeMembers(group) : [],
  }
}

export function joinError(error: ErrorName, memberId: string): JoinAnswer {
  return {
    error,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  }
}

export function answerSync(group: ClassicGroup, assignment: Buffer): SyncAnswer {
  return {
    error: 'NONE',
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    assignment,
  }
}

export function syncError(error: ErrorName): SyncAnswer {
  return { error, protocolType: null, protocolName: null, assignment: EMPTY_ASSIGNMENT }
}

export function describeMembers(group: ClassicGroup): JoinAnswer['members'] {
  const { protocolName } = group
  if (protocolName === null) return []
  return [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    metadata: protocolMetadata(member, protocolName),
  }))
}

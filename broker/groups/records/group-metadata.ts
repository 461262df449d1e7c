import type { ClassicGroup, Member } from '../classic/group.ts'
import { emptyGroup } from '../classic/group.ts'
import { protocolMetadata } from '../classic/protocols.ts'
import { subscribedTopics } from '../classic/subscribed-topics.ts'
import type { CoordinatorRecord, GroupMetadata } from './coordinator-record.ts'

/** The record of a group as it is: with members it must have chosen a protocol. */
export function groupMetadataRecord(group: ClassicGroup): CoordinatorRecord {
  return { kind: 'group', groupId: group.groupId, value: toMetadata(group) }
}

export function groupTombstone(groupId: string): CoordinatorRecord {
  return { kind: 'group', groupId, value: null }
}

function toMetadata(group: ClassicGroup): GroupMetadata {
  return {
    protocolType: group.protocolType ?? '',
    generation: group.generationId,
    protocol: group.protocolName,
    leader: group.leader,
    currentStateTimestamp: group.stateSinceMs,
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: protocolMetadata(member, group.protocolName ?? ''),
      assignment: member.assignment,
    })),
  }
}

/**
 * The group that a record describes: stable when it has members, else empty. Of the members'
 * protocols only the chosen one is known, until they join again.
 */
export function fromMetadata(groupId: string, value: GroupMetadata): ClassicGroup {
  const members = new Map(
    value.members.map((member) => [member.memberId, toMember(member, value.protocol ?? '')]),
  )
  const state = members.size === 0 ? 'Empty' : 'Stable'
  const group: ClassicGroup = {
    ...emptyGroup(groupId),
    stateSinceMs: value.currentStateTimestamp,
    state,
    previousState: state,
    generationId: value.generation,
    protocolType: value.protocolType === '' ? null : value.protocolType,
    protocolName: value.protocol,
    leader: value.leader,
    members,
  }
  return { ...group, subscribedTopics: subscribedTopics(group) }
}

function toMember(member: GroupMetadata['members'][number], protocolName: string): Member {
  const { sessionTimeout, rebalanceTimeout } = member
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    sessionTimeoutMs: sessionTimeout,
    // Version 0 had one timeout for both.
    rebalanceTimeoutMs: rebalanceTimeout === -1 ? sessionTimeout : rebalanceTimeout,
    // Copies, because the bytes are views into a batch that is read once.
    protocols: [{ name: protocolName, metadata: Buffer.from(member.subscription) }],
    assignment: Buffer.from(member.assignment),
    isNew: false,
    awaitingJoin: false,
    awaitingSync: false,
  }
}

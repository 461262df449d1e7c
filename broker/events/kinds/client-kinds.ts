import type { EventKindRows } from './event-kind-row.ts'
import { ofGroup } from './event-kind-row.ts'

/** Why the members of a group were asked to join again. */
export type RebalanceReason =
  | 'member-joined'
  | 'member-left'
  | 'member-timed-out'
  | 'leader-rejoined'
  | 'subscription-changed'
  | 'static-member-replaced'
  | 'members-did-not-sync'
  | 'size-limit-lowered'
  | 'assignment-not-recorded'

/** How a member was to show life, and did not. */
export type MissedDeadline = 'session' | 'join' | 'sync'

/** A member as an operator finds its process. */
interface MemberFacts {
  readonly group: string
  readonly memberId: string
  /** Empty for one that has only been given an id. */
  readonly clientId: string
  /** An IP address, written as Kafka's tools write it: `/10.0.0.1`. */
  readonly clientHost: string
}

/** Consumer groups, and clients that quotas hold. */
export type ClientEvent =
  | (MemberFacts & {
      readonly kind: 'group-rebalance'
      readonly reason: RebalanceReason
      /** What the client said (KIP-800); empty when it said nothing. */
      readonly clientReason: string
      /** After what brought the rebalance about. */
      readonly members: number
    })
  | (MemberFacts & { readonly kind: 'group-member-timed-out'; readonly missed: MissedDeadline })
  | (Omit<MemberFacts, 'memberId'> & { readonly kind: 'group-full' })
  | {
      readonly kind: 'quota-throttled'
      /** Whose limit it is: a user, a client id, a topic. */
      readonly entity: string
      /** Which limit, by the name that Kafka gives it. */
      readonly quota: string
      readonly throttleMs: number
    }

const WHY: Readonly<Record<RebalanceReason, string>> = {
  'member-joined': 'a member joined',
  'member-left': 'a member left',
  'member-timed-out': 'a member showed no life for as long as its session allows',
  'leader-rejoined': 'the leader asked for it, usually because partitions or topics came or went',
  'subscription-changed': 'a member subscribes to other topics, or offers other assignors',
  'static-member-replaced': 'a static member came back as another process',
  'members-did-not-sync': 'members joined and never asked for their partitions',
  'size-limit-lowered': 'the group has more members than group.max.size allows',
  'assignment-not-recorded': 'the assignment could not be written to __consumer_offsets',
}

const MISSED: Readonly<Record<MissedDeadline, string>> = {
  session: 'no heartbeat came within its session timeout',
  join: 'it did not join again within its rebalance timeout',
  sync: 'it joined and never asked for its partitions',
}

const who = ({ memberId, clientId, clientHost }: Omit<MemberFacts, 'group'>): string => {
  const client = clientId === '' ? '' : `, client id ${clientId} at ${clientHost}`
  return `${memberId}${client}`
}

const MOVED_BY = 'broker/groups/events.test.ts'

export const clientKinds: EventKindRows<ClientEvent> = {
  'group-rebalance': {
    severity: 'info',
    when: 'The members of a group were asked to join again, with the reason.',
    configs: [],
    resourceOf: ofGroup,
    explain: ({ reason, clientReason, members, ...event }) => {
      const member = event.memberId === '' ? '' : ` (${who(event)})`
      const said = clientReason === '' ? '' : `; the client says: ${clientReason}`
      return `Group ${event.group} rebalances with ${members} members: ${WHY[reason]}${member}${said}.`
    },
    remedy:
      'One in a while is as it should be. Many: look for members that time out (group-member-timed-out), restart, or take longer for their records than max.poll.interval.ms.',
    movedBy: MOVED_BY,
  },
  'group-member-timed-out': {
    severity: 'warning',
    when: 'A member was removed from its group because it showed no life.',
    configs: [],
    resourceOf: ofGroup,
    explain: ({ missed, ...event }) =>
      `Group ${event.group} lost a member (${who(event)}): ${MISSED[missed]}.`,
    remedy:
      'The process died, hangs, or pauses for garbage collection: look at it. If it only works long on its records, raise max.poll.interval.ms or fetch fewer at a time.',
    movedBy: MOVED_BY,
  },
  'group-full': {
    severity: 'warning',
    when: 'A consumer was refused because its group, or the memory for members, is full.',
    configs: [],
    resourceOf: ofGroup,
    explain: ({ group, clientId, clientHost }) =>
      `Group ${group} takes no more members: client id ${clientId} at ${clientHost} was refused.`,
    remedy:
      'More members than partitions are of no use; else raise group.max.size. Clients that never leave (no session ends) show as members without partitions.',
    movedBy: MOVED_BY,
  },
  'quota-throttled': {
    severity: 'info',
    when: 'Somebody went beyond a quota and was held up.',
    configs: [],
    resourceOf: ({ entity, quota }) => ({ kind: 'quota', name: `${entity} ${quota}` }),
    explain: ({ entity, quota, throttleMs }) =>
      `${entity} went beyond ${quota} and was held up for ${Math.round(throttleMs)} ms.`,
    remedy: 'Raise the quota, or let the client send and fetch less.',
    movedBy: 'test/e2e/quotas.test.ts',
  },
}

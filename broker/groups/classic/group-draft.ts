import type { ErrorName } from '../../../protocol/index.ts'
import type { MissedDeadline } from '../../events/index.ts'
import type { Decision, Effect } from '../decision.ts'
import type { GroupCounters, JoinAnswer, SyncAnswer } from '../port.ts'
import type { CoordinatorRecord } from '../records/coordinator-record.ts'
import { answerJoin, answerSync, joinError, syncError } from './answers.ts'
import type { ClassicGroup, LiveState, Member } from './group.ts'
import { rebalanceTimeoutMs } from './group.ts'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/**
 * A group while one decision is being made: a working copy, and what the decision wants done. The
 * group it started from stays as it is, so a decision can be dropped when its records are not
 * written. Members and sets are copied when they first change.
 */
export class GroupDraft {
  readonly #group: Mutable<ClassicGroup>
  #members: Map<string, Member> | undefined
  readonly #effects: Effect[] = []

  constructor(group: ClassicGroup) {
    this.#group = { ...group }
  }

  get group(): ClassicGroup {
    return this.#group
  }

  get members(): ReadonlyMap<string, Member> {
    return this.#group.members
  }

  get state(): LiveState {
    return this.#group.state
  }

  get effects(): readonly Effect[] {
    return this.#effects
  }

  get rebalanceTimeoutMs(): number {
    return rebalanceTimeoutMs(this.members.values())
  }

  /** All members wait for the answer to JoinGroup, and nobody with a new id is yet to come. */
  get allMembersJoined(): boolean {
    if (this.#group.pendingJoins.size > 0) return false
    for (const member of this.members.values()) if (!member.awaitingJoin) return false
    return true
  }

  set(fields: Partial<ClassicGroup>): void {
    Object.assign(this.#group, fields)
  }

  transitionTo(state: LiveState, nowMs: number): void {
    this.set({ previousState: this.#group.state, state, stateSinceMs: nowMs })
  }

  /** Adds a member; the first one leads, and fixes the protocol type. */
  addMember(member: Member, protocolType: string): void {
    const isFirst = this.members.size === 0
    this.#ownMembers().set(member.memberId, member)
    this.#without('pendingJoins', member.memberId)
    if (isFirst) this.set({ protocolType })
    if (this.#group.leader === null) this.set({ leader: member.memberId })
  }

  updateMember(memberId: string, change: Partial<Member>): Member {
    const member = this.members.get(memberId)
    if (!member) throw new Error(`no member ${memberId} in group ${this.#group.groupId}`)
    const updated = { ...member, ...change }
    this.#ownMembers().set(memberId, updated)
    return updated
  }

  /** Gives a static member's place to a new id, at the same position among the members. */
  renameMember(oldId: string, newId: string): void {
    const members = [...this.members.values()].map((member): [string, Member] =>
      member.memberId === oldId
        ? [newId, { ...member, memberId: newId, awaitingJoin: false, awaitingSync: false }]
        : [member.memberId, member],
    )
    this.#members = new Map(members)
    this.set({ members: this.#members })
    if (this.#group.leader === oldId) this.set({ leader: newId })
    if (this.#group.pendingSyncs.has(oldId)) {
      this.#without('pendingSyncs', oldId)
      this.addPendingSync(newId)
    }
    this.do({ kind: 'end-session', memberId: oldId })
  }

  /** Forgets a member, or an id that was pending. Whoever waits under it must have been answered. */
  removeMember(memberId: string): void {
    if (this.members.has(memberId)) {
      this.#ownMembers().delete(memberId)
      if (this.#group.leader === memberId) {
        const [next] = this.members.keys()
        this.set({ leader: next ?? null })
      }
    }
    this.#without('pendingJoins', memberId)
    this.#without('pendingSyncs', memberId)
    this.do({ kind: 'end-session', memberId })
  }

  addPendingJoin(memberId: string): void {
    this.set({ pendingJoins: new Set(this.#group.pendingJoins).add(memberId) })
  }

  addPendingSync(memberId: string): void {
    this.set({ pendingSyncs: new Set(this.#group.pendingSyncs).add(memberId) })
  }

  removePendingSync(memberId: string): void {
    this.#without('pendingSyncs', memberId)
    if (this.#group.pendingSyncs.size === 0) this.do({ kind: 'cancel-sync' })
  }

  /** Answers the JoinGroup that a member waits with, if any, for the current generation. */
  completeJoin(member: Member): void {
    if (!member.awaitingJoin) return
    this.#answerJoin(member.memberId, answerJoin(this.#group, member.memberId))
  }

  failJoin(member: Member, error: ErrorName, memberId: string = member.memberId): void {
    if (!member.awaitingJoin) return
    this.#answerJoin(member.memberId, joinError(error, memberId))
  }

  /** Answers the SyncGroup that a member waits with, if any; with that, the member's session restarts. */
  completeSync(member: Member, error: ErrorName = 'NONE'): void {
    if (!member.awaitingSync) return
    const answer: SyncAnswer =
      error === 'NONE' ? answerSync(this.#group, member.assignment) : syncError(error)
    this.updateMember(member.memberId, { awaitingSync: false })
    this.do({ kind: 'answer-sync', memberId: member.memberId, answer })
    this.beginSession(member)
  }

  beginSession(member: Member, timeoutMs: number = member.sessionTimeoutMs): void {
    this.do({ kind: 'begin-session', memberId: member.memberId, timeoutMs })
  }

  count(counter: keyof GroupCounters, by = 1): void {
    this.do({ kind: 'count', counter, by })
  }

  /** Operators are told that a member is gone because it missed a deadline. */
  reportTimeout(memberId: string, missed: MissedDeadline): void {
    const { groupId: group, members } = this.#group
    const { clientId = '', clientHost = '' } = members.get(memberId) ?? {}
    const kind = 'group-member-timed-out'
    this.do({ kind: 'report', event: { kind, group, memberId, clientId, clientHost, missed } })
  }

  do(effect: Effect): void {
    this.#effects.push(effect)
  }

  decide<Answer>(
    answer: Answer | undefined,
    records: readonly CoordinatorRecord[] = [],
  ): Decision<Answer> {
    return { group: this.#group, records, effects: this.#effects, answer }
  }

  #answerJoin(memberId: string, answer: JoinAnswer): void {
    this.updateMember(memberId, { awaitingJoin: false })
    this.do({ kind: 'answer-join', memberId, answer })
  }

  #ownMembers(): Map<string, Member> {
    if (!this.#members) {
      this.#members = new Map(this.#group.members)
      this.#group.members = this.#members
    }
    return this.#members
  }

  #without(set: 'pendingJoins' | 'pendingSyncs', memberId: string): void {
    if (!this.#group[set].has(memberId)) return
    const rest = new Set(this.#group[set])
    rest.delete(memberId)
    this.#group[set] = rest
  }
}

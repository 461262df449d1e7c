import type { Clock, Timers } from '../../../kit/index.ts'
import type { ErrorName } from '../../../protocol/index.ts'
import { joinError, syncError } from '../classic/answers.ts'
import type { ClassicGroup } from '../classic/group.ts'
import { memberBytesOf } from '../classic/member-bytes.ts'
import type { Effect, JoinDeadline } from '../decision.ts'
import { GroupActivity } from '../group-activity.ts'
import { GroupOffsets } from '../offsets/group-offsets.ts'
import type { JoinAnswer, SyncAnswer } from '../port.ts'
import { Deadline } from './deadline.ts'
import { Gate } from './gate.ts'

export type Resolve<Answer> = (answer: Answer) => void

/** The request behind a decision, as far as it may have to wait. */
export interface Parking {
  readonly join?: Resolve<JoinAnswer>
  readonly sync?: Resolve<SyncAnswer>
}

/** What a group's clocks call when they run out. */
export interface SlotDeadlines {
  onSession(slot: GroupSlot, memberId: string): void
  onJoin(slot: GroupSlot, armed: JoinDeadline): void
  onSync(slot: GroupSlot, generationId: number): void
}

/**
 * Everything the coordinator holds of one group id: the group itself (null when there is none), its
 * offsets, the order of work on it, who waits for an answer, and the clocks that run for it.
 */
export class GroupSlot {
  readonly groupId: string
  readonly offsets = new GroupOffsets()
  /** By topic id: of topics that were deleted and can be restored. Nobody is shown them. */
  readonly parked = new GroupOffsets()
  readonly gate = new Gate()
  readonly activity = new GroupActivity()
  /** What the join phase waits for; null when no deadline runs, or it was taken back. */
  joinDeadline: JoinDeadline | null = null
  syncGeneration: number | null = null

  #group: ClassicGroup | null = null
  #memberBytes = 0
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #deadlines: SlotDeadlines
  readonly #joins = new Map<string, Resolve<JoinAnswer>>()
  readonly #syncs = new Map<string, Resolve<SyncAnswer>>()
  readonly #sessions = new Map<string, Deadline>()
  readonly #joinClock: Deadline
  readonly #syncClock: Deadline

  constructor(groupId: string, clock: Clock, timers: Timers, deadlines: SlotDeadlines) {
    this.groupId = groupId
    this.#clock = clock
    this.#timers = timers
    this.#deadlines = deadlines
    this.#joinClock = new Deadline(clock, timers, () => {
      if (this.joinDeadline) deadlines.onJoin(this, this.joinDeadline)
    })
    this.#syncClock = new Deadline(clock, timers, () => {
      if (this.syncGeneration !== null) deadlines.onSync(this, this.syncGeneration)
    })
  }

  get group(): ClassicGroup | null {
    return this.#group
  }

  /** What its members take in memory. */
  get memberBytes(): number {
    return this.#memberBytes
  }

  setGroup(group: ClassicGroup | null): void {
    const before = this.#group
    this.#group = group
    // Groups share what did not change, and most decisions change no members.
    if (before?.members === group?.members && before?.pendingJoins === group?.pendingJoins) return
    this.#memberBytes = group ? memberBytesOf(group) : 0
  }

  /** Nothing of it is worth keeping: no group, or one that nobody joined and nothing records. */
  get isForgettable(): boolean {
    const { offsets, parked } = this
    return this.gate.isIdle && offsets.size === 0 && parked.size === 0 && isTrace(this.group)
  }

  /** Whether the member's session has run out, and no sign of life came since. */
  isSessionOver(memberId: string): boolean {
    return this.#sessions.get(memberId)?.isReached ?? false
  }

  /** Carries out one effect; `parking` is the request that it may concern. */
  perform(effect: Exclude<Effect, { kind: 'count' | 'report' }>, parking: Parking): void {
    switch (effect.kind) {
      case 'park-join':
        park(this.#joins, effect.memberId, parking.join, () =>
          joinError('REBALANCE_IN_PROGRESS', effect.memberId),
        )
        break
      case 'park-sync':
        park(this.#syncs, effect.memberId, parking.sync, () => syncError('REBALANCE_IN_PROGRESS'))
        break
      case 'answer-join':
        answer(this.#joins, effect.memberId, effect.answer)
        break
      case 'answer-sync':
        answer(this.#syncs, effect.memberId, effect.answer)
        break
      case 'begin-session':
        this.#beginSession(effect.memberId, effect.timeoutMs)
        break
      case 'end-session':
        this.#sessions.get(effect.memberId)?.cancel()
        this.#sessions.delete(effect.memberId)
        break
      case 'arm-join':
        this.joinDeadline = effect.deadline
        this.#joinClock.cancel()
        this.#joinClock.set(effect.delayMs)
        break
      case 'cancel-join':
        this.joinDeadline = null
        this.#joinClock.cancel()
        break
      case 'arm-sync':
        this.syncGeneration = effect.generationId
        this.#syncClock.cancel()
        this.#syncClock.set(effect.delayMs)
        break
      case 'cancel-sync':
        this.syncGeneration = null
        this.#syncClock.cancel()
        break
    }
  }

  /** Stops all clocks and answers all who wait with `error`. */
  close(error: ErrorName): void {
    this.perform({ kind: 'cancel-join' }, {})
    this.perform({ kind: 'cancel-sync' }, {})
    for (const session of this.#sessions.values()) session.cancel()
    this.#sessions.clear()
    for (const [memberId, resolve] of this.#joins) resolve(joinError(error, memberId))
    for (const resolve of this.#syncs.values()) resolve(syncError(error))
    this.#joins.clear()
    this.#syncs.clear()
  }

  #beginSession(memberId: string, timeoutMs: number): void {
    let session = this.#sessions.get(memberId)
    if (!session) {
      session = new Deadline(this.#clock, this.#timers, () =>
        this.#deadlines.onSession(this, memberId),
      )
      this.#sessions.set(memberId, session)
    }
    session.set(timeoutMs)
  }
}

/** A group that exists in memory only, because somebody asked to join and did not. */
function isTrace(group: ClassicGroup | null): boolean {
  if (group === null) return true
  return group.state === 'Empty' && group.generationId === 0 && group.pendingJoins.size === 0
}

/**
 * Keeps a request under its member's id. When one is there already, its client has given it up and
 * asks again: the old one is answered, because nobody else ever would.
 */
function park<Answer>(
  parked: Map<string, Resolve<Answer>>,
  memberId: string,
  resolve: Resolve<Answer> | undefined,
  superseded: () => Answer,
): void {
  if (!resolve) throw new Error(`nothing to park for member ${memberId}`)
  parked.get(memberId)?.(superseded())
  parked.set(memberId, resolve)
}

function answer<Answer>(
  parked: Map<string, Resolve<Answer>>,
  memberId: string,
  value: Answer,
): void {
  parked.get(memberId)?.(value)
  parked.delete(memberId)
}

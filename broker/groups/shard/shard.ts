import type { Cancel, Clock, Logger, Timers } from '../../../kit/index.ts'
import type { ErrorName } from '../../../protocol/index.ts'
import type { ReportEvent } from '../../events/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'
import {
  decideJoinDeadline,
  decideLoaded,
  decideSessionExpiry,
  decideSyncDeadline,
} from '../classic/deadlines.ts'
import { emptyGroup } from '../classic/group.ts'
import type { MutableCounters } from '../counters.ts'
import type { Decision, DecisionContext, Effect } from '../decision.ts'
import { unchanged } from '../decision.ts'
import type { GroupConfig } from '../group-config.ts'
import type { TopicLookup } from '../offsets/follow-topics.ts'
import { decideFollowTopics } from '../offsets/follow-topics.ts'
import { decideExpiry } from '../offsets/remove.ts'
import type { CoordinatorRecord } from '../records/coordinator-record.ts'
import { fromMetadata } from '../records/group-metadata.ts'
import type { Mode } from './gate.ts'
import type { Parking, Resolve, SlotDeadlines } from './group-slot.ts'
import { GroupSlot } from './group-slot.ts'
import { loadRecords } from './shard-loader.ts'
import type { AppendRecords } from './shard-writer.ts'
import { ShardWriter } from './shard-writer.ts'

export interface ShardOptions {
  readonly store: LogStore
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly config: GroupConfig
  readonly counters: MutableCounters
  readonly report: ReportEvent
  readonly topics: TopicLookup
  /** Called when the log went another way than this shard: it has unloaded itself. */
  readonly onLost: (shard: Shard) => void
}

/** A request to decide: how, what to answer when it cannot be done, and where the answer goes. */
export interface Call<Answer> {
  readonly groupId: string
  readonly mode: Mode
  decide(slot: GroupSlot, context: DecisionContext): Decision<Answer>
  fail(error: ErrorName): Answer
  /**
   * Appends the records itself, together with what must not be durable without them; by default the
   * shard appends them alone.
   */
  readonly append?: AppendRecords
  /** Where requests go that must wait for the group. */
  readonly parking?: (resolve: Resolve<Answer>) => Parking
}

/** How many groups are swept before others get a turn. */
const SWEEP_SLICE = 500

/**
 * The coordinator of the groups that fall into one partition of `__consumer_offsets`. It is loaded
 * from that partition, and everything it decides goes through one path: decide, write, apply,
 * answer. What is applied is what a later load would read.
 */
export class Shard implements SlotDeadlines {
  readonly partition: number
  /** Leader epoch under which it was loaded; a log of another epoch is another coordinator's. */
  readonly epoch: number
  state: 'loading' | 'active' | 'unloaded' = 'loading'

  readonly #log: PartitionLog
  readonly #options: ShardOptions
  readonly #slots = new Map<string, GroupSlot>()
  #writer: ShardWriter | undefined
  #groupCount = 0
  #memberBytes = 0

  constructor(log: PartitionLog, options: ShardOptions) {
    this.partition = log.partition
    this.epoch = log.leaderEpoch
    this.#log = log
    this.#options = options
  }

  get slots(): ReadonlyMap<string, GroupSlot> {
    return this.#slots
  }

  get groupCount(): number {
    return this.#groupCount
  }

  get memberBytes(): number {
    return this.#memberBytes
  }

  /** Reads its partition and takes up work. Rejects, and stays useless, when that cannot be read. */
  async load(): Promise<void> {
    const { store, clock, config, counters } = this.#options
    const endOffset = await loadRecords(store, this.#log, (record) => this.#replay(record))
    if (this.state === 'unloaded') return
    this.#writer = new ShardWriter(store, this.#log, endOffset, { clock, config, counters })
    this.state = 'active'
    counters.shardLoads++
    for (const slot of [...this.#slots.values()]) {
      if (slot.group) this.#deadline(slot, (group, context) => decideLoaded(group, context))
    }
    void this.followTopics()
  }

  /** Gives up its groups: whoever waits is answered NOT_COORDINATOR. Calling it again is fine. */
  unload(): void {
    this.state = 'unloaded'
    for (const slot of this.#slots.values()) slot.close('NOT_COORDINATOR')
    this.#slots.clear()
    this.#groupCount = 0
    this.#memberBytes = 0
  }

  /** Resolves when no write is under way. */
  idle(): Promise<void> {
    return this.#writer?.idle() ?? Promise.resolve()
  }

  /** Decides a request when it is its turn; the answer may take as long as a rebalance. */
  call<Answer>(call: Call<Answer>): Promise<Answer> {
    return new Promise((resolve) => this.#enter(this.#slotOf(call.groupId), call, resolve))
  }

  /** Drops what nobody has used for as long as the configuration keeps it. */
  expireOffsets(): void {
    void this.#sweep((slot, context) =>
      decideExpiry(slot.group, slot.offsets, slot.parked, context),
    )
    void this.followTopics()
  }

  /** Lets offsets follow topics that were deleted, restored or purged. Resolves when they do; never rejects. */
  followTopics(): Promise<void> {
    const { topics } = this.#options
    return this.#sweep((slot) => decideFollowTopics(slot.group, slot.offsets, slot.parked, topics))
  }

  onSession(slot: GroupSlot, memberId: string): void {
    this.#deadline(slot, (group, context) =>
      // Its heartbeat may have been waiting before this.
      slot.isSessionOver(memberId)
        ? decideSessionExpiry(group, memberId, context)
        : unchanged(group, undefined),
    )
  }

  onJoin(slot: GroupSlot, armed: NonNullable<GroupSlot['joinDeadline']>): void {
    this.#deadline(slot, (group, context) =>
      slot.joinDeadline === armed
        ? decideJoinDeadline(group, armed, context)
        : unchanged(group, undefined),
    )
  }

  onSync(slot: GroupSlot, generationId: number): void {
    this.#deadline(slot, (group, context) =>
      slot.syncGeneration === generationId
        ? decideSyncDeadline(group, generationId, context)
        : unchanged(group, undefined),
    )
  }

  #slotOf(groupId: string): GroupSlot {
    let slot = this.#slots.get(groupId)
    if (!slot) {
      slot = new GroupSlot(groupId, this.#options.clock, this.#options.timers, this)
      this.#slots.set(groupId, slot)
    }
    return slot
  }

  #deadline(
    slot: GroupSlot,
    decide: (
      group: NonNullable<GroupSlot['group']>,
      context: DecisionContext,
    ) => Decision<undefined>,
  ): void {
    this.#internal(slot, (_, context) =>
      slot.group ? decide(slot.group, context) : unchanged(null, undefined),
    )
  }

  /** Work of the shard's own. `done` is called when it is, whatever came of it. */
  #internal(slot: GroupSlot, decide: Call<undefined>['decide'], done = (): void => {}): void {
    const call: Call<true> = {
      groupId: slot.groupId,
      mode: 'exclusive',
      decide: (decided, context) => {
        const { group, records, effects } = decide(decided, context)
        return { group, records, effects, answer: true }
      },
      fail: () => true,
    }
    this.#enter(slot, call, done)
  }

  /** Resolves when all groups that there are now have had their turn. */
  #sweep(decide: Call<undefined>['decide']): Promise<void> {
    const groupIds = [...this.#slots.keys()]
    const swept = Promise.withResolvers<void>()
    let left = groupIds.length
    const done = (): void => {
      left--
      if (left === 0) swept.resolve()
    }
    const next = (from: number): void => {
      for (const groupId of groupIds.slice(from, from + SWEEP_SLICE)) {
        const slot = this.#slots.get(groupId)
        if (slot) this.#internal(slot, decide, done)
        else done()
      }
      const to = from + SWEEP_SLICE
      if (to < groupIds.length) this.#options.timers.after(0, () => next(to))
    }
    if (left === 0) swept.resolve()
    else next(0)
    return swept.promise
  }

  /** Decide, write, apply, answer: every change of a group goes this way. */
  #enter<Answer>(slot: GroupSlot, call: Call<Answer>, resolve: Resolve<Answer>): void {
    slot.gate.enter(call.mode, () => {
      if (this.state !== 'active') {
        resolve(call.fail('NOT_COORDINATOR'))
        slot.gate.leave(call.mode)
        return
      }
      const decision = call.decide(slot, this.#context())
      if (decision.records.length === 0) {
        this.#apply(slot, call, decision, resolve)
        this.#leave(slot, call.mode)
        return
      }
      const giveUp = this.#giveUpLater(call, resolve)
      this.#write(decision.records, call.append, (error) => {
        giveUp()
        if (error === null) {
          this.#apply(slot, call, decision, resolve)
        } else if (decision.onFailure && this.state === 'active') {
          this.#apply(slot, call, { ...decision.onFailure(error), records: [] }, resolve)
        } else {
          resolve(call.fail(error))
        }
        this.#leave(slot, call.mode)
      })
    })
  }

  /**
   * The write goes on, and counts if it succeeds; but its client shall not wait for ever. Who
   * appends itself knows how long it takes, and must hear what came of it.
   */
  #giveUpLater<Answer>(call: Call<Answer>, resolve: Resolve<Answer>): Cancel {
    if (call.append) return () => {}
    const { timers, config } = this.#options
    return timers.after(config.commitTimeoutMs, () =>
      resolve(call.fail('COORDINATOR_NOT_AVAILABLE')),
    )
  }

  /** Calls back with null when the records are durable, else with what to answer. */
  #write(
    records: readonly CoordinatorRecord[],
    append: AppendRecords | undefined,
    done: (error: ErrorName | null) => void,
  ): void {
    const isMine = this.#log.leaderEpoch === this.epoch && this.#log.state === 'open'
    if (!this.#writer || !isMine) {
      this.#lose()
      done('NOT_COORDINATOR')
      return
    }
    this.#writer.write(records, append, (outcome) => {
      if (outcome.kind === 'lost') this.#lose()
      // A shard that was unloaded meanwhile has told its members so; the records stand or fall
      // with the next load.
      if (outcome.kind === 'lost' || this.state !== 'active') done('NOT_COORDINATOR')
      else done(outcome.kind === 'durable' ? null : outcome.error)
    })
  }

  #apply<Answer>(
    slot: GroupSlot,
    call: Call<Answer>,
    decision: Decision<Answer>,
    resolve: Resolve<Answer>,
  ): void {
    const nowMs = this.#options.clock.now()
    const isCommit = decision.effects.some(isCommitCount)
    for (const record of decision.records) {
      if (record.kind === 'group') continue
      if (isCommit) this.#noteTail(slot, record, nowMs)
      applyOffset(slot, record)
    }
    this.#setGroup(slot, decision.group)
    const parking = call.parking?.(resolve) ?? {}
    for (const effect of decision.effects) {
      if (effect.kind === 'count') {
        this.#options.counters[effect.counter] += effect.by
        slot.activity.count(effect.counter, effect.by, nowMs)
      } else if (effect.kind === 'report') this.#options.report(effect.event)
      else slot.perform(effect, parking)
    }
    // A request without an answer is parked, or nobody's.
    if (decision.answer !== undefined) resolve(decision.answer)
  }

  /** How long the last record that a commit covers took to be committed; nothing of one that did not go forward. */
  #noteTail(slot: GroupSlot, record: OffsetRecord, nowMs: number): void {
    const { value, partition } = record
    if (record.kind !== 'offset' || value === null) return
    const before = slot.offsets.byTopic.get(record.topic)?.get(partition)
    if (before && before.offset >= value.offset) return
    const log = this.#options.store.find(value.topicId, partition)
    const span = log?.appendSpan(value.offset - 1)
    if (span) slot.activity.noteTail(Math.max(0, nowMs - span.latestMs))
  }

  #leave(slot: GroupSlot, mode: Mode): void {
    slot.gate.leave(mode)
    if (this.#slots.get(slot.groupId) === slot) this.#forget(slot)
  }

  /** Lets go of a slot in which there is nothing worth keeping. */
  #forget(slot: GroupSlot): void {
    if (!slot.isForgettable) return
    this.#setGroup(slot, null)
    slot.close('UNKNOWN_MEMBER_ID')
    this.#slots.delete(slot.groupId)
  }

  #lose(): void {
    if (this.state === 'unloaded') return
    this.unload()
    this.#options.onLost(this)
  }

  #replay(record: CoordinatorRecord): void {
    const slot = this.#slotOf(record.groupId)
    if (record.kind !== 'group') {
      applyOffset(slot, record)
      // Offsets without group metadata are a simple consumer's.
      if (record.value) this.#setGroup(slot, slot.group ?? emptyGroup(record.groupId))
    } else {
      this.#setGroup(slot, record.value && fromMetadata(record.groupId, record.value))
    }
    this.#forget(slot)
  }

  #setGroup(slot: GroupSlot, group: GroupSlot['group']): void {
    this.#groupCount += Number(group !== null) - Number(slot.group !== null)
    this.#memberBytes -= slot.memberBytes
    slot.setGroup(group)
    this.#memberBytes += slot.memberBytes
  }

  #context(): DecisionContext {
    return { nowMs: this.#options.clock.now(), config: this.#options.config }
  }
}

type OffsetRecord = Exclude<CoordinatorRecord, { readonly kind: 'group' }>

function isCommitCount(effect: Effect): boolean {
  return effect.kind === 'count' && effect.counter === 'offsetCommits'
}

function applyOffset(slot: GroupSlot, record: OffsetRecord): void {
  const { partition, value } = record
  const [offsets, topic] =
    record.kind === 'offset' ? [slot.offsets, record.topic] : [slot.parked, record.topicId]
  if (value) offsets.set(topic, partition, value)
  else offsets.delete(topic, partition)
}

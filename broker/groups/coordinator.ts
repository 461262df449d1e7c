import type { Cancel, Clock, Logger, Random, Timers } from '../../kit/index.ts'
import type { ErrorName } from '../../protocol/index.ts'
import type {
  ControlPlane,
  GroupAnswer,
  GroupAppend,
  GroupChange,
  GroupCommand,
} from '../control/index.ts'
import type { ReportEvent } from '../events/index.ts'
import type { LogStore } from '../log/index.ts'
import { joinError, syncError } from './classic/answers.ts'
import type { ClassicGroup } from './classic/group.ts'
import { staticMemberId } from './classic/group.ts'
import { decideHeartbeat } from './classic/heartbeat.ts'
import { decideJoin, groupFull } from './classic/join.ts'
import { decideLeave } from './classic/leave.ts'
import { joiningBytesOf, protocolBytesOf } from './classic/member-bytes.ts'
import { decideSync } from './classic/sync.ts'
import { createCounters } from './counters.ts'
import type { Decision, DecisionContext } from './decision.ts'
import { unchanged } from './decision.ts'
import type { GroupConfig } from './group-config.ts'
import { viewGroup } from './group-view.ts'
import { newMemberId } from './member-id.ts'
import { summarizeChange } from './offsets/change-summary.ts'
import { commitError, decideCommit } from './offsets/commit.ts'
import { decideDeleteGroup, decideDeleteOffsets } from './offsets/remove.ts'
import { decideReset } from './offsets/reset.ts'
import { OffsetsTopic } from './offsets-topic.ts'
import type {
  CommitAnswer,
  CommitRequest,
  FetchOffsetsAnswer,
  GroupCoordinator,
  GroupCounters,
  GroupListing,
  GroupView,
  HeartbeatRequest,
  JoinAnswer,
  JoinRequest,
  LeaveAnswer,
  LeavingMember,
  SyncAnswer,
  SyncRequest,
} from './port.ts'
import { fitsRecord } from './records/coordinator-record.ts'
import type { GroupSlot } from './shard/group-slot.ts'
import type { Call, Shard } from './shard/shard.ts'
import { Shards } from './shards.ts'
import { topicLookup } from './topic-lookup.ts'

export interface GroupCoordinatorOptions {
  readonly store: LogStore
  readonly control: ControlPlane
  readonly config: GroupConfig
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
  /** Told of rebalances and of members that are lost; nobody when left out. */
  readonly report?: ReportEvent
}

export function createGroupCoordinator(options: GroupCoordinatorOptions): GroupCoordinator {
  return new ClassicGroupCoordinator(options)
}

/** A decision about a command always answers. */
const NO_ANSWER: GroupAnswer = { error: 'UNKNOWN_SERVER_ERROR', message: null }

const NO_OFFSETS: FetchOffsetsAnswer['offsets'] = new Map()

class ClassicGroupCoordinator implements GroupCoordinator {
  readonly #options: GroupCoordinatorOptions
  readonly #counters = createCounters()
  readonly #topic: OffsetsTopic
  readonly #shards: Shards
  readonly #stops: Cancel[] = []
  #isReconciling = false

  constructor(options: GroupCoordinatorOptions) {
    const { control, config, logger } = options
    this.#options = options
    this.#topic = new OffsetsTopic(control, config, logger)
    this.#shards = new Shards({
      ...options,
      report: options.report ?? (() => {}),
      counters: this.#counters,
      topics: topicLookup(control.state),
    })
  }

  get counters(): GroupCounters {
    return this.#counters
  }

  async start(): Promise<void> {
    const { control, timers, config } = this.#options
    this.#stops.push(control.onApplied(() => this.#reconcileSoon()))
    this.#stops.push(control.onTopicsChanged(() => this.#followTopics()))
    control.attachGroups(this)
    this.#stops.push(this.#expireEvery(() => config.offsetsRetentionCheckIntervalMs, timers))
    const topic = this.#topic.find()
    if (topic) await this.#shards.open(topic)
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop()
    await this.#shards.stop()
  }

  async findCoordinator(groupId: string): Promise<ErrorName> {
    const shard = await this.#shardOf(groupId)
    // While it loads it is found all the same: requests to it will say that it loads.
    if (typeof shard !== 'string' || shard === 'COORDINATOR_LOAD_IN_PROGRESS') return 'NONE'
    return 'COORDINATOR_NOT_AVAILABLE'
  }

  async join(request: JoinRequest): Promise<JoinAnswer> {
    this.#counters.joins++
    const { config, random } = this.#options
    const error = checkJoin(request, config)
    if (error !== 'NONE') return joinError(error, request.memberId)
    return this.#call({
      groupId: request.groupId,
      mode: 'exclusive',
      fail: (failure) => joinError(failure, request.memberId),
      parking: (resolve) => ({ join: resolve }),
      decide: (slot, context) => {
        const createsGroup = slot.group === null && request.memberId === ''
        const hasRoom = !createsGroup || this.#hasRoomForGroup()
        if (!hasRoom || !this.#hasRoomForMember(slot.group, request)) {
          const refusal = joinError('GROUP_MAX_SIZE_REACHED', '')
          return unchanged(slot.group, refusal, [groupFull(request)])
        }
        const { clientId, groupInstanceId } = request
        return decideJoin(slot.group, request, {
          ...context,
          newMemberId: newMemberId(random, clientId, groupInstanceId),
        })
      },
    })
  }

  async sync(request: SyncRequest): Promise<SyncAnswer> {
    this.#counters.syncs++
    if (request.groupId === '') return syncError('INVALID_GROUP_ID')
    return this.#call({
      groupId: request.groupId,
      mode: 'exclusive',
      fail: syncError,
      parking: (resolve) => ({ sync: resolve }),
      decide: (slot, context) => decideSync(slot.group, request, context),
    })
  }

  async heartbeat(request: HeartbeatRequest): Promise<ErrorName> {
    this.#counters.heartbeats++
    if (request.groupId === '') return 'INVALID_GROUP_ID'
    return this.#call({
      groupId: request.groupId,
      // It changes nothing that a commit depends on, and shall not wait for one.
      mode: 'shared',
      // A member of a group that is still loading has nothing to worry about.
      fail: (error) => (error === 'COORDINATOR_LOAD_IN_PROGRESS' ? 'NONE' : error),
      decide: (slot) => decideHeartbeat(slot.group, request),
    })
  }

  async leave(groupId: string, members: readonly LeavingMember[]): Promise<LeaveAnswer> {
    this.#counters.leaves++
    if (groupId === '') return { error: 'INVALID_GROUP_ID', members: [] }
    return this.#call({
      groupId,
      mode: 'exclusive',
      fail: (error): LeaveAnswer => ({ error, members: [] }),
      decide: (slot, context) => decideLeave(slot.group, members, context),
    })
  }

  async commitOffsets(request: CommitRequest): Promise<CommitAnswer> {
    return this.#call({
      groupId: request.groupId,
      mode: 'shared',
      fail: (error) => commitError(request, error),
      decide: (slot, context) =>
        slot.group === null && request.generationId < 0 && !this.#hasRoomForGroup()
          ? unchanged(null, commitError(request, 'POLICY_VIOLATION'))
          : decideCommit(slot.group, request, context),
    })
  }

  async fetchOffsets(groupId: string, requireStable: boolean): Promise<FetchOffsetsAnswer> {
    const shard = await this.#shardOf(groupId)
    if (typeof shard === 'string') return { error: shard, offsets: NO_OFFSETS }
    const read = (): FetchOffsetsAnswer => ({
      error: 'NONE',
      offsets: shard.slots.get(groupId)?.offsets.byTopic ?? NO_OFFSETS,
    })
    if (!requireStable) return read()
    return shard.call({
      groupId,
      // Waits for the commits before it, and holds up those behind it.
      mode: 'exclusive',
      fail: (error): FetchOffsetsAnswer => ({ error, offsets: NO_OFFSETS }),
      decide: (slot) => unchanged(slot.group, read()),
    })
  }

  async prepare(): Promise<void> {
    await this.#shardOf('')
  }

  isMissing(groupId: string): boolean {
    const shard = this.#shards.find(groupId)
    return typeof shard !== 'string' && !shard.slots.get(groupId)?.group
  }

  async change(
    command: GroupCommand,
    validateOnly: boolean,
    append: (change: GroupChange) => Promise<GroupAppend>,
  ): Promise<GroupAnswer> {
    const shard = fitsRecord(command.groupId)
      ? this.#shards.find(command.groupId)
      : 'INVALID_GROUP_ID'
    if (typeof shard === 'string') return { error: shard, message: null }
    let change: Omit<GroupChange, 'entries'> = { before: null, after: null }
    let wasAppended = false
    const answer = await shard.call<GroupAnswer>({
      groupId: command.groupId,
      mode: 'exclusive',
      fail: (error) => ({ error, message: null }),
      decide: (slot, context) => {
        const decision = this.#decideChange(command, slot, context)
        change = summarizeChange(command.groupId, slot.offsets, decision.records)
        if (command.kind === 'group.delete') change = { ...change, after: null }
        const { answer = NO_ANSWER } = decision
        return validateOnly ? unchanged(slot.group, answer) : decision
      },
      append: (entries) => {
        wasAppended = true
        return append({ ...change, entries })
      },
    })
    // Nothing had to be written: that it was asked for is recorded all the same.
    if (answer.error === 'NONE' && !wasAppended && !validateOnly) {
      await append({ ...change, entries: [] })
    }
    return answer
  }

  list(): GroupListing {
    const groups: GroupView[] = []
    for (const shard of this.#shards.all()) {
      for (const slot of shard.slots.values()) {
        if (slot.group && shard.state === 'active') groups.push(viewGroup(slot.group, slot))
      }
    }
    return { error: this.#shards.areLoaded ? 'NONE' : 'COORDINATOR_LOAD_IN_PROGRESS', groups }
  }

  async describe(groupId: string): Promise<GroupView | ErrorName | null> {
    const shard = await this.#shardOf(groupId)
    if (typeof shard === 'string') return shard
    const slot = shard.slots.get(groupId)
    return slot?.group ? viewGroup(slot.group, slot) : null
  }

  async #call<Answer>(call: Call<Answer>): Promise<Answer> {
    if (!fitsRecord(call.groupId)) return call.fail('INVALID_GROUP_ID')
    const shard = await this.#shardOf(call.groupId)
    return typeof shard === 'string' ? call.fail(shard) : shard.call(call)
  }

  async #shardOf(groupId: string): Promise<Shard | ErrorName> {
    const topic = this.#topic.find() ?? (await this.#topic.ensure())
    if (!topic) return 'COORDINATOR_NOT_AVAILABLE'
    if (!this.#shards.isOpen(topic)) await this.#shards.open(topic)
    return this.#shards.find(groupId)
  }

  #decideChange(
    command: GroupCommand,
    { group, offsets, parked }: GroupSlot,
    context: DecisionContext,
  ): Decision<GroupAnswer> {
    switch (command.kind) {
      case 'group.offsets.reset': {
        const { topics } = this.#options.control.state
        return decideReset(group, offsets, command, (name) => topics.get(name), context)
      }
      case 'group.offsets.delete':
        return withMessage(decideDeleteOffsets(group, offsets, command))
      case 'group.delete':
        return withMessage(decideDeleteGroup(group, offsets, parked))
    }
  }

  #hasRoomForGroup(): boolean {
    return this.#shards.groupCount < this.#options.config.maxGroups
  }

  /** Whether there is memory for who joins; who is known already may always bring what it had. */
  #hasRoomForMember(group: ClassicGroup | null, request: JoinRequest): boolean {
    const sizeBytes = joiningBytesOf(request)
    if (this.#shards.memberBytes + sizeBytes <= this.#options.config.maxMemberBytes) return true
    const { memberId, groupInstanceId } = request
    const isStaticAgain = group !== null && memberId === '' && groupInstanceId !== null
    const knownId = isStaticAgain ? staticMemberId(group, groupInstanceId) : memberId
    const known = group?.members.get(knownId ?? '')
    return known !== undefined && sizeBytes <= joiningBytesOf(known)
  }

  /** Looks at what became of the coordinator's own topic once the current burst of changes is over. */
  #reconcileSoon(): void {
    if (this.#isReconciling) return
    this.#isReconciling = true
    this.#options.timers.after(0, () => {
      this.#isReconciling = false
      this.#reconcile()
    })
  }

  #reconcile(): void {
    const topic = this.#topic.find()
    if (topic) void this.#shards.open(topic)
    else this.#shards.close()
  }

  /** Offsets of deleted topics are put aside, and come back with them. */
  async #followTopics(): Promise<void> {
    const active = [...this.#shards.all()].filter(({ state }) => state === 'active')
    await Promise.all(active.map((shard) => shard.followTopics()))
  }

  #expireEvery(periodMs: () => number, timers: Timers): Cancel {
    let cancel: Cancel = () => {}
    const arm = (): void => {
      cancel = timers.after(periodMs(), () => {
        for (const shard of this.#shards.all()) {
          if (shard.state === 'active') shard.expireOffsets()
        }
        arm()
      })
    }
    arm()
    return () => cancel()
  }
}

/** Errors of these say all that there is to say. */
function withMessage(decision: Decision<ErrorName>): Decision<GroupAnswer> {
  const { group, records, effects, answer } = decision
  return {
    group,
    records,
    effects,
    answer: { error: answer ?? 'UNKNOWN_SERVER_ERROR', message: null },
  }
}

function checkJoin(request: JoinRequest, config: GroupConfig): ErrorName {
  if (request.groupId === '') return 'INVALID_GROUP_ID'
  const { sessionTimeoutMs } = request
  if (
    sessionTimeoutMs < config.minSessionTimeoutMs ||
    sessionTimeoutMs > config.maxSessionTimeoutMs
  ) {
    return 'INVALID_SESSION_TIMEOUT'
  }
  const texts = [request.clientId, request.groupInstanceId ?? '', request.protocolType]
  if (!texts.every(fitsRecord)) return 'INVALID_REQUEST'
  // It could never be recorded, and would only take memory until then.
  if (protocolBytesOf(request.protocols) > config.maxBatchBytes) return 'MESSAGE_TOO_LARGE'
  return request.protocols.every(({ name }) => fitsRecord(name)) ? 'NONE' : 'INVALID_REQUEST'
}

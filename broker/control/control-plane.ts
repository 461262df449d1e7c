import type { FollowedHistory, HistoryState, HistoryTrail } from '../../audit/index.ts'
import type { Clock, Logger, Random, Timers } from '../../kit/index.ts'
import { randomUuid } from '../../kit/index.ts'
import type { LogStore } from '../log/index.ts'
import type { Authorizer } from './access.ts'
import { openAuthorizer } from './access.ts'
import type { Actor } from './actor.ts'
import type { BrokerConfig } from './broker-config.ts'
import { CallRunner, isGroupCommand } from './call-runner.ts'
import { CommandDecider } from './command-decider.ts'
import type { Command } from './commands.ts'
import type { DecisionContext } from './decide/decision.ts'
import type { EffectiveTopicConfig } from './effective-topic-config.ts'
import { EffectiveTopicConfigs } from './effective-topic-configs.ts'
import type { LiveState } from './fold/folded-state.ts'
import type { Replay } from './fold/replay.ts'
import { replayHistory } from './fold/replay.ts'
import { replayTrail } from './fold/trail-replay.ts'
import type { GroupChanges } from './group-changes.ts'
import type { Call } from './history-record.ts'
import { aggregateRecord, clusterRecord, observationRecord, systemActor } from './history-record.ts'
import { Ledger } from './ledger.ts'
import type { ListenerChanges, PlanListeners } from './listeners.ts'
import { planNothing } from './listeners.ts'
import { LogEffects } from './log-effects.ts'
import type { LogHistory } from './log-history.ts'
import { openLogHistory } from './log-history.ts'
import { ObservationAggregator } from './observations/aggregator.ts'
import { AttemptMeter } from './observations/attempt-meter.ts'
import type { Observation, ObservationGroup } from './observations/observation.ts'
import type {
  Attempt,
  ClusterState,
  ControlPlane,
  ExecuteOptions,
  Outcome,
  SecretReader,
} from './port.ts'
import type { RewindAnswer, RewindRequest } from './rewind/rewind-request.ts'
import { Rewinds } from './rewind/rewinds.ts'
import { newSecret } from './secrets/new-secret.ts'
import type { SecretKeySource } from './secrets/secret-key.ts'
import { SecretStore } from './secrets/secret-store.ts'
import type { UpkeepTask } from './upkeep.ts'
import { Upkeep } from './upkeep.ts'

export interface ControlPlaneOptions {
  readonly log: LogStore
  readonly config: BrokerConfig
  readonly nodeId: number
  readonly secretKey: SecretKeySource
  /** Made from the state that it decides by; without one everybody may everything. */
  readonly authorizer?: (state: ClusterState) => Authorizer
  /** The verifier key of the checkpoints of a new cluster, which record 0 names; none when left out. */
  readonly auditKeyOf?: (clusterId: string) => Promise<string>
  /**
   * Follows the history, and knows the state that it comes to without reading all of it. Without one
   * the history is folded from its first record.
   */
  readonly openTrail?: (history: FollowedHistory) => Promise<HistoryTrail>
  /** What listeners there would be; none can be changed when left out. */
  readonly planListeners?: PlanListeners
  /** The same for a state that is only thought of; it must not become the one in effect. */
  readonly authorizerIn?: (state: ClusterState) => Authorizer
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/**
 * Opens the control plane: folds the history, which it begins when there is none, and makes the
 * storage engine follow it. Throws a HistoryError when the history cannot be used, a ConfigError
 * when secrets are kept and their key is not there.
 */
export async function createControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { log, secretKey: keySource, clock, random } = options
  const history = await openLogHistory(log)
  const secrets = await SecretStore.open({ log, keySource, clock, random })
  const trail = await options.openTrail?.(history)
  const replay = trail ? await replayTrail(trail, log) : await replayHistory(history)
  const control = new LogControlPlane(options, history, secrets, replay)
  await control.start(replay.deletedTopicIds)
  return control
}

/** More calls than connections have room for: somebody asks without waiting for the answers. */
const MAX_WAITING_CALLS = 10_000

const UNDONE = { seq: -1, after: null } as const
const STOPPING = {
  ...UNDONE,
  ...({ error: 'KAFKA_STORAGE_ERROR', message: 'the broker is stopping' } as const),
}
const TOO_BUSY = {
  ...UNDONE,
  ...({ error: 'REQUEST_TIMED_OUT', message: 'too many calls are waiting' } as const),
}

class LogControlPlane implements ControlPlane {
  readonly history: LogHistory
  readonly config: BrokerConfig
  readonly secrets: SecretReader
  readonly #options: ControlPlaneOptions
  readonly #state: LiveState
  readonly #topicConfigs: EffectiveTopicConfigs
  readonly #effects: LogEffects
  readonly #ledger: Ledger
  readonly #runner: CallRunner
  readonly #upkeep: Upkeep
  readonly #observations: ObservationAggregator
  readonly #rewinds: Rewinds
  readonly #listeners = new Set<(state: ClusterState) => void>()
  readonly #followers = new Set<() => Promise<void>>()
  readonly #observers = new Set<(observation: Observation) => void>()
  /** The call that runs, or the last one. */
  #turn: Promise<unknown> = Promise.resolve()
  #waitingCalls = 0
  #isStopping = false
  /** Counts records about topics, to see whether a call had any. */
  #topicRecords = 0

  constructor(
    options: ControlPlaneOptions,
    history: LogHistory,
    secrets: SecretStore,
    { state, resources }: Replay,
  ) {
    const { log, config, logger, clock, timers } = options
    this.#options = options
    this.history = history
    this.config = config
    this.secrets = secrets
    this.#state = state
    this.#topicConfigs = new EffectiveTopicConfigs(config)
    this.#effects = new LogEffects(log, state, this.#topicConfigs, logger, timers, (work) => {
      void this.#inTurn(work)
    })
    this.#ledger = new Ledger(history, state, resources, secrets, logger, ({ resource }) => {
      if (resource.kind === 'broker-config') this.#applyBrokerConfig()
      if (resource.kind === 'topic') this.#topicRecords++
      if (resource.kind === 'disk-capacity') log.limitDisk(state.diskCapacityBytes)
      if (resource.kind === 'disk-policy') this.#applyDiskPolicy()
      for (const listener of this.#listeners) listener(state)
    })
    this.#observations = new ObservationAggregator(clock, timers, (groups) => {
      void this.#inTurn(() => this.#recordGroups(groups))
    })
    const attempts = new AttemptMeter(clock, (observation) => this.observe(observation))
    this.#runner = new CallRunner({
      ...{ log, logger, state, ledger: this.#ledger, effects: this.#effects },
      decider: new CommandDecider({
        ...{ state, resources },
        authorizer: options.authorizer?.(state) ?? openAuthorizer,
        attempts,
        contextOf: (call) => this.#decisionContext(call),
      }),
    })
    this.#rewinds = new Rewinds({
      ...{ state, resources, history, attempts, control: this },
      authorizerIn: options.authorizerIn ?? (() => openAuthorizer),
    })
    this.#upkeep = new Upkeep({
      ...{ log, state, clock, timers },
      maxRetainedPartitions: () => config.values.glasslogPartitionsMax,
      run: (tasks) => this.#runUpkeep(tasks),
    })
  }

  get state(): ClusterState {
    return this.#state
  }

  get resources(): HistoryState {
    return this.#ledger.resources
  }

  /** Begins the history when there is none, and finishes what a crash cut short. */
  async start(deletedTopicIds: ReadonlySet<string>): Promise<void> {
    if (this.history.nextSeq === 0) {
      const clusterId = randomUuid(this.#options.random)
      const auditKey = (await this.#options.auditKeyOf?.(clusterId)) ?? null
      const record = clusterRecord(this.#call(systemActor), clusterId, auditKey)
      const failure = await this.#ledger.append([record])
      if (failure !== null) throw new Error(`the history cannot be begun: ${failure.message}`)
    }
    this.#applyBrokerConfig()
    this.#options.log.limitDisk(this.#state.diskCapacityBytes)
    this.#topicConfigs.setDiskPolicy(this.#state.diskPolicy)
    await this.#effects.open(deletedTopicIds)
    const failure = await this.#runner.finishPurges(this.#call(systemActor))
    if (failure !== null) throw new Error(`the history cannot be continued: ${failure}`)
    this.#upkeep.start()
  }

  topicConfig(topic: string): EffectiveTopicConfig {
    return this.#topicConfigs.of(this.#state.topics.get(topic))
  }

  async execute<C extends Command>(
    commands: readonly C[],
    actor: Actor,
    options: ExecuteOptions = {},
  ): Promise<readonly Outcome<C>[]> {
    if (this.#isStopping) return commands.map(() => STOPPING)
    if (this.#waitingCalls >= MAX_WAITING_CALLS) return commands.map(() => TOO_BUSY)
    this.#waitingCalls++
    const call = this.#call(actor, options.occurredAtMs)
    if (commands.some(isGroupCommand)) await this.#runner.groups.prepare()
    let topicsChanged = false
    const outcomes = await this.#inTurn(async () => {
      this.#waitingCalls--
      const before = this.#topicRecords
      const answers = await this.#runner.run(commands, call, options)
      topicsChanged = this.#topicRecords > before
      return answers
    })
    if (topicsChanged) await Promise.all([...this.#followers].map((follow) => follow()))
    // A decision's result has the type that belongs to its command's kind; `decide` keeps them together.
    return outcomes as readonly Outcome<C>[]
  }

  async denialOf(attempt: Attempt, actor: Actor): Promise<Outcome | null> {
    if (this.#isStopping) return STOPPING
    if (this.#waitingCalls >= MAX_WAITING_CALLS) return TOO_BUSY
    this.#waitingCalls++
    const call = this.#call(actor)
    return this.#inTurn(() => {
      this.#waitingCalls--
      return this.#runner.deny(attempt, call)
    })
  }

  onApplied(listener: (state: ClusterState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onTopicsChanged(follow: () => Promise<void>): () => void {
    this.#followers.add(follow)
    return () => this.#followers.delete(follow)
  }

  onObserved(listener: (observation: Observation) => void): () => void {
    this.#observers.add(listener)
    return () => this.#observers.delete(listener)
  }

  observe(observation: Observation): void {
    if (this.#isStopping) return
    this.#observations.add(observation)
    for (const listener of this.#observers) listener(observation)
  }

  record(observation: Observation): Promise<number> {
    if (this.#isStopping) return Promise.resolve(-1)
    const call = this.#call(observation.actor)
    return this.#inTurn(async () => {
      const record = observationRecord(call, this.#state.seq + 1, observation)
      const failure = await this.#ledger.append([record])
      return failure === null ? record.seq : -1
    })
  }

  rewind(
    request: RewindRequest,
    actor: Actor,
    options: { readonly dryRun: boolean },
  ): Promise<RewindAnswer> {
    return this.#rewinds.rewind(request, actor, options)
  }

  attachGroups(groups: GroupChanges): void {
    this.#runner.groups = groups
  }

  attachListeners(listeners: ListenerChanges): void {
    this.#runner.listeners.listeners = listeners
  }

  async stop(): Promise<void> {
    this.#upkeep.stop()
    this.#effects.stop()
    if (!this.#isStopping) this.#observations.flush()
    this.#isStopping = true
    await this.#turn
  }

  /** Runs work after all that was asked for before it. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }

  /** Makes the dynamic broker configs of the state the ones in effect. */
  #applyBrokerConfig(): void {
    const { brokerConfigs } = this.#state
    const perBroker = brokerConfigs.get(String(this.#options.nodeId)) ?? {}
    this.config.applyDynamic(brokerConfigs.get('') ?? {}, perBroker)
  }

  /** Retention in effect follows the policy at once. */
  #applyDiskPolicy(): void {
    this.#topicConfigs.setDiskPolicy(this.#state.diskPolicy)
    for (const topic of this.#state.topics.values()) this.#effects.configure(topic)
  }

  /** What fails is due again at the next check. */
  async #runUpkeep(tasks: readonly UpkeepTask[]): Promise<void> {
    await this.execute(
      tasks.map(({ command }) => command),
      systemActor,
      { notes: tasks.map(({ note }) => note) },
    )
  }

  async #recordGroups(groups: readonly ObservationGroup[]): Promise<void> {
    const call = this.#call(systemActor)
    const records = groups.map((group, index) =>
      aggregateRecord(call, this.#state.seq + 1 + index, group),
    )
    const failure = await this.#ledger.append(records)
    if (failure !== null) {
      this.#options.logger.error({ failure, groups: groups.length }, 'observations are lost')
    }
  }

  #call(actor: Actor, occurredAtMs?: number): Call {
    const { clock, random } = this.#options
    const newId = (): string => randomUuid(random)
    const now = (): number => clock.now()
    return { requestId: newId(), actor, occurredAtMs: occurredAtMs ?? clock.now(), now, newId }
  }

  #decisionContext({ actor, occurredAtMs, newId }: Call): DecisionContext {
    const { config, nodeId, log, random, planListeners } = this.#options
    return {
      nowMs: occurredAtMs,
      nodeId,
      newId,
      principal: actor.principal,
      listener: actor.door === 'kafka' ? actor.source.listener : '',
      isSystem: actor.door === 'system',
      diskSpace: () => log.diskSpace,
      planListeners: planListeners ?? planNothing,
      isDiskFull: log.diskState === 'full',
      newSecret: (value) => newSecret(value, random),
      broker: config.values,
      topicDefaults: this.#topicConfigs.defaultTexts,
      brokerConfigFaults: config.check,
      logBounds(topicId, partition) {
        const found = log.find(topicId, partition)
        return found?.state === 'open' ? found : undefined
      },
    }
  }
}

import type { History, HistoryRecord, Resource } from '../../audit/index.ts'
import type { Clock, Logger, Random, Timers } from '../../kit/index.ts'
import { randomUuid } from '../../kit/index.ts'
import type { LogStore } from '../log/index.ts'
import type { BrokerConfig } from './broker-config.ts'
import type { Command, DeleteRecords } from './commands.ts'
import { decide } from './decide/decide.ts'
import type { DecisionContext } from './decide/decision.ts'
import { refuse } from './decide/decision.ts'
import type { EffectiveTopicConfig } from './effective-topic-config.ts'
import { EffectiveTopicConfigs } from './effective-topic-configs.ts'
import { applyRecord } from './fold.ts'
import type { LiveState } from './folded-state.ts'
import type { Call } from './history-record.ts'
import { clusterRecord, decisionRecord, systemActor } from './history-record.ts'
import { LogEffects } from './log-effects.ts'
import { openLogHistory } from './log-history.ts'
import type {
  Actor,
  ClusterState,
  ControlPlane,
  ExecuteOptions,
  Outcome,
  SecretReader,
} from './port.ts'
import { Purges } from './purges.ts'
import { replayHistory } from './replay.ts'
import type { Step } from './step.ts'
import { alreadyThere, effectsOf, isAutomatic, outcomeOf, unrecorded } from './step.ts'

export interface ControlPlaneOptions {
  readonly log: LogStore
  readonly config: BrokerConfig
  readonly nodeId: number
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/**
 * Opens the control plane: folds the history, which it begins when there is none, and makes the
 * storage engine follow it. Throws a HistoryError when the history cannot be used.
 */
export async function createControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const history = await openLogHistory(options.log)
  const { state, deletedTopicIds } = await replayHistory(history)
  const control = new LogControlPlane(options, history, state)
  if (history.nextSeq === 0) await control.beginHistory()
  control.applyBrokerConfig()
  await control.effects.open(deletedTopicIds)
  await control.finishPurges()
  return control
}

/** A call with more commands is refused as a whole, with one record: its records have to fit into memory. */
export const MAX_COMMANDS = 10_000

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
  readonly history: History
  readonly config: BrokerConfig
  readonly secrets: SecretReader = { get: () => undefined }
  readonly effects: LogEffects
  readonly #state: LiveState
  readonly #options: ControlPlaneOptions
  readonly #topicConfigs: EffectiveTopicConfigs
  readonly #purges: Purges
  readonly #listeners = new Set<(state: ClusterState) => void>()
  /** The call that runs, or the last one. */
  #turn: Promise<unknown> = Promise.resolve()
  #waitingCalls = 0
  #isStopping = false
  /** Why nothing can be appended to the history any more. */
  #broken: string | null = null

  constructor(options: ControlPlaneOptions, history: History, state: LiveState) {
    const { log, config, logger, timers } = options
    this.#options = options
    this.history = history
    this.config = config
    this.#state = state
    this.#topicConfigs = new EffectiveTopicConfigs(config)
    this.effects = new LogEffects(log, state, this.#topicConfigs, logger, timers, (work) => {
      void this.#inTurn(work)
    })
    this.#purges = new Purges(log, state, logger)
  }

  get state(): ClusterState {
    return this.#state
  }

  topicConfig(topic: string): EffectiveTopicConfig {
    return this.#topicConfigs.of(this.#state.topics.get(topic))
  }

  execute<C extends Command>(
    commands: readonly C[],
    actor: Actor,
    options: ExecuteOptions = {},
  ): Promise<readonly Outcome<C>[]> {
    if (this.#isStopping) return Promise.resolve(commands.map(() => STOPPING))
    if (this.#waitingCalls >= MAX_WAITING_CALLS) {
      return Promise.resolve(commands.map(() => TOO_BUSY))
    }
    this.#waitingCalls++
    const call = this.#call(actor)
    const outcomes = this.#inTurn(() => {
      this.#waitingCalls--
      return this.#run(commands, call, options)
    })
    // A decision's result has the type that belongs to its command's kind; `decide` keeps them together.
    return outcomes as Promise<readonly Outcome<C>[]>
  }

  /** Runs work after all that was asked for before it. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }

  onApplied(listener: (state: ClusterState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.effects.stop()
    await this.#turn
  }

  async beginHistory(): Promise<void> {
    const { random } = this.#options
    const record = clusterRecord(this.#call(systemActor), randomUuid(random))
    const failure = await this.#append([record])
    if (failure !== null) throw new Error(`the history cannot be begun: ${failure}`)
  }

  /** Makes the dynamic broker configs of the state the ones in effect. */
  applyBrokerConfig(): void {
    const { brokerConfigs } = this.#state
    const perBroker = brokerConfigs.get(String(this.#options.nodeId)) ?? {}
    this.config.applyDynamic(brokerConfigs.get('') ?? {}, perBroker)
  }

  /** Deletes what was to be deleted when the process died. */
  async finishPurges(): Promise<void> {
    const open = [...this.#state.openPurges.values()]
    if (open.length === 0) return
    const results = await this.#purges.run(open)
    const records = this.#purges.records(this.#call(systemActor), results)
    const failure = await this.#append(records)
    if (failure !== null) throw new Error(`the history cannot be continued: ${failure}`)
  }

  async #run(
    commands: readonly Command[],
    call: Call,
    options: ExecuteOptions,
  ): Promise<readonly Outcome[]> {
    const steps = this.#decideAll(commands, call)
    if (options.validateOnly) return steps.map((step) => outcomeOf(step, false))
    const records = steps.flatMap(({ record }) => record ?? [])
    const failure = await this.#append(records)
    if (failure !== null) return steps.map((step) => unrecorded(step, failure))
    await this.effects.run(effectsOf(steps, this.#state))
    const purged = await this.#purge(steps, call)
    return steps.map((step) => purged.get(step) ?? outcomeOf(step, true))
  }

  /** Each command sees what those before it in the call will have done. */
  #decideAll(commands: readonly Command[], call: Call): readonly Step[] {
    if (commands.length > MAX_COMMANDS) return this.#refuseAll(commands, call)
    const draft = this.#state.draft()
    const context = this.#decisionContext(call)
    return commands.map((command): Step => {
      const existing = isAutomatic(command) && draft.tables.topics.get(command.name)
      if (existing) return { command, decision: alreadyThere(existing), record: null }
      const decision = decide(draft, command, context)
      if (decision.error !== 'NONE' && isAutomatic(command)) {
        return { command, decision, record: null }
      }
      const record = decisionRecord(call, draft.seq + 1, command, decision)
      applyRecord(draft, record)
      return { command, decision, record }
    })
  }

  #refuseAll(commands: readonly Command[], call: Call): readonly Step[] {
    const resource: Resource = { kind: 'call', name: `${commands.length} commands`, id: null }
    const message = `One request may ask for ${MAX_COMMANDS} operations, and this one asks for ${commands.length}.`
    const decision = refuse('POLICY_VIOLATION', message, resource)
    const recorded = commands.findIndex((command) => !isAutomatic(command))
    return commands.map((command, index) => ({
      command,
      decision,
      record:
        index === recorded ? decisionRecord(call, this.#state.seq + 1, command, decision) : null,
    }))
  }

  /** Appends and applies. Answers why nothing was done, or null. */
  async #append(records: readonly HistoryRecord[]): Promise<string | null> {
    if (records.length === 0) return null
    if (this.#broken !== null) return this.#broken
    const result = await this.history.append(records)
    if (result.kind === 'refused') return `the history cannot be written: ${result.reason}`
    if (result.kind !== 'appended') {
      // Whether the records are in the history is not known, so neither is the state.
      this.#broken = 'the history has an unknown end; the broker must be restarted'
      this.#options.logger.error({ result }, 'the end of the history is unknown')
      return this.#broken
    }
    for (const record of records) {
      applyRecord(this.#state, record)
      if (record.resource.kind === 'broker-config') this.applyBrokerConfig()
      for (const listener of this.#listeners) listener(this.#state)
    }
    return null
  }

  /** Deletes records whose intents are in the history now, and records what came of it. */
  async #purge(steps: readonly Step[], call: Call): Promise<ReadonlyMap<Step, Outcome>> {
    const outcomes = new Map<Step, Outcome<DeleteRecords>>()
    const intents = steps.flatMap((step) => {
      const purge = this.#state.openPurges.get(step.record?.seq ?? -1)
      return purge ? [{ step, purge }] : []
    })
    if (intents.length === 0) return outcomes
    const results = await this.#purges.run(intents.map(({ purge }) => purge))
    // When this cannot be written the intents stay open, and the next start writes it.
    await this.#append(this.#purges.records(call, results))
    for (const [index, { step, purge }] of intents.entries()) {
      const result = results[index]
      if (result) outcomes.set(step, { ...result.outcome, seq: purge.intent })
    }
    return outcomes
  }

  #call(actor: Actor): Call {
    const { clock, random } = this.#options
    const newId = (): string => randomUuid(random)
    const now = (): number => clock.now()
    return { requestId: newId(), actor, occurredAtMs: clock.now(), now, newId }
  }

  #decisionContext(call: Call): DecisionContext {
    const { config, nodeId, log } = this.#options
    return {
      nowMs: call.occurredAtMs,
      nodeId,
      newId: call.newId,
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

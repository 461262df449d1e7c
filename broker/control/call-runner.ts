import type { HistoryRecord, Resource } from '../../audit/index.ts'
import type { Logger } from '../../kit/index.ts'
import type { LogStore } from '../log/index.ts'
import type { CommandDecider } from './command-decider.ts'
import { NO_ACCESS } from './command-decider.ts'
import type { Command, DeleteRecords } from './commands.ts'
import type { StateCommand } from './decide/decide.ts'
import type { Decision } from './decide/decision.ts'
import { refuse } from './decide/decision.ts'
import type { LiveState } from './fold/folded-state.ts'
import type { GroupChanges, GroupCommand } from './group-changes.ts'
import { noGroups } from './group-changes.ts'
import type { Call } from './history-record.ts'
import { decisionRecord } from './history-record.ts'
import type { Ledger } from './ledger.ts'
import { isListenerCommand, ListenerCommands } from './listener-commands.ts'
import type { LogEffects } from './log-effects.ts'
import { operationOf } from './operations.ts'
import type { Attempt, ExecuteOptions, Outcome } from './port.ts'
import { Purges } from './purges.ts'
import { cutRequest } from './request-summary.ts'
import type { Step } from './step.ts'
import { effectsOf, isAsked, isAutomatic, outcomeOf, unrecorded } from './step.ts'
import { TopicPurges } from './topic-purges.ts'

export interface CallRunnerOptions {
  readonly log: LogStore
  readonly logger: Logger
  readonly state: LiveState
  readonly ledger: Ledger
  readonly effects: LogEffects
  readonly decider: CommandDecider
}

/** A call with more commands is refused as a whole, with one record: its records have to fit into memory. */
export const MAX_COMMANDS = 10_000

/**
 * Runs the commands of one call, while no other call runs: authorize and decide, append the records
 * atomically, let the storage engine follow, record what came of effects outside of the state.
 */
export class CallRunner {
  groups: GroupChanges = noGroups
  readonly listeners: ListenerCommands
  readonly #options: CallRunnerOptions
  readonly #decider: CommandDecider
  readonly #purges: Purges
  readonly #topicPurges: TopicPurges

  constructor(options: CallRunnerOptions) {
    const { log, state, logger, decider } = options
    this.#options = options
    this.#decider = decider
    this.listeners = new ListenerCommands(state, options.ledger, decider)
    this.#purges = new Purges(log, state, logger)
    this.#topicPurges = new TopicPurges(log, state, logger)
  }

  async run(
    commands: readonly Command[],
    call: Call,
    options: ExecuteOptions,
  ): Promise<readonly Outcome[]> {
    if (commands.length > MAX_COMMANDS) return this.#refuseAll(commands, call, options)
    const outcomes: Outcome[] = []
    for (let next = 0; next < commands.length; ) {
      const command = commands[next]
      if (command && isGroupCommand(command)) {
        outcomes.push(await this.#runGroupCommand(command, call, options, next))
        next++
        continue
      }
      if (command && isListenerCommand(command)) {
        outcomes.push(await this.listeners.run(command, call, options, next))
        next++
        continue
      }
      const run = stateCommandsFrom(commands, next)
      outcomes.push(...(await this.#runStateCommands(run, call, options, next)))
      next += run.length
    }
    return outcomes
  }

  /** Refuses and records an attempt that is not permitted; null when it is. */
  async deny(
    { command, asked, reason, validateOnly = false }: Attempt,
    call: Call,
  ): Promise<Outcome | null> {
    const { state, ledger } = this.#options
    const { access, denial } = this.#decider.authorize(command, call, state)
    if (denial === null) return null
    const refused = { error: denial.error, message: denial.message, seq: -1, after: null } as const
    if (validateOnly || this.#decider.leavesNoRecord(command, denial, access, call)) return refused
    const note = reason === undefined ? {} : { reason }
    const decided = decisionRecord(call, state.seq + 1, command, denial, access, note)
    const record = asked ? { ...decided, request: cutRequest(asked) } : decided
    const failure = await ledger.append([record])
    return { ...refused, seq: failure === null ? record.seq : -1 }
  }

  /** Finishes what was to be deleted when the process died. Answers why that cannot be recorded, or null. */
  async finishPurges(call: Call): Promise<string | null> {
    const { state, ledger } = this.#options
    const results = await this.#purges.run([...state.openPurges.values()])
    const failure = await ledger.append(this.#purges.records(call, results))
    if (failure !== null) return failure.message
    await this.finishTopicPurges(call)
    return null
  }

  /** Carries out the purges of topics that are recorded as intents. */
  async finishTopicPurges(call: Call, intents: ReadonlyMap<string, number> = new Map()) {
    const { state, ledger } = this.#options
    const open = [...state.deletedTopics.values()].filter(({ isPurging }) => isPurging)
    const purged = await this.#topicPurges.run(open)
    // When this cannot be written they stay open, and are carried out and recorded later.
    await ledger.append(this.#topicPurges.records(call, purged, intents))
  }

  async #runStateCommands(
    commands: readonly StateCommand[],
    call: Call,
    options: ExecuteOptions,
    first: number,
  ): Promise<readonly Outcome[]> {
    const { state, ledger, effects } = this.#options
    const steps = this.#decider.decideAll(commands, call, options, first)
    const asked = steps.filter(isAsked)
    if (options.validateOnly) return asked.map((step) => outcomeOf(step, false))
    const records = steps.flatMap(({ record }) => record ?? [])
    const secrets = steps.flatMap(({ decision }) =>
      decision.error === 'NONE' ? (decision.secrets ?? []) : [],
    )
    const failure = await ledger.append(records, { secrets })
    if (failure !== null) return asked.map((step) => unrecorded(step, failure.message))
    await effects.run(effectsOf(steps, state))
    const deleted = await this.#deleteRecords(steps, call)
    await this.#purgeTopics(steps, call)
    return asked.map((step) => deleted.get(step) ?? outcomeOf(step, true))
  }

  async #refuseAll(
    commands: readonly Command[],
    call: Call,
    { validateOnly }: ExecuteOptions,
  ): Promise<readonly Outcome[]> {
    const { state, ledger } = this.#options
    const resource: Resource = { kind: 'call', name: `${commands.length} commands`, id: null }
    const message = `One request may ask for ${MAX_COMMANDS} operations, and this one asks for ${commands.length}.`
    const decision = refuse('POLICY_VIOLATION', message, resource)
    const attempted = commands.findIndex((command) => !isAutomatic(command))
    const first = commands[attempted]
    const isRecorded =
      !validateOnly && first && !this.#decider.leavesNoRecord(first, decision, NO_ACCESS, call)
    const steps = commands.map((command, index): Step => {
      const record =
        isRecorded && index === attempted
          ? decisionRecord(call, state.seq + 1, command, decision, NO_ACCESS)
          : null
      return { command, decision, access: NO_ACCESS, record }
    })
    if (isRecorded) await ledger.append(steps.flatMap(({ record }) => record ?? []))
    return steps.map((step) => outcomeOf(step, isRecorded === true))
  }

  /** The record and the group's own batch are one append: there is never the one without the other. */
  async #runGroupCommand(
    command: GroupCommand,
    call: Call,
    options: ExecuteOptions,
    index: number,
  ): Promise<Outcome> {
    const { state, ledger } = this.#options
    const { access, denial } = this.#decider.authorize(command, call, state)
    const note = options.notes?.[index]
    const resource: Resource = { kind: 'group-offsets', name: command.groupId, id: null }
    const isThere = !this.groups.isMissing(command.groupId)
    const refusal = denial ?? this.#decider.staleness(resource, isThere, options, index)
    const appended: HistoryRecord[] = []
    const answer = refusal
      ? { error: refusal.error, message: refusal.message }
      : await this.groups.change(command, options.validateOnly ?? false, async (change) => {
          const { before, after, entries } = change
          const reversal = operationOf(command).reversal[0] ?? 'none'
          const decision: Decision = {
            error: 'NONE',
            ...{ resource, before, after, reversal, result: null },
          }
          const record = decisionRecord(call, state.seq + 1, command, decision, access, note)
          const failure = await ledger.append([record], { entries })
          if (failure !== null) return failure.isUnknown ? 'unknown' : 'refused'
          appended.push(record)
          return 'durable'
        })
    const { error, message } = answer
    const seq = appended[0]?.seq ?? -1
    if (error === 'NONE') return { error, message, seq, after: null }
    const refused = refuse(error, message ?? 'The group refused it.', resource)
    const failed = { error, message: refused.message, seq, after: null } as const
    if (options.validateOnly || seq >= 0) return failed
    if (this.#decider.leavesNoRecord(command, refused, access, call)) return failed
    const record = decisionRecord(call, state.seq + 1, command, refused, access, note)
    const failure = await ledger.append([record])
    return { ...failed, seq: failure === null ? record.seq : -1 }
  }

  /** Deletes records whose intents are in the history now, and records what came of it. */
  async #deleteRecords(steps: readonly Step[], call: Call): Promise<ReadonlyMap<Step, Outcome>> {
    const { state, ledger } = this.#options
    const outcomes = new Map<Step, Outcome<DeleteRecords>>()
    const intents = steps.flatMap((step) => {
      const purge = state.openPurges.get(step.record?.seq ?? -1)
      return purge ? [{ step, purge }] : []
    })
    if (intents.length === 0) return outcomes
    const results = await this.#purges.run(intents.map(({ purge }) => purge))
    // When this cannot be written the intents stay open, and the next start writes it.
    await ledger.append(this.#purges.records(call, results))
    for (const [index, { step, purge }] of intents.entries()) {
      const result = results[index]
      if (result) outcomes.set(step, { ...result.outcome, seq: purge.intent })
    }
    return outcomes
  }

  /** Purges what the call asked to purge; a deletion may have been such a request as well. */
  async #purgeTopics(steps: readonly Step[], call: Call): Promise<void> {
    const { state } = this.#options
    const intents = new Map<string, number>()
    for (const { record } of steps) {
      const id = record?.resource.id ?? ''
      const isIntent = record?.outcome.code === 'NONE' && state.deletedTopics.get(id)?.isPurging
      if (isIntent) intents.set(id, record.seq)
    }
    if (intents.size > 0) await this.finishTopicPurges(call, intents)
  }
}

export function isGroupCommand(command: Command): command is GroupCommand {
  return operationOf(command).resource === 'group-offsets'
}

/** The commands from there on, up to the next one that has to ask others first. */
function stateCommandsFrom(commands: readonly Command[], first: number): readonly StateCommand[] {
  const run: StateCommand[] = []
  for (let index = first; index < commands.length; index++) {
    const command = commands[index]
    if (!command || isGroupCommand(command) || isListenerCommand(command)) break
    run.push(command)
  }
  return run
}

import type { CommandDecider } from './command-decider.ts'
import type { AlterListener, Command } from './commands.ts'
import { refuse } from './decide/decision.ts'
import { AfterFields } from './fold/after-fields.ts'
import type { LiveState } from './fold/folded-state.ts'
import { listenerOf } from './fold/resource-json.ts'
import type { Call } from './history-record.ts'
import { decisionRecord } from './history-record.ts'
import type { Ledger } from './ledger.ts'
import type { ListenerChanges, ListenerOverride } from './listeners.ts'
import { noListeners } from './listeners.ts'
import type { ExecuteOptions, Outcome } from './port.ts'
import type { Step } from './step.ts'
import { outcomeOf, unrecorded } from './step.ts'

/**
 * Commands about listeners: what they need is bound before the record, because an address may be
 * taken by somebody else, and lets nobody in until the record is durable.
 */
export class ListenerCommands {
  listeners: ListenerChanges = noListeners
  readonly #state: LiveState
  readonly #ledger: Ledger
  readonly #decider: CommandDecider

  constructor(state: LiveState, ledger: Ledger, decider: CommandDecider) {
    this.#state = state
    this.#ledger = ledger
    this.#decider = decider
  }

  async run(
    command: AlterListener,
    call: Call,
    options: ExecuteOptions,
    index: number,
  ): Promise<Outcome> {
    const [step] = this.#decider.decideAll([command], call, options, index)
    if (!step) throw new Error('a command was not decided')
    if (options.validateOnly) return outcomeOf(step, false)
    if (step.decision.error !== 'NONE' || step.record === null) return this.#record(step)
    const prepared = await this.listeners.prepare(this.#wanted(step), command.name)
    if (prepared.kind === 'refused') {
      const { access } = step
      const decision = refuse('INVALID_CONFIG', prepared.message, step.decision.resource)
      const { seq } = step.record
      const record = decisionRecord(call, seq, command, decision, access, options.notes?.[index])
      return this.#record({ command, decision, access, record })
    }
    const outcome = await this.#record(step)
    if (outcome.seq >= 0) prepared.commit()
    else await prepared.abort()
    return outcome
  }

  async #record(step: Step): Promise<Outcome> {
    const failure = await this.#ledger.append(step.record ? [step.record] : [])
    return failure === null ? outcomeOf(step, true) : unrecorded(step, failure.message)
  }

  /** What will be set of listeners once the record is applied. */
  #wanted({ record }: Step): ReadonlyMap<string, ListenerOverride> {
    const wanted = new Map(this.#state.listeners)
    if (record?.after) wanted.set(record.resource.name, listenerOf(AfterFields.of(record)))
    else wanted.delete(record?.resource.name ?? '')
    return wanted
  }
}

export function isListenerCommand(command: Command): command is AlterListener {
  return command.kind === 'listener.alter'
}

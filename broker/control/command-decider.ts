import type { HistoryRecord, HistoryState, Resource } from '../../audit/index.ts'
import { resourceKey } from '../../audit/index.ts'
import type { AccessDecision, Authorizer } from './access.ts'
import { authorizeCommand, NOT_ASKED } from './authorize-command.ts'
import type { Command } from './commands.ts'
import { consequencesOf } from './consequences.ts'
import type { StateCommand } from './decide/decide.ts'
import { decide } from './decide/decide.ts'
import type { Decision, DecisionContext, Refused } from './decide/decision.ts'
import { refuse } from './decide/decision.ts'
import { applyRecord } from './fold/fold.ts'
import type { FoldedState } from './fold/folded-state.ts'
import type { Call } from './history-record.ts'
import { decisionRecord } from './history-record.ts'
import type { AttemptMeter } from './observations/attempt-meter.ts'
import { operationOf } from './operations.ts'
import type { ExecuteOptions } from './port.ts'
import type { Step } from './step.ts'
import { alreadyThere, isAsked, isAutomatic } from './step.ts'

export interface CommandDeciderOptions {
  readonly state: FoldedState
  readonly resources: HistoryState
  readonly authorizer: Authorizer
  readonly attempts: AttemptMeter
  /** What decisions depend on, for one call. */
  readonly contextOf: (call: Call) => DecisionContext
}

/** For what nobody attempted. */
export const NO_ACCESS: AccessDecision = { allowed: true, rule: NOT_ASKED }

/** For what follows from a command that was permitted. */
const CONSEQUENCE: AccessDecision = { allowed: true, rule: 'consequence' }

/** Authorizes and decides the commands of a call, and makes their records. Changes nothing. */
export class CommandDecider {
  readonly #options: CommandDeciderOptions

  constructor(options: CommandDeciderOptions) {
    this.#options = options
  }

  /**
   * Each command sees what those before it in the call will have done. What follows from one comes
   * right behind it.
   */
  decideAll(
    commands: readonly StateCommand[],
    call: Call,
    options: ExecuteOptions = {},
    first = 0,
  ): readonly Step[] {
    const draft = this.#options.state.draft()
    const context = this.#options.contextOf(call)
    const steps: Step[] = []
    for (const [index, command] of commands.entries()) {
      const step = this.#decideStep(draft, command, context, call, options, first + index)
      steps.push(step)
      if (step.record?.outcome.code === 'NONE') {
        steps.push(...this.#follow(draft, command, context, call, step.record))
      }
    }
    if (!options.allOrNothing) return steps
    const isWhole = steps.every(({ decision }) => decision.error === 'NONE')
    const fault = isWhole ? (options.guard?.() ?? null) : null
    if (isWhole && fault === null) return steps
    const asked = steps.filter(isAsked)
    return this.#takeBack(fault === null ? asked : refuseFirst(asked, fault), call, options, first)
  }

  #decideStep(
    draft: FoldedState,
    command: StateCommand,
    context: DecisionContext,
    call: Call,
    options: ExecuteOptions,
    position: number,
  ): Step {
    const existing = isAutomatic(command) && draft.tables.topics.get(command.name)
    if (existing) {
      return { command, decision: alreadyThere(existing), access: NO_ACCESS, record: null }
    }
    const { access, denial } = this.authorize(command, call, draft)
    const decision = denial ?? this.#decideOne(draft, command, context, options, position)
    const isAttempted = decision.error !== 'NONE' && !options.validateOnly
    if (isAttempted && this.leavesNoRecord(command, decision, access, call)) {
      return { command, decision, access, record: null }
    }
    const note = options.notes?.[position]
    const record = decisionRecord(call, draft.seq + 1, command, decision, access, note)
    applyRecord(draft, record)
    return { command, decision, access, record }
  }

  /** What the broker itself does because of a command; the records name that one as their cause. */
  #follow(
    draft: FoldedState,
    cause: StateCommand,
    context: DecisionContext,
    call: Call,
    causeRecord: HistoryRecord,
  ): readonly Step[] {
    const { commands, reason } = consequencesOf(cause, causeRecord, draft)
    const note = { causes: [causeRecord.seq], reason }
    return commands.map((command): Step => {
      const decision = decide(draft, command, { ...context, isSystem: true })
      const record = decisionRecord(call, draft.seq + 1, command, decision, CONSEQUENCE, note)
      applyRecord(draft, record)
      return { command, decision, access: CONSEQUENCE, record, isConsequence: true }
    })
  }

  #decideOne(
    draft: FoldedState,
    command: StateCommand,
    context: DecisionContext,
    options: ExecuteOptions,
    position: number,
  ): Decision {
    const decision = decide(draft, command, context)
    if (decision.error !== 'NONE') return decision
    const { isThere = decision.before !== null } = decision
    return this.staleness(decision.resource, isThere, options, position) ?? decision
  }

  /** Why a resource is not what the caller expects it to be; null when it is, or nothing is expected. */
  staleness(
    resource: Resource,
    isThere: boolean,
    { expectedSeq, expected }: ExecuteOptions,
    position: number,
  ): Refused | null {
    if (expectedSeq === 'any' && !isThere) {
      const message = `There is no ${resource.kind} ${resource.name} yet.`
      return refuse('INVALID_UPDATE_VERSION', message, resource)
    }
    const own =
      typeof expectedSeq === 'number' ? { key: resourceKey(resource), seq: expectedSeq } : null
    for (const one of [own, expected?.[position]]) {
      if (!one) continue
      const seq = this.#options.resources.get(one.key)?.seq ?? null
      if (seq === one.seq) continue
      const message = `${resource.kind} ${resource.name} was changed by record ${seq ?? 'none'}, not by record ${one.seq ?? 'none'}.`
      return refuse('INVALID_UPDATE_VERSION', message, resource)
    }
    return null
  }

  /** Nothing of the call takes effect: what would have been done is refused because of the rest. */
  #takeBack(
    steps: readonly Step[],
    call: Call,
    options: ExecuteOptions,
    first: number,
  ): readonly Step[] {
    let seq = this.#options.state.seq
    return steps.map((step, index): Step => {
      const { command, access, record } = step
      const message = 'Another operation of the same call was refused.'
      const { resource } = step.decision
      const decision =
        step.decision.error === 'NONE'
          ? refuse('OPERATION_NOT_ATTEMPTED', message, resource)
          : step.decision
      if (record === null) return { ...step, decision }
      const note = options.notes?.[first + index]
      return {
        ...{ command, access, decision },
        record: decisionRecord(call, ++seq, command, decision, access, note),
      }
    })
  }

  authorize(
    command: Command,
    call: Call,
    state: FoldedState,
  ): { readonly access: AccessDecision; readonly denial: Refused | null } {
    const { authorizer } = this.#options
    const { decision, error } = authorizeCommand(command, call.actor, state, authorizer)
    if (decision.allowed) return { access: decision, denial: null }
    const { resource: kind, nameOf } = operationOf(command)
    const resource: Resource = { kind, name: nameOf(command), id: null }
    return { access: decision, denial: refuse(error, 'Authorization failed.', resource) }
  }

  /** Whether nobody attempted it, or somebody unknown attempts more than deserves a record each. */
  leavesNoRecord(
    command: Command,
    { error, message, resource }: Refused,
    decision: AccessDecision,
    { actor }: Call,
  ): boolean {
    if (isAutomatic(command)) return true
    const outcome = { code: error, message }
    return !this.#options.attempts.admit({
      operation: command.kind,
      ...{ actor, resource, decision, outcome },
    })
  }
}

/** The first is the one that tells why; the others were not attempted. */
function refuseFirst(steps: readonly Step[], fault: string): readonly Step[] {
  return steps.map((step, index) =>
    index > 0
      ? step
      : { ...step, decision: refuse('POLICY_VIOLATION', fault, step.decision.resource) },
  )
}

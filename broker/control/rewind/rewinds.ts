import type {
  HistoryReader,
  HistoryRecord,
  HistoryState,
  RewindPlan,
} from '../../../audit/index.ts'
import { isInScope, planRewind, stateAfter } from '../../../audit/index.ts'
import type { ErrorName } from '../../../protocol/index.ts'
import type { Authorizer } from '../access.ts'
import type { Actor } from '../actor.ts'
import { NEEDS_NO_PERMISSION } from '../authorize-command.ts'
import type { Command } from '../commands.ts'
import { tokensEndedBy } from '../consequences.ts'
import type { AttemptMeter } from '../observations/attempt-meter.ts'
import type { Observation } from '../observations/observation.ts'
import type { ClusterState, ControlPlane, ExpectedResource, Outcome } from '../port.ts'
import type { RecordNote } from '../record-note.ts'
import { lockoutFault } from './lockout-guard.ts'
import type { RewindAnswer, RewindRequest, RewoundStep } from './rewind-request.ts'
import { commandsOf } from './step-commands.ts'
import { denialsOf, isDenied } from './step-permissions.ts'

export interface RewindsOptions {
  readonly state: ClusterState
  readonly resources: HistoryState
  readonly history: HistoryReader
  readonly control: Pick<ControlPlane, 'execute' | 'record'>
  readonly attempts: Pick<AttemptMeter, 'admit'>
  /** What access would be like in another state. */
  readonly authorizerIn: (state: ClusterState) => Authorizer
}

/** Each step is at least one command, and a call has no more of them. */
const MAX_UNDONE = 10_000
const READ_RECORDS = 1000

interface Planned {
  readonly plan: RewindPlan
  readonly steps: readonly (RewoundStep & {
    readonly given: readonly Command[]
    /** The resource as the step was planned on it. */
    readonly expected: ExpectedResource
  })[]
}

/**
 * Takes operations back: plans on the state in effect, refuses what conflicts or locks people out,
 * and does the rest by commands like any others, whose records say what they revert. Each of them
 * needs the permission that it always needs; who lacks one of them changes nothing, and the history
 * has the attempt as denied.
 */
export class Rewinds {
  readonly #options: RewindsOptions

  constructor(options: RewindsOptions) {
    this.#options = options
  }

  /** Never rejects for a reason of the domain. */
  async rewind(
    request: RewindRequest,
    actor: Actor,
    { dryRun }: { readonly dryRun: boolean },
  ): Promise<RewindAnswer> {
    const found = await this.#recordsOf(request)
    if (typeof found === 'string') return this.#refuse(null, found, request, actor, dryRun)
    const planned = this.#plan(request, found, actor)
    const denial = dryRun ? null : await this.#denial(request, planned, actor)
    if (denial !== null) return denial
    const fault = faultOf(planned.plan)
    if (fault !== null) return this.#refuse(planned, fault, request, actor, dryRun)
    if (dryRun) return this.#validate(planned, actor)
    const beginning = observationOf(request, planned, { code: 'NONE', message: null }, actor)
    if (!this.#options.attempts.admit(beginning)) return answerOf(planned, [], -1)
    const seq = await this.#options.control.record(beginning)
    if (seq < 0) return storageFault(planned)
    // The history may have gone on while that was written.
    const again = this.#plan(request, found, actor)
    if (!isSamePlan(planned.plan, again.plan)) {
      const message = 'What is to go back was changed while the rewind began; try again.'
      return this.#refuse(again, message, request, actor, dryRun, [seq])
    }
    return this.#apply(again, request, actor, seq)
  }

  #plan(request: RewindRequest, records: readonly HistoryRecord[], actor: Actor): Planned {
    const { state, resources, authorizerIn } = this.#options
    const plan = planRewind({
      now: resources,
      records,
      ...(request.choices ? { choices: request.choices } : {}),
      reasonOf,
      guard: (result) => lockoutFault(state, result, actor, authorizerIn),
    })
    const removed = new Set<string>()
    const parts = plan.steps.map((step) => ({ step, ...commandsOf(step, state) }))
    const wanted = parts.flatMap(({ commands }) => commands)
    for (const id of tokensEndedBy(wanted, state)) removed.add(id)
    const steps = parts.map(({ step, commands: all, cannot }) => {
      const commands = all.filter((command) => !isRemovedAgain(command, removed))
      const given = request.choices?.get(step.key) === 'overwrite' ? commands.map(anyway) : commands
      const kinds = given.map(({ kind }) => kind)
      const expected = { key: step.key, seq: resources.get(step.key)?.seq ?? null }
      return { step, given, expected, commands: kinds, cannot, ...NOTHING_YET }
    })
    return { plan, steps }
  }

  /** The answer to somebody who lacks the permission of a step; null when all are permitted. */
  async #denial(
    request: RewindRequest,
    planned: Planned,
    actor: Actor,
  ): Promise<RewindAnswer | null> {
    const { control, attempts } = this.#options
    const commands = planned.steps.flatMap(({ given }) => given)
    const outcomes = await denialsOf(commands, actor, control)
    const denied = outcomes?.find(isDenied)
    if (!outcomes || !denied) return null
    const { error, message } = denied
    const attempt: Observation = {
      ...observationOf(request, planned, { code: error, message }, actor),
      decision: { allowed: false, rule: BY_COMMANDS },
    }
    const seq = attempts.admit(attempt) ? await control.record(attempt) : -1
    return { ...answerOf(planned, outcomes, seq), error, message }
  }

  /** What would come of the commands. */
  async #validate(planned: Planned, actor: Actor): Promise<RewindAnswer> {
    const commands = planned.steps.flatMap(({ given }) => given)
    const outcomes = await this.#options.control.execute(commands, actor, { validateOnly: true })
    return answerOf(planned, outcomes, -1)
  }

  /**
   * Listeners first, each on its own, because their addresses may be taken by somebody else; then the
   * rest of the state as a whole or not at all; then the groups. What fails ends it, and what somebody
   * changed in the moment between plan and command fails: nothing of theirs is overwritten unseen. Nor
   * does it lock people out together with what was done in that moment: that is looked at again in the
   * turn of the commands.
   */
  async #apply(
    planned: Planned,
    { reason }: RewindRequest,
    actor: Actor,
    seq: number,
  ): Promise<RewindAnswer> {
    const { control, state, resources, authorizerIn } = this.#options
    const outcomes: (Outcome | undefined)[] = []
    const guard = (): string | null =>
      lockoutFault(state, stateAfter(resources, planned.plan.steps), actor, authorizerIn)
    const flat = planned.steps.flatMap(({ step, given, expected }) =>
      given.map((command) => ({ command, step, expected })),
    )
    const run = async (chosen: readonly number[]): Promise<boolean> => {
      const parts = chosen.flatMap((index) => flat[index] ?? [])
      const notes = parts.map(
        ({ step }): RecordNote => ({
          reverts: step.reverts,
          causes: [seq],
          ...(reason === undefined ? {} : { reason }),
        }),
      )
      const commands = parts.map(({ command }) => command)
      const expected = parts.map((part) => part.expected)
      const options = { allOrNothing: true, notes, expected, guard }
      const answers = await control.execute(commands, actor, options)
      for (const [position, index] of chosen.entries()) outcomes[index] = answers[position]
      return answers.every(({ error }) => error === 'NONE')
    }
    const kinds = flat.map(({ command }) => command.kind)
    for (const call of callsOf(kinds)) {
      if (!(await run(call))) break
    }
    return answerOf(planned, outcomes, seq)
  }

  async #refuse(
    planned: Planned | null,
    message: string,
    request: RewindRequest,
    actor: Actor,
    dryRun: boolean,
    causes?: readonly number[],
  ): Promise<RewindAnswer> {
    const { state } = this.#options
    const nothing = { baseSeq: state.seq, steps: [], conflicts: [], impossible: [], refusal: null }
    const error = planned ? 'POLICY_VIOLATION' : 'INVALID_REQUEST'
    const observation = {
      ...observationOf(request, planned, { code: error, message }, actor),
      // The record that said that it begins has one that says that it did not.
      ...(causes ? { causes } : {}),
    }
    const { attempts, control } = this.#options
    const isRecorded = !dryRun && attempts.admit(observation)
    const seq = isRecorded ? await control.record(observation) : -1
    const steps = planned?.steps.map(shown) ?? []
    return { plan: planned?.plan ?? nothing, steps, error, message, seq }
  }

  /** The records to be undone, or what is wrong with the request. */
  async #recordsOf(request: RewindRequest): Promise<readonly HistoryRecord[] | string> {
    const { to, until, undo, scope = {} } = request
    const { history } = this.#options
    if ((to === undefined) === (undo === undefined)) return 'Either `to` or `undo` is needed.'
    const last = history.nextSeq - 1
    const isThere = (seq: number): boolean => Number.isSafeInteger(seq) && seq >= 0 && seq <= last
    const stranger = (to === undefined ? (undo ?? []) : [to]).find((seq) => !isThere(seq))
    if (stranger !== undefined) return `The history has records 0 to ${last}, not ${stranger}.`
    if (until !== undefined && (to === undefined || until < to || !isThere(until))) {
      return `\`until\` goes with \`to\`, and is from there up to ${last}.`
    }
    const chosen = undo && new Set(undo)
    const first = chosen ? Math.min(last + 1, ...chosen) : (to ?? last) + 1
    const end = chosen ? Math.max(-1, ...chosen) : (until ?? last)
    const records: HistoryRecord[] = []
    for (let seq = first; seq <= end; ) {
      const entries = await history.read(seq, Math.min(READ_RECORDS, end - seq + 1))
      for (const { record } of entries) {
        const isChosen = chosen ? chosen.has(record.seq) : true
        if (isChosen && isInScope(record, scope)) records.push(record)
      }
      if (records.length > MAX_UNDONE) {
        return `More than ${MAX_UNDONE} operations would be taken back; restrict the scope.`
      }
      seq += entries.length
    }
    return records
  }
}

/** Numbers of records that the record of a rewind repeats. */
const MAX_SHOWN = 100

const NOTHING_YET = { error: 'NONE', message: null, seqs: [] } as const

/** Rewinding needs no permission of its own. */
const BY_COMMANDS = 'by-its-commands'

/** The record of the rewind itself, which those of its commands name as their cause. */
function observationOf(
  { to, until, undo, scope, reason }: RewindRequest,
  planned: Planned | null,
  outcome: { readonly code: ErrorName; readonly message: string | null },
  actor: Actor,
): Observation {
  const what = to === undefined ? { undo: (undo ?? []).slice(0, MAX_SHOWN) } : { to }
  const counts = planned ? { steps: planned.plan.steps.length } : {}
  return {
    operation: 'audit.rewind',
    actor,
    resource: { kind: 'rewind', name: to === undefined ? 'undo' : `to ${to}`, id: null },
    decision: { allowed: true, rule: hasCommands(planned) ? BY_COMMANDS : NEEDS_NO_PERMISSION },
    outcome,
    request: {
      ...what,
      ...(until === undefined ? {} : { until }),
      ...counts,
      ...(scope ? { scope: { ...scope } } : {}),
      ...(reason ? { reason } : {}),
    },
  }
}

/** Whose commands were permitted had permissions; a rewind of nothing is anybody's. */
function hasCommands(planned: Planned | null): boolean {
  return planned?.steps.some(({ given }) => given.length > 0) ?? false
}

/** Positions of the commands of each call, in the order of the calls. */
function callsOf(kinds: readonly Command['kind'][]): readonly (readonly number[])[] {
  const positionsOf = (isWanted: (kind: string) => boolean): readonly number[] =>
    kinds.flatMap((kind, index) => (isWanted(kind) ? [index] : []))
  const isListener = (kind: string): boolean => kind === 'listener.alter'
  const isOfGroups = (kind: string): boolean => kind.startsWith('group.')
  return [
    ...positionsOf(isListener).map((index) => [index]),
    positionsOf((kind) => !isListener(kind) && !isOfGroups(kind)),
    positionsOf(isOfGroups),
  ]
}

function isSamePlan(one: RewindPlan, other: RewindPlan): boolean {
  const essence = ({ steps, conflicts, refusal }: RewindPlan): string =>
    JSON.stringify([steps, conflicts, refusal])
  return essence(one) === essence(other)
}

function storageFault(planned: Planned): RewindAnswer {
  const { plan, steps } = planned
  const message = 'The history cannot be written.'
  return { plan, steps: steps.map(shown), error: 'KAFKA_STORAGE_ERROR', message, seq: -1 }
}

/** Why no plan with these may be applied, or null. */
function faultOf({ conflicts, refusal }: RewindPlan): string | null {
  if (refusal !== null) return refusal
  const [first] = conflicts
  if (!first) return null
  const { resource, changedBy } = first
  const by = changedBy === null ? '' : ` by record ${changedBy}`
  return `${resource.kind} ${resource.name} was changed since${by}; choose what to do about each of the ${conflicts.length} conflict(s).`
}

/** Why what a record did cannot be taken back; null for the usual words. */
function reasonOf({ operation }: HistoryRecord): string | null {
  switch (operation) {
    case 'user.scram.upsert':
    case 'user.scram.delete':
      return 'old passwords do not come back; set a new one'
    case 'topic.partitions.create':
      return 'partitions cannot be taken away'
    case 'topic.purge':
    case 'records.delete':
      return 'the records are gone'
    case 'token.revoke':
      return 'a token that was revoked does not come back'
    case 'person.erase':
      return 'what was erased is gone'
    case 'delegation-token.renew':
    case 'delegation-token.expire':
      return 'only its owner and its renewers say how long a delegation token lives'
    case 'audit.key.rotate':
      return 'a signing key that was given up is not trusted again'
    default:
      return null
  }
}

/** Tokens and passwords go with their account, and by steps of their own: only once, whoever is first. */
function isRemovedAgain(command: Command, removed: Set<string>): boolean {
  const removal = removalIn(command)
  if (removal === null) return false
  if (removed.has(removal)) return true
  removed.add(removal)
  return false
}

function removalIn(command: Command): string | null {
  switch (command.kind) {
    case 'token.revoke':
    case 'delegation-token.expire':
      return command.id
    case 'user.scram.delete':
      return `${command.mechanism} ${command.name}`
    default:
      return null
  }
}

/** A choice to overwrite is one for offsets as well: whatever the group has committed since. */
function anyway(command: Command): Command {
  if (command.kind !== 'group.offsets.reset') return command
  const offsets = command.offsets.map(({ topic, partition, offset }) => ({
    ...{ topic, partition, offset },
  }))
  return { ...command, offsets }
}

function shown({ given: _, expected: __, ...step }: Planned['steps'][number]): RewoundStep {
  return step
}

function answerOf(
  { plan, steps }: Planned,
  outcomes: readonly (Outcome | undefined)[],
  seq: number,
): RewindAnswer {
  let next = 0
  const rewound = steps.map((step): RewoundStep => {
    const own = step.given.map(() => outcomes[next++])
    const failed = own.find((outcome) => outcome?.error !== 'NONE')
    const isAsked = own.every((outcome) => outcome !== undefined)
    const error = isAsked ? (failed?.error ?? 'NONE') : 'OPERATION_NOT_ATTEMPTED'
    const seqs = own.flatMap((outcome) => (outcome && outcome.seq >= 0 ? [outcome.seq] : []))
    return { ...shown(step), error, message: failed?.message ?? null, seqs }
  })
  const failures = rewound.filter(({ error }) => error !== 'NONE')
  const cause = failures.find(({ error }) => error !== 'OPERATION_NOT_ATTEMPTED') ?? failures[0]
  const message = cause ? (cause.message ?? `${cause.step.key} cannot go back now.`) : null
  return { plan, steps: rewound, error: cause?.error ?? 'NONE', message, seq }
}

import type { HistoryRecord, Json } from '../../../audit/index.ts'
import { canonicalJson } from '../../../audit/index.ts'
import type { Command } from '../../../broker/control/index.ts'
import type { Answer } from './attempt.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import type { Members } from './model.ts'
import { changes, Model } from './model.ts'
import { mayGive } from './permissions.ts'
import { predict } from './predictions.ts'
import { FURNISHING } from './world.ts'

const SYSTEM = 'System:broker'
/** What the broker records as its own. */
const SYSTEM_OPERATIONS: ReadonlySet<string> = new Set([
  ...['cluster.create', 'topic.create', 'producer-ids.allocate', 'records.delete', 'topic.purge'],
])
/** Counted together, so that their records bear the mark of the first of many. */
const OBSERVATIONS: ReadonlySet<string> = new Set(['login', 'access', 'audit.read'])

/** A state that somebody was shown, to be found again as that of the same moment. */
export interface Observed {
  readonly seq: number
  readonly resources: ReadonlyMap<string, Json>
}

/**
 * Goes through the history in its order and lets the model predict each record: what was asked, by
 * whom, what must come of it, and what the whole resource is afterwards. Then it compares what
 * everybody was told with what is there.
 */
export class HistoryChecker {
  readonly problems: string[] = []
  readonly model = new Model()
  /** How many records there are of each operation and outcome. */
  readonly seen = new Map<string, number>()
  readonly #ledger: Ledger
  readonly #builtInRoles: ReadonlyMap<string, readonly Members[]>
  readonly #recordsByMark = new Map<string, HistoryRecord[]>()
  /** Observed states that the history has not come to yet. */
  #observed: Observed[] = []
  /** Outcomes by mark, for each command of an attempt; null for one without a record. */
  readonly #aligned = new Map<string, readonly (string | null)[]>()
  /** Denials of this life that have no record of their own, less those that were counted in one. */
  readonly #uncounted = new Map<string, number>()
  #compared = 0
  #latestSent = -1
  #next = 0

  constructor(ledger: Ledger, builtInRoles: ReadonlyMap<string, readonly Members[]>) {
    this.#ledger = ledger
    this.#builtInRoles = builtInRoles
  }

  /** Sequence number of the record that is due. */
  get next(): number {
    return this.#next
  }

  observe(observed: Observed): void {
    this.#observed.push(observed)
  }

  /**
   * The records from the next one on, once nothing is on its way any more. A life that ended in an
   * orderly way has written down everything that it counted.
   */
  take(records: readonly HistoryRecord[], { isOrderly }: { readonly isOrderly: boolean }): void {
    this.#uncounted.clear()
    this.#compareObserved()
    for (let at = 0; at < records.length; ) {
      const record = records[at] as HistoryRecord
      if (record.seq !== this.#next) {
        this.#problem(record, `record ${this.#next} was due`)
        return
      }
      const count = this.#takeCall(records.slice(at))
      for (const one of records.slice(at, at + count)) this.#count(one)
      at += count
      this.#next += count
      this.#compareObserved()
    }
    for (const entry of [...this.#ledger.entries()].slice(this.#compared)) {
      this.#compareAnswer(entry)
      this.#compared++
    }
    for (const [what, count] of this.#uncounted) {
      const isLost = isOrderly && count > 0
      if (isLost) this.problems.push(`${what}: ${count} denials have no record and are not counted`)
    }
    const late = this.#observed.map(({ seq }) => seq)
    if (late.length > 0)
      this.problems.push(`states after records ${late} were shown; there are none`)
  }

  recordsOf(mark: string): readonly HistoryRecord[] {
    return this.#recordsByMark.get(mark) ?? []
  }

  /** Checks the first record, with those that belong to the same decision. Answers how many these are. */
  #takeCall(records: readonly HistoryRecord[]): number {
    const [record] = records as [HistoryRecord]
    if (OBSERVATIONS.has(record.operation)) return 1
    if (isAggregate(record)) {
      this.#countDenials(record.actor.principal, record.operation, -countIn(record))
      return 1
    }
    if (record.actor.principal === SYSTEM) {
      if (!SYSTEM_OPERATIONS.has(record.operation)) this.#problem(record, 'nobody asked for it')
      this.#apply(record)
      return 1
    }
    const mark = (record.door === 'http' ? record.source.software : record.source.clientId) ?? ''
    const entry = this.#ledger.get(mark)
    if (!entry) {
      if (mark !== FURNISHING) this.#problem(record, `there was no request ${mark}`)
      this.#apply(record)
      return 1
    }
    this.#checkSender(record, entry)
    if (isOutcome(record) || isConsequence(record)) {
      this.#apply(record)
      return 1
    }
    const { expected } = entry.attempt
    if (expected.kind === 'commands') return this.#takeCommands(entry, expected, records)
    if (expected.kind === 'removal of an account') {
      const commands = removalIn(records, expected.name)
      return this.#takeCommands(entry, { commands, isAtomic: true }, records)
    }
    this.#remember(mark, record)
    if (expected.kind === 'nothing' && !expected.mayAllocate)
      this.#problem(record, 'the request asked for nothing')
    this.#apply(record)
    return 1
  }

  #takeCommands(
    entry: LedgerEntry,
    { commands, isAtomic }: { readonly commands: readonly Command[]; readonly isAtomic: boolean },
    records: readonly HistoryRecord[],
  ): number {
    const [first] = records as [HistoryRecord]
    const block = recordsOfOneCall(records)
    const own = block.filter((record) => !isConsequence(record))
    const due = this.#align(entry, commands, own)
    const taken = due.flatMap(({ record }) => record ?? [])
    const isOnce = this.recordsOf(entry.mark).length === 0
    const isWhole = due.every(({ record, isAllowed }) => record !== null || !isAllowed)
    const last = taken.at(-1)
    if (!isOnce || !isWhole || !last) {
      this.#problem(first, `it is not the one record of each command of ${entry.attempt.what}`)
      this.#remember(entry.mark, first)
      this.#apply(first)
      return 1
    }
    const isRefused = isAtomic && due.some(({ code }) => code !== 'NONE')
    const dueOf = new Map(due.map((one) => [one.record, one]))
    let count = block.indexOf(last) + 1
    for (let next = block[count]; next && isConsequence(next); next = block[count]) count++
    for (const record of block.slice(0, count)) {
      const one = dueOf.get(record)
      if (one) {
        this.#remember(entry.mark, record)
        const isTakenBack = isRefused && one.code === 'NONE'
        const expected = { ...one, code: 'OPERATION_NOT_ATTEMPTED', after: null }
        this.#compare(record, one.command, isTakenBack ? expected : one)
      }
      this.#apply(record)
    }
    this.#aligned.set(
      entry.mark,
      due.map(({ record }) => record?.outcome.code ?? null),
    )
    return count
  }

  /**
   * What must come of each command, and its record: each sees what those before it will have done.
   * Denied ones are counted together beyond a rate, and then have no record of their own.
   */
  #align(
    { principal, door }: LedgerEntry,
    commands: readonly Command[],
    records: readonly HistoryRecord[],
  ): readonly Due[] {
    const draft = this.model.copy()
    const requestId = records[0]?.requestId
    let next = 0
    return commands.map((command): Due => {
      const candidate = records[next]?.requestId === requestId ? (records[next] ?? null) : null
      const isAllowed = mayGive(principal, door, command, draft, this.#builtInRoles)
      if (!isAllowed) {
        const isIts = candidate?.operation === command.kind && !candidate.decision.allowed
        if (isIts) next++
        return { command, isAllowed, code: DENIED, after: null, record: isIts ? candidate : null }
      }
      next++
      const prediction = candidate ? predict(command, draft, candidate) : { code: 'NONE' }
      if ('code' in prediction) {
        return { command, isAllowed, code: prediction.code, after: null, record: candidate }
      }
      const { after } = prediction
      if (candidate) draft.put(candidate.resource, after, candidate.seq)
      return { command, isAllowed, code: 'NONE', after, record: candidate }
    })
  }

  #compare(record: HistoryRecord, command: Command | undefined, predicted: Predicted): void {
    const { operation, outcome, decision, after } = record
    if (operation !== command?.kind) {
      this.#problem(record, `${command?.kind} was asked for`)
      return
    }
    const isDenied = isDenial(outcome.code)
    if (decision.allowed !== predicted.isAllowed || isDenied === predicted.isAllowed) {
      this.#problem(record, `allowed should be ${predicted.isAllowed}`)
    } else if (!isDenied && outcome.code !== predicted.code) {
      this.#problem(record, `the outcome should be ${predicted.code}`)
    } else if (!isSame(after, predicted.after)) {
      this.#problem(record, `after should be ${canonicalJson(predicted.after)}`)
    }
  }

  /** The record's resource was what it says, and is from now on what it says. */
  #apply(record: HistoryRecord): void {
    const { resource, after, outcome } = record
    if (outcome.code !== 'NONE' && after !== null && !isOutcome(record)) {
      this.#problem(record, 'what was refused has an after')
    }
    if (!changes(record)) return
    const present = this.model.valueOf(resource)
    if (!isBefore(record, present)) {
      this.#problem(record, `before should be ${canonicalJson(present)}`)
    }
    this.model.put(resource, after, record.seq)
  }

  #checkSender(record: HistoryRecord, entry: LedgerEntry): void {
    if (record.actor.principal !== entry.principal || record.door !== entry.door) {
      this.#problem(record, `it was ${entry.principal} over ${entry.door}`)
    }
    if (entry.answeredAt !== null && entry.answeredAt < this.#latestSent) {
      this.#problem(record, 'it was answered before an earlier record was asked for')
    }
    this.#latestSent = Math.max(this.#latestSent, entry.sentAt)
  }

  #compareObserved(): void {
    const now = this.#observed.filter(({ seq }) => seq < this.#next)
    this.#observed = this.#observed.filter(({ seq }) => seq >= this.#next)
    for (const { seq, resources } of now) {
      // A call is recorded as a whole, so no state lies within one.
      if (seq !== this.#next - 1)
        this.problems.push(`the state after ${seq} is that of half a call`)
      else this.problems.push(...differences(`the state after ${seq}`, resources, this.model))
    }
  }

  #compareAnswer(entry: LedgerEntry): void {
    const { mark, attempt, answer } = entry
    const { expected, what } = attempt
    if (!answer || expected.kind === 'nothing') return
    const records = this.recordsOf(mark)
    const where = `${mark} (${what})`
    if (records.length === 0 && isAboutNothing(entry)) return
    if (records.length === 0 && isMetered(entry)) {
      const kind = expected.kind === 'commands' ? expected.commands.map((one) => one.kind) : []
      for (const operation of kind) this.#countDenials(entry.principal, operation, 1)
    } else if (records.length === 0) {
      this.problems.push(`${where} was answered ${answer.codes} and has no record`)
    } else if (expected.kind === 'commands' && !expected.isAtomic) {
      const aligned = this.#aligned.get(mark) ?? []
      const isSame = aligned.every((code, at) => {
        const told = answer.codes[at] ?? ''
        return code === null ? isDenial(told) : code === told
      })
      if (!isSame) this.problems.push(`${where} was answered ${answer.codes}, recorded ${aligned}`)
      for (const [at, { kind }] of expected.commands.entries()) {
        if (aligned[at] === null) this.#countDenials(entry.principal, kind, 1)
      }
    } else this.#compareWhole(where, entry, answer, records)
  }

  /** Of what stands or falls together the answer has one code, that of the cause. */
  #compareWhole(
    where: string,
    { mark, attempt, principal }: LedgerEntry,
    { codes, seq, body = {} }: Answer,
    records: readonly HistoryRecord[],
  ): void {
    const { expected } = attempt
    const recorded = this.#aligned.get(mark) ?? records.map(({ outcome }) => outcome.code)
    if (expected.kind === 'rewind') this.#compareRewind(where, records, body)
    else if (seq !== undefined && seq !== records.at(-1)?.seq) {
      this.problems.push(`${where} was told record ${seq}, not ${records.at(-1)?.seq}`)
    }
    if (expected.kind === 'commands') {
      for (const [at, { kind }] of expected.commands.entries()) {
        if (recorded[at] === null) this.#countDenials(principal, kind, 1)
      }
    }
    const cause = recorded.find((code) => code !== 'NONE' && code !== 'OPERATION_NOT_ATTEMPTED')
    const told =
      expected.kind === 'rewind' && codes[0] === 'CONFLICT' ? 'POLICY_VIOLATION' : codes[0]
    const isTold = cause === null ? isDenial(told ?? '') : (cause ?? recorded[0]) === told
    if (!isTold) this.problems.push(`${where} was answered ${codes}, recorded ${recorded}`)
  }

  #countDenials(principal: string, operation: string, count: number): void {
    const what = `${principal} ${operation}`
    this.#uncounted.set(what, (this.#uncounted.get(what) ?? 0) + count)
  }

  /** Records of a rewind say what they revert and what they follow from, and lead to where the answer says. */
  #compareRewind(where: string, records: readonly HistoryRecord[], body: Members | object): void {
    const [own, ...others] = records
    if (own?.operation !== 'audit.rewind') {
      this.problems.push(`${where} has no record of the rewind itself`)
      return
    }
    const stray = others.find(({ causes }) => !causes?.includes(own.seq))
    if (stray) this.#problem(stray, `it does not name ${own.seq} as its cause`)
    const steps = ((body as Members).steps ?? []) as readonly Members[]
    const told = steps.flatMap(({ seqs }) => seqs as readonly number[]).sort((a, b) => a - b)
    const there = others.map(({ seq }) => seq)
    if (own.outcome.code === 'NONE' && steps.length > 0 && !isSame(told, there)) {
      this.problems.push(`${where} was told records ${told}, not ${there}`)
    }
  }

  #remember(mark: string, record: HistoryRecord): void {
    const records = this.#recordsByMark.get(mark)
    if (records) records.push(record)
    else this.#recordsByMark.set(mark, [record])
  }

  #count({ operation, outcome }: HistoryRecord): void {
    const what = `${operation} ${outcome.code}`
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
  }

  #problem(record: HistoryRecord, what: string): void {
    this.problems.push(`${what}: ${canonicalJson(record as unknown as Json)}`)
  }
}

interface Predicted {
  readonly isAllowed: boolean
  readonly code: string
  readonly after: Json
}

interface Due extends Predicted {
  readonly command: Command
  /** Null when there is none. */
  readonly record: HistoryRecord | null
}

const DENIED = 'denied'

const isDenial = (code: string): boolean => code.endsWith('_AUTHORIZATION_FAILED')

/** What needs no permission, so that anybody can try it as often as they like. */
const NEEDS_NO_PERMISSION = /^(token|delegation-token)\./

/** Whether what the attempt is about was not there. */
function isAboutNothing({ attempt: { expected }, answer }: LedgerEntry): boolean {
  const needsResource = expected.kind === 'commands' && expected.needsResource === true
  return needsResource && answer?.codes[0] === 'RESOURCE_NOT_FOUND'
}

/** Whether the attempt is of a kind that is counted together with others beyond a rate. */
function isMetered({ attempt: { expected }, answer }: LedgerEntry): boolean {
  const codes = answer?.codes ?? []
  if (codes.every(isDenial)) return true
  if (expected.kind !== 'commands' || codes.includes('NONE')) return false
  return expected.commands.every(({ kind }) => NEEDS_NO_PERMISSION.test(kind))
}

/** Many denials of one kind in one record. */
function isAggregate({ request }: HistoryRecord): boolean {
  const members = request as Members
  return members.firstAt !== undefined && members.count !== undefined
}

function countIn({ request }: HistoryRecord): number {
  return Number((request as Members).count)
}

/** The second record of what happens outside of the state: that data is gone. */
function isOutcome({ operation, after, causes }: HistoryRecord): boolean {
  if (operation === 'topic.purge') return after === null && causes !== undefined
  return operation === 'records.delete' && (after as Members | null)?.phase !== undefined
    ? (after as Members).phase !== 'intent'
    : false
}

/** Whether a record found its resource as it was left: what lies outside of the state may have gone on. */
function isBefore({ resource, before }: HistoryRecord, present: Json): boolean {
  switch (resource.kind) {
    case 'group-offsets':
    case 'records':
      return true
    case 'broker-config':
      return isSame(before, present ?? { configs: {} })
    case 'producer-ids':
      return isSame(before, present ?? { nextProducerId: '0' })
    case 'audit-key': {
      const { verifierKey } = (present ?? before) as Members
      return (before as Members).verifierKey === verifierKey
    }
    default:
      return isSame(before, present)
  }
}

/** The records of the first one's call, as far as they stand together. */
function recordsOfOneCall(records: readonly HistoryRecord[]): readonly HistoryRecord[] {
  const end = records.findIndex(({ requestId }) => requestId !== records[0]?.requestId)
  return records.slice(0, end < 0 ? records.length : end)
}

/** How many commands a removal is depends on the state; the last one's denial may have no record. */
function removalIn(records: readonly HistoryRecord[], name: string): readonly Command[] {
  const recorded = recordsOfOneCall(records)
    .filter((record) => !isConsequence(record))
    .map(
      ({ operation, request }) =>
        ({ kind: operation, ...(request as Members) }) as unknown as Command,
    )
  const isWhole = recorded.at(-1)?.kind === 'account.delete'
  return isWhole ? recorded : [...recorded, { kind: 'account.delete', name }]
}

/** What the broker does because of an operation, in the same call: rules follow a topic to another name. */
function isConsequence({ decision, causes }: HistoryRecord): boolean {
  return decision.rule === 'consequence' && causes !== undefined
}

export function isSame(one: Json, other: Json): boolean {
  return canonicalJson(one) === canonicalJson(other)
}

/** What a state, by key, has that the model has not, and the other way round. */
export function differences(
  what: string,
  state: ReadonlyMap<string, Json>,
  model: Model,
): readonly string[] {
  const found: string[] = []
  for (const [key, { value }] of model.entries()) {
    const shown = state.get(key)
    if (shown === undefined) found.push(`${what} lacks ${key}`)
    else if (!isSame(shown, value)) {
      found.push(`${what} has ${key} as ${canonicalJson(shown)}, not ${canonicalJson(value)}`)
    }
  }
  for (const key of state.keys()) if (!model.get(key)) found.push(`${what} has ${key} as well`)
  return found
}

import type { Json } from '../json.ts'
import type { HistoryRecord, Resource } from '../record.ts'
import type { HistoryState, StateEntry } from '../state/history-state.ts'
import { changesState, resourceKey } from '../state/history-state.ts'
import { sameJson } from '../state/state-diff.ts'
import type { Clash, ClashChoice } from './three-way.ts'
import { undoChange } from './three-way.ts'

/** One resource that goes back: from what it is to what it was. */
export interface RewindStep {
  readonly key: string
  readonly resource: Resource
  /** The whole resource as it is now, and as the step makes it; null where it does not exist. */
  readonly from: Json
  readonly to: Json
  /** Sequence numbers of the records that the step undoes, newest first. */
  readonly reverts: readonly number[]
  /** True when something that followed from one of them stays, such as data that was deleted. */
  readonly sideEffects: boolean
}

/** Somebody changed what is to go back, after the operation that is to be undone. */
export interface RewindConflict extends Clash {
  readonly key: string
  readonly resource: Resource
  /** The record to be undone, and the one that changed the resource last. */
  readonly seq: number
  readonly changedBy: number | null
}

/** What cannot come back, and why. */
export interface RewindImpossible {
  readonly seq: number
  readonly key: string
  readonly resource: Resource
  readonly reason: string
}

export interface RewindPlan {
  /** The plan is for the state after this record. */
  readonly baseSeq: number
  /** In the order in which they are to be applied: what was done last goes back first. */
  readonly steps: readonly RewindStep[]
  /** Nothing may be applied while there is one; resolve each by a choice for its key. */
  readonly conflicts: readonly RewindConflict[]
  readonly impossible: readonly RewindImpossible[]
  /** Why the plan as a whole must not be applied, such as that nobody could administer afterwards. */
  readonly refusal: string | null
}

export interface RewindInput {
  /** The state in effect. */
  readonly now: HistoryState
  /** The records to be undone, in any order. */
  readonly records: Iterable<HistoryRecord>
  /** By key: what to do about a conflict, or leave the resource out. Without one a conflict is reported. */
  readonly choices?: ReadonlyMap<string, ClashChoice | 'skip'>
  /** Why a record that declares no reversal cannot be undone, in words; null for the usual ones. */
  readonly reasonOf?: (record: HistoryRecord) => string | null
  /** Looks at the state that the steps would lead to; answers why it must not be. */
  readonly guard?: (result: HistoryState) => string | null
}

/**
 * What it takes to undo records. Pure: nothing is changed, and nothing in the history ever is; the
 * steps become new records that name those that they revert.
 */
export function planRewind(input: RewindInput): RewindPlan {
  const { now } = input
  const found: Found = { steps: [], conflicts: [], impossible: [] }
  for (const [key, records] of newestFirstByKey(input.records, found)) {
    if (input.choices?.get(key) !== 'skip') planResource(input, key, records, found)
  }
  const steps = found.steps.sort((one, other) => newest(other) - newest(one))
  const refusal = input.guard?.(stateAfter(now, steps)) ?? null
  return {
    baseSeq: now.seq,
    steps,
    conflicts: found.conflicts,
    impossible: found.impossible.sort((one, other) => other.seq - one.seq),
    refusal,
  }
}

const newest = (step: RewindStep): number => step.reverts[0] ?? -1

interface Found {
  readonly steps: RewindStep[]
  readonly conflicts: RewindConflict[]
  readonly impossible: RewindImpossible[]
}

function newestFirstByKey(
  records: Iterable<HistoryRecord>,
  { impossible }: Found,
): Map<string, HistoryRecord[]> {
  const byKey = new Map<string, HistoryRecord[]>()
  for (const record of records) {
    const key = resourceKey(record.resource)
    if (!changesState(record)) {
      const reason = `record ${record.seq} (${record.operation}) changed nothing`
      impossible.push({ seq: record.seq, key, resource: record.resource, reason })
      continue
    }
    const list = byKey.get(key)
    if (list) list.push(record)
    else byKey.set(key, [record])
  }
  for (const list of byKey.values()) list.sort((one, other) => other.seq - one.seq)
  return byKey
}

function planResource(
  input: RewindInput,
  key: string,
  records: readonly HistoryRecord[],
  found: Found,
): void {
  const entry = input.now.get(key)
  const oldest = records.at(-1)
  if (!oldest) return
  // A resource that is to be gone again takes along what was done to it and cannot be undone alone.
  const endsAll = oldest.before === null && oldest.reversal !== 'none'
  const permanent = endsAll ? [] : records.filter(({ reversal }) => reversal === 'none')
  for (const record of permanent) found.impossible.push(impossibleOf(input, key, record))
  const undone = records.filter((record) => !permanent.includes(record))
  const { value, conflicts } = undoAll(input, key, undone, entry)
  if (conflicts.length > 0 && !input.choices?.has(key)) {
    found.conflicts.push(...conflicts)
    return
  }
  const from = entry?.value ?? null
  if (undone.length === 0 || sameJson(from, value)) return
  found.steps.push({
    key,
    resource: entry?.resource ?? oldest.resource,
    from,
    to: value,
    reverts: undone.map(({ seq }) => seq),
    sideEffects: undone.some(({ reversal }) => reversal !== 'full'),
  })
}

function undoAll(
  { choices }: RewindInput,
  key: string,
  records: readonly HistoryRecord[],
  entry: StateEntry | undefined,
): { value: Json; conflicts: RewindConflict[] } {
  const choice = choices?.get(key) === 'overwrite' ? 'overwrite' : 'keep'
  const conflicts: RewindConflict[] = []
  let value = entry?.value ?? null
  for (const { seq, resource, before, after } of records) {
    const undone = undoChange(before, after, value, choice)
    value = undone.value
    for (const clash of undone.clashes) {
      conflicts.push({ ...clash, key, resource, seq, changedBy: entry?.seq ?? null })
    }
  }
  return { value, conflicts }
}

function impossibleOf(input: RewindInput, key: string, record: HistoryRecord): RewindImpossible {
  const { seq, resource, operation } = record
  const reason = input.reasonOf?.(record) ?? `record ${seq} (${operation}) cannot be taken back`
  return { seq, key, resource, reason }
}

/** The state that the steps would lead to. */
export function stateAfter(now: HistoryState, steps: readonly RewindStep[]): HistoryState {
  const changed = new Map(steps.map((step) => [step.key, step]))
  const entryOf = ({ key, resource, to }: RewindStep): StateEntry | undefined =>
    to === null ? undefined : { key, resource, value: to, seq: now.seq + 1, recordedAt: '' }
  const get = (key: string): StateEntry | undefined => {
    const step = changed.get(key)
    return step ? entryOf(step) : now.get(key)
  }
  function* entries(): Generator<StateEntry> {
    for (const entry of now.entries()) if (!changed.has(entry.key)) yield entry
    for (const step of steps) {
      const entry = entryOf(step)
      if (entry) yield entry
    }
  }
  return {
    seq: now.seq,
    get size() {
      return [...entries()].length
    },
    get,
    entries,
  }
}

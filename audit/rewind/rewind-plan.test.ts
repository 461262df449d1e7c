import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../json.ts'
import { canonicalJson } from '../json.ts'
import type { HistoryRecord } from '../record.ts'
import { HistoryFold } from '../state/history-fold.ts'
import type { HistoryState } from '../state/history-state.ts'
import { exampleRecord } from '../testing.ts'
import type { RewindPlan } from './rewind-plan.ts'
import { planRewind, stateAfter } from './rewind-plan.ts'
import { isInScope } from './rewind-scope.ts'
import type { Deed } from './testing.ts'
import { deeds, recordOf } from './testing.ts'

/** Does what a plan says, as the control plane would. */
function apply(fold: HistoryFold, plan: RewindPlan): HistoryRecord[] {
  return plan.steps.map(({ resource, from, to, reverts }) => {
    const record = exampleRecord(fold.seq + 1, {
      operation: 'audit.rewind',
      resource,
      before: from,
      after: to,
      reverts,
    })
    fold.apply(record)
    return record
  })
}

function live(list: readonly Deed[]): { fold: HistoryFold; records: HistoryRecord[] } {
  const fold = new HistoryFold()
  const records = list.map((deed) => {
    const record = recordOf(fold, deed)
    fold.apply(record)
    return record
  })
  return { fold, records }
}

const values = (state: HistoryState): string =>
  [...state.entries()]
    .map(({ key, value }) => `${key}=${canonicalJson(value)}`)
    .sort()
    .join('\n')

const changes = (records: readonly HistoryRecord[]): HistoryRecord[] =>
  records.filter((record) => isInScope(record, {}))

describe('a rewind', () => {
  it('to a moment gives the state of that moment, and its hash', () => {
    fc.assert(
      fc.property(deeds, fc.nat(), (list, chosen) => {
        const { fold, records } = live(list)
        const at = chosen % (records.length + 1)
        const then = new HistoryFold()
        for (const record of records.slice(0, at)) then.apply(record)
        const plan = planRewind({ now: fold, records: changes(records.slice(at)) })
        expect(plan).toMatchObject({ conflicts: [], impossible: [], refusal: null })
        expect(values(stateAfter(fold, plan.steps))).toBe(values(then))
        apply(fold, plan)
        expect(fold.hash()).toBe(then.hash())
      }),
      { seed: 6, numRuns: 300 },
    )
  })

  it('that is undone leaves the state as it was', () => {
    fc.assert(
      fc.property(deeds, fc.array(fc.boolean()), (list, chosen) => {
        const { fold, records } = live(list)
        const before = fold.hash()
        const some = changes(records).filter((_, index) => chosen[index])
        const undo = apply(fold, planRewind({ now: fold, records: some }))
        const redo = planRewind({ now: fold, records: undo })
        expect(redo.conflicts).toEqual([])
        apply(fold, redo)
        expect(fold.hash()).toBe(before)
      }),
      { seed: 7, numRuns: 300 },
    )
  })

  it('changes nothing but what the undone records changed', () => {
    fc.assert(
      fc.property(deeds, fc.array(fc.boolean()), (list, chosen) => {
        const { fold, records } = live(list)
        const some = changes(records).filter((_, index) => chosen[index])
        const plan = planRewind({ now: fold, records: some })
        const named = new Set(some.map(({ resource }) => resource.name))
        for (const { resource, reverts } of plan.steps) {
          expect(named).toContain(resource.name)
          expect(some.map(({ seq }) => seq)).toEqual(expect.arrayContaining([...reverts]))
        }
      }),
      { seed: 8, numRuns: 200 },
    )
  })
})

const THING = { kind: 'thing', name: 'a', id: null }

/** A history of one resource: each value is one record. */
function story(...afters: Json[]): { fold: HistoryFold; records: HistoryRecord[] } {
  const fold = new HistoryFold()
  const records = afters.map((after) => {
    const before = fold.get('thing:a')?.value ?? null
    const record = exampleRecord(fold.seq + 1, { resource: THING, before, after })
    fold.apply(record)
    return record
  })
  return { fold, records }
}

describe('the plan of a rewind', () => {
  it('keeps what others changed since, member by member', () => {
    const { fold, records } = story({ x: 1, y: 1 }, { x: 2, y: 1 }, { x: 2, y: 5 })
    const plan = planRewind({ now: fold, records: records.slice(1, 2) })
    expect(plan.steps).toMatchObject([{ from: { x: 2, y: 5 }, to: { x: 1, y: 5 }, reverts: [1] }])
  })

  it('reports a member that is not what the undone record left, and changes nothing', () => {
    const { fold, records } = story({ x: 1 }, { x: 2 }, { x: 3 })
    const input = { now: fold, records: records.slice(1, 2) }
    expect(planRewind(input)).toMatchObject({
      steps: [],
      conflicts: [{ key: 'thing:a', path: 'x', expected: 2, present: 3, seq: 1, changedBy: 2 }],
    })
    const choose = (choice: 'keep' | 'overwrite' | 'skip'): RewindPlan =>
      planRewind({ ...input, choices: new Map([['thing:a', choice]]) })
    expect(choose('overwrite')).toMatchObject({ steps: [{ to: { x: 1 } }], conflicts: [] })
    expect(choose('keep')).toMatchObject({ steps: [], conflicts: [] })
    expect(choose('skip')).toMatchObject({ steps: [], conflicts: [] })
  })

  it('does not delete what others changed after it was made', () => {
    const { fold, records } = story({ x: 1 }, { x: 2 })
    expect(planRewind({ now: fold, records: records.slice(0, 1) })).toMatchObject({
      steps: [],
      conflicts: [{ path: '', seq: 0 }],
    })
  })

  it('says what cannot come back, and undoes the rest', () => {
    const { fold, records } = story({ x: 1, y: 1 }, { x: 2, y: 1 }, { x: 2, y: 2 })
    const permanent = records.map((record) =>
      record.seq === 1 ? { ...record, reversal: 'none' as const } : record,
    )
    const plan = planRewind({ now: fold, records: permanent.slice(1) })
    expect(plan.steps).toMatchObject([{ to: { x: 2, y: 1 }, reverts: [2] }])
    expect(plan.impossible).toMatchObject([
      { seq: 1, reason: 'record 1 (topic.create) cannot be taken back' },
    ])
    const reasonOf = (): string => 'secrets do not come back'
    const told = planRewind({ now: fold, records: permanent.slice(1), reasonOf })
    expect(told.impossible).toMatchObject([{ reason: 'secrets do not come back' }])
  })

  it('takes along what cannot be undone alone when the resource itself goes', () => {
    const { fold, records } = story({ x: 1 }, { x: 2 })
    const permanent = records.map((record) =>
      record.seq === 1 ? { ...record, reversal: 'none' as const } : record,
    )
    const plan = planRewind({ now: fold, records: permanent })
    expect(plan).toMatchObject({ steps: [{ to: null, reverts: [1, 0] }], impossible: [] })
  })

  it('names records that changed nothing', () => {
    const outcome = { code: 'INVALID_CONFIG', message: 'odd' }
    const refused = exampleRecord(0, { after: null, outcome })
    const plan = planRewind({ now: new HistoryFold(), records: [refused] })
    expect(plan.impossible).toMatchObject([{ seq: 0, reason: /changed nothing/ }])
  })

  it('is refused when what it leads to must not be', () => {
    const { fold, records } = story({ x: 1 })
    const guard = (result: HistoryState): string | null =>
      result.get('thing:a') ? null : 'nobody could administer'
    const plan = planRewind({ now: fold, records, guard })
    expect(plan).toMatchObject({ refusal: 'nobody could administer', steps: [{ to: null }] })
  })

  it('undoes last what was done first', () => {
    const fold = new HistoryFold()
    const records = [0, 1, 2].map((seq) => exampleRecord(seq))
    for (const record of records) fold.apply(record)
    const plan = planRewind({ now: fold, records })
    expect(plan.steps.map(({ reverts }) => reverts)).toEqual([[2], [1], [0]])
  })
})

describe('the scope of a rewind', () => {
  const record = exampleRecord(0)
  it.each([
    [{}, true],
    [{ kinds: ['topic', 'acl'] }, true],
    [{ kinds: ['acl'] }, false],
    [{ namePrefix: 'topic-' }, true],
    [{ namePrefix: 'other' }, false],
    [{ principal: 'User:alice' }, true],
    [{ principal: 'User:bob' }, false],
    [{ kinds: ['topic'], principal: 'User:bob' }, false],
  ])('%j: %s', (scope, expected) => {
    expect(isInScope(record, scope)).toBe(expected)
  })

  it('has no records that changed nothing', () => {
    const outcome = { code: 'INVALID_CONFIG', message: 'odd' }
    expect(isInScope(exampleRecord(0, { after: null, outcome }), {})).toBe(false)
  })
})

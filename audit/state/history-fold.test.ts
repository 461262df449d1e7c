import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../json.ts'
import type { HistoryRecord } from '../record.ts'
import { deeds, recordOf } from '../rewind/testing.ts'
import { exampleRecord } from '../testing.ts'
import { HistoryFold } from './history-fold.ts'
import type { HistoryState } from './history-state.ts'
import { diffStates } from './state-diff.ts'

const content = (state: HistoryState): unknown =>
  [...state.entries()].sort((one, other) => (one.key < other.key ? -1 : 1))

/** A history of the deeds, and the state that was observed after each record. */
function live(list: Parameters<typeof recordOf>[1][]): {
  records: HistoryRecord[]
  observed: unknown[]
  fold: HistoryFold
} {
  const fold = new HistoryFold()
  const records: HistoryRecord[] = []
  const observed = [content(fold)]
  for (const deed of list) {
    const record = recordOf(fold, deed)
    fold.apply(record)
    records.push(record)
    observed.push(content(fold))
  }
  return { records, observed, fold }
}

describe('the generic fold', () => {
  it('keeps the whole resource under its key until it is gone', () => {
    const fold = new HistoryFold()
    fold.apply(exampleRecord(0))
    fold.apply(exampleRecord(1, { resource: { kind: 'quota', name: 'alice', id: null } }))
    expect([...fold.entries()].map(({ key }) => key)).toEqual(['topic:topic-id-0', 'quota:alice'])
    expect(fold.get('topic:topic-id-0')).toMatchObject({ seq: 0, value: { name: 'topic-0' } })
    fold.apply(exampleRecord(2, { resource: exampleRecord(0).resource, after: null }))
    expect([...fold.entries()].map(({ key }) => key)).toEqual(['quota:alice'])
  })

  it('is not changed by what was refused', () => {
    const fold = new HistoryFold()
    fold.apply(exampleRecord(0))
    const { resource } = exampleRecord(0)
    const outcome = { code: 'TOPIC_AUTHORIZATION_FAILED', message: null }
    fold.apply(exampleRecord(1, { resource, after: null, outcome }))
    expect(fold.size).toBe(1)
    expect(fold.seq).toBe(1)
  })

  it('takes records in their order only', () => {
    const fold = new HistoryFold()
    expect(() => fold.apply(exampleRecord(1))).toThrow(RangeError)
  })

  it('gives at every moment what was observed then, from the start or from a snapshot', () => {
    fc.assert(
      fc.property(deeds, fc.nat(), (list, chosen) => {
        const { records, observed, fold } = live([...list])
        const at = records.length === 0 ? 0 : chosen % (records.length + 1)
        const replayed = new HistoryFold()
        for (const record of records.slice(0, at)) replayed.apply(record)
        expect(content(replayed)).toEqual(observed[at])
        const snapshot = replayed.copy()
        const resumed = new HistoryFold(snapshot.seq, snapshot.entries())
        for (const record of records.slice(at)) resumed.apply(record)
        expect(content(resumed)).toEqual(content(fold))
        expect(resumed.hash()).toBe(fold.hash())
      }),
      { seed: 4, numRuns: 200 },
    )
  })

  it('has one hash for one state, however often it was asked for and however it came about', () => {
    fc.assert(
      fc.property(deeds, (list) => {
        const { records, fold } = live([...list])
        const asked = new HistoryFold()
        const hashes = new Map<string, string>()
        for (const record of records) {
          asked.apply(record)
          const values = [...asked.entries()].map(
            ({ key, value }) => `${key}=${canonicalJson(value)}`,
          )
          const state = values.sort().join('\n')
          expect(hashes.get(state) ?? asked.hash()).toBe(asked.hash())
          hashes.set(state, asked.hash())
        }
        expect(new Set(hashes.values()).size).toBe(hashes.size)
        expect(asked.hash()).toBe(fold.hash())
      }),
      { seed: 5, numRuns: 100 },
    )
  })

  it('has another hash when a value differs', () => {
    const one = new HistoryFold()
    const other = new HistoryFold()
    one.apply(exampleRecord(0))
    other.apply(exampleRecord(0, { after: { name: 'topic-0', configs: {} } }))
    expect(one.hash()).not.toBe(other.hash())
  })
})

describe('the difference of two states', () => {
  it('names what came, went and changed', () => {
    const then = new HistoryFold()
    for (const seq of [0, 1, 2]) then.apply(exampleRecord(seq))
    const now = new HistoryFold(then.seq, then.entries())
    const [first, second] = [exampleRecord(0), exampleRecord(1)]
    now.apply(exampleRecord(3, { resource: first.resource, after: null }))
    now.apply(exampleRecord(4, { resource: second.resource, after: { name: 'other' } }))
    now.apply(exampleRecord(5))
    now.apply(exampleRecord(6, { resource: exampleRecord(2).resource, after: { name: 'topic-2' } }))
    expect(diffStates(then, now)).toEqual([
      { key: 'topic:topic-id-0', resource: first.resource, from: first.after, to: null },
      {
        key: 'topic:topic-id-1',
        resource: second.resource,
        from: second.after,
        to: { name: 'other' },
      },
      {
        key: 'topic:topic-id-5',
        resource: exampleRecord(5).resource,
        from: null,
        to: { name: 'topic-5' },
      },
    ])
  })
})

import { describe, expect, it } from 'vitest'
import { MAX_NAMES, OTHER, ThrottleCounts } from './throttle-counts.ts'

describe('counts of holds', () => {
  it('are kept by limit and name', () => {
    const counts = new ThrottleCounts()
    counts.note('producer_byte_rate', 'alice', 10)
    counts.note('producer_byte_rate', 'alice', 30)
    counts.note('consumer_byte_rate', 'alice', 5)
    expect([...counts.all()]).toEqual([
      { kind: 'producer_byte_rate', name: 'alice', count: 2, totalMs: 40 },
      { kind: 'consumer_byte_rate', name: 'alice', count: 1, totalMs: 5 },
    ])
  })

  it('are put together beyond a number of names, whatever clients call themselves', () => {
    const counts = new ThrottleCounts()
    for (let n = 0; n < 10_000; n++) counts.note('producer_byte_rate', `user-${n}`, 1)
    const all = [...counts.all()]
    expect(all).toHaveLength(MAX_NAMES + 1)
    expect(all.at(-1)).toMatchObject({ name: OTHER, count: 10_000 - MAX_NAMES })
    counts.note('producer_byte_rate', 'user-0', 1)
    expect(all[0]).toMatchObject({ name: 'user-0', count: 2 })
  })
})

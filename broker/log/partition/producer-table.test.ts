import { describe, expect, it } from 'vitest'
import { toProducerKey } from './producer-key.ts'
import { ProducerTable } from './producer-table.ts'

describe('producer table', () => {
  it('forgets the producer that was silent longest when there are too many', () => {
    const table = new ProducerTable(3)
    for (const [key, nowMs] of [
      [1, 30],
      [2, 10],
      [3, 20],
      [4, 40],
    ] as const) {
      table.append(key, 0, 0, 0, key, -1, nowMs)
    }
    expect([...table.entries()].map(([key]) => key)).toEqual([1, 3, 4])
  })

  it('forgets the silent ones, but none with an open transaction', () => {
    const table = new ProducerTable(10)
    table.append(1, 0, 0, 0, 0, -1, 100)
    table.append(2, 0, 0, 0, 1, -1, 100)
    table.append(3, 0, 0, 0, 2, -1, 200)
    table.expire(150, (key) => key === 2)
    expect([...table.entries()].map(([key]) => key)).toEqual([2, 3])
    expect(table.judge(1, 0, 77, 0)).toBe('next')
  })

  it('takes back what lies beyond an offset', () => {
    const table = new ProducerTable(10)
    for (let sequence = 0; sequence < 4; sequence++)
      table.append(1, 0, sequence, 0, sequence, -1, 0)
    table.append(2, 0, 0, 0, 4, -1, 0)
    table.cut(2)
    expect(table.judge(1, 0, 2, 0)).toBe('next')
    expect(table.judge(1, 0, 1, 0)).toBe('duplicate')
    expect(table.get(2)).toBeUndefined()
  })

  it('tells apart ids that a double cannot', () => {
    const table = new ProducerTable(10)
    const large = 2n ** 60n
    table.append(toProducerKey(large), 0, 0, 0, 0, -1, 0)
    expect(table.get(toProducerKey(large + 1n))).toBeUndefined()
    expect(table.get(toProducerKey(large))).toBeDefined()
  })
})

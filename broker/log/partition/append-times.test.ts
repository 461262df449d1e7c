import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../kit/index.ts'
import { AppendTimes, AppendTimesBudget } from './append-times.ts'

const SECOND_MS = 1_000
const START_MS = 1_700_000_000_000

/** One record of 100 bytes a second from offset 0 on. */
function everySecond(seconds: number, budget = new AppendTimesBudget()): AppendTimes {
  const times = new AppendTimes(budget)
  for (let n = 0; n < seconds; n++) times.note(n, n + 1, 100, START_MS + n * SECOND_MS)
  return times
}

describe('append times', () => {
  it('knows when a record came, and what came from it on', () => {
    const times = everySecond(1_000)
    for (const offset of [0, 1, 499, 999]) {
      const atMs = START_MS + offset * SECOND_MS
      expect(times.spanOf(offset)).toEqual({ earliestMs: atMs, latestMs: atMs })
      expect(times.bytesFrom(offset)).toBe((1_000 - offset) * 100)
    }
  })

  it('says nothing of what is not there', () => {
    const times = new AppendTimes(new AppendTimesBudget())
    expect([times.spanOf(0), times.firstMs]).toEqual([undefined, undefined])
    times.note(10, 20, 1, START_MS)
    expect([times.spanOf(9), times.bytesFrom(9)]).toEqual([undefined, undefined])
    expect([times.spanOf(20), times.bytesFrom(20)]).toEqual([undefined, 0])
    expect(times.firstOffset).toBe(10)
  })

  it('knows times of bursts to within half a second, and keeps pauses out of them', () => {
    const times = new AppendTimes(new AppendTimesBudget())
    for (let n = 0; n < 100; n++) times.note(n, n + 1, 10, START_MS + n)
    times.note(100, 101, 10, START_MS + 3_600_000)
    expect(times.spanOf(50)).toEqual({ earliestMs: START_MS, latestMs: START_MS + 99 })
    expect(times.bytesFrom(50)).toBe(510)
    expect(times.spanOf(100)?.earliestMs).toBe(START_MS + 3_600_000)
  })

  it('joins what is old when there is no room, and is never wrong for that', () => {
    const times = everySecond(5_000, new AppendTimesBudget(56))
    const random = seededRandom(7)
    for (let n = 0; n < 500; n++) {
      const offset = random.below(5_000)
      const atMs = START_MS + offset * SECOND_MS
      const span = times.spanOf(offset)
      expect(span?.earliestMs).toBeLessThanOrEqual(atMs)
      expect(span?.latestMs).toBeGreaterThanOrEqual(atMs)
      expect(Math.abs((times.bytesFrom(offset) ?? 0) - (5_000 - offset) * 100)).toBeLessThan(101)
    }
    const newest = times.spanOf(4_990)
    expect((newest?.latestMs ?? 0) - (newest?.earliestMs ?? 0)).toBe(0)
  })

  it('takes back what was not appended after all', () => {
    const times = everySecond(10)
    times.cut(5)
    expect([times.spanOf(5), times.bytesFrom(0)]).toEqual([undefined, 500])
    times.note(5, 6, 100, START_MS + 60_000)
    expect(times.spanOf(5)?.earliestMs).toBe(START_MS + 60_000)
    expect(times.bytesFrom(0)).toBe(600)
  })

  it('never goes back in time', () => {
    const times = new AppendTimes(new AppendTimesBudget())
    times.note(0, 1, 1, START_MS + 10_000)
    times.note(1, 2, 1, START_MS)
    times.note(2, 3, 1, START_MS + 11_000)
    expect(times.spanOf(1)?.earliestMs).toBe(START_MS + 10_000)
    expect(times.spanOf(2)?.earliestMs).toBe(START_MS + 11_000)
  })

  it('gives back its share of the budget', () => {
    const budget = new AppendTimesBudget(8)
    const first = everySecond(16, budget)
    expect(budget.take(1)).toBe(false)
    first.release()
    expect(budget.take(8)).toBe(true)
  })
})

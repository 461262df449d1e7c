import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../kit/index.ts'
import { RatioSampler, SecondBudget } from './sampling.ts'

function taken(ratio: number, asked: number): number {
  const sampler = new RatioSampler(seededRandom(3))
  sampler.ratio = ratio
  let count = 0
  for (let n = 0; n < asked; n++) if (sampler.take()) count++
  return count
}

describe('sampling by ratio', () => {
  it('takes none, all, or about as many as it should', () => {
    expect(taken(0, 10_000)).toBe(0)
    expect(taken(1, 1000)).toBe(1000)
    expect(taken(0.5, 100_000) / 50_000).toBeCloseTo(1, 1)
    expect(taken(0.01, 1_000_000) / 10_000).toBeCloseTo(1, 1)
    expect(taken(1e-12, 10_000)).toBe(0)
  })

  it('does what it is told last', () => {
    const sampler = new RatioSampler(seededRandom(3))
    expect(sampler.take()).toBe(false)
    sampler.ratio = 1
    expect(sampler.take()).toBe(true)
    sampler.ratio = 0
    expect(sampler.take()).toBe(false)
  })
})

describe('a budget for each second', () => {
  it('is spent, and there again with the next', () => {
    const budget = new SecondBudget()
    budget.perSecond = 2
    const at = [0, 1, 2, 999, 1000, 1500, 1600, -1000]
    // The clock that is set back begins a second as well.
    expect(at.map((ms) => budget.take(ms + 1e12))).toEqual([
      ...[true, true, false, false, true, true, false, true],
    ])
  })

  it('of nothing gives nothing', () => {
    expect(new SecondBudget().take(5)).toBe(false)
  })
})

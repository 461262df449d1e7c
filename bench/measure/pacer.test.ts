import { describe, expect, it } from 'vitest'
import { Pacer } from './pacer.ts'

describe('Pacer', () => {
  it('has nothing due before the start and one at the start', () => {
    const pacer = new Pacer({ startMs: 100, intervalMs: 2 })
    expect(pacer.due(99.9)).toBe(0)
    expect(pacer.due(100)).toBe(1)
  })

  it('gives each request its own intended time, however late it is taken', () => {
    const pacer = new Pacer({ startMs: 100, intervalMs: 2 })
    expect(pacer.due(107)).toBe(4)
    expect([pacer.take(), pacer.take(), pacer.take(), pacer.take()]).toEqual([100, 102, 104, 106])
    expect(pacer.due(107)).toBe(0)
    expect(pacer.due(108)).toBe(1)
    expect(pacer.taken).toBe(4)
  })

  it('knows the intended time of a request that was taken long ago', () => {
    expect(new Pacer({ startMs: 5, intervalMs: 0.5 }).intendedMs(10)).toBe(10)
  })
})

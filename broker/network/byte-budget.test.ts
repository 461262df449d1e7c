import { describe, expect, it } from 'vitest'
import type { BudgetReader } from './byte-budget.ts'
import { ByteBudget } from './byte-budget.ts'

function reader(log: string[], name: string, mayOverdraw = true): BudgetReader {
  return { mayOverdraw, resume: () => log.push(name) }
}

describe('ByteBudget', () => {
  it('lets everybody read below the limit', () => {
    const budget = new ByteBudget(100)
    budget.take(99)
    expect(budget.mayRead(reader([], 'a'))).toBe(true)
    expect(budget.mayRead(reader([], 'b'))).toBe(true)
  })

  it('lets one reader past the limit, so that full memory cannot keep every frame half-read', () => {
    const budget = new ByteBudget(100)
    const log: string[] = []
    const [a, b] = [reader(log, 'a'), reader(log, 'b')]
    budget.take(100)
    expect(budget.mayRead(a)).toBe(true)
    expect(budget.mayRead(b)).toBe(false)
    budget.take(50)
    expect(budget.mayRead(a)).toBe(true)
    expect(log).toEqual([])
  })

  it('hands the permission to overdraw on when the frame is whole', () => {
    const budget = new ByteBudget(100)
    const log: string[] = []
    const [a, b, c] = [reader(log, 'a'), reader(log, 'b'), reader(log, 'c')]
    budget.take(100)
    budget.mayRead(a)
    budget.mayRead(b)
    budget.mayRead(c)
    budget.frameDone(a)
    expect(log).toEqual(['b'])
    expect(budget.mayRead(b)).toBe(true)
    expect(budget.mayRead(c)).toBe(false)
  })

  it('wakes the waiting in order when bytes are given back', () => {
    const budget = new ByteBudget(100)
    const log: string[] = []
    budget.take(150)
    budget.mayRead(reader(log, 'a'))
    budget.mayRead(reader(log, 'b'))
    budget.mayRead(reader(log, 'c'))
    budget.give(40)
    expect(log).toEqual([])
    budget.give(20)
    expect(log).toEqual(['b', 'c'])
    expect(budget.usedBytes).toBe(90)
    expect(budget.waitingCount).toBe(0)
  })

  it('keeps the permission with a whole frame until its bytes are given back', () => {
    const budget = new ByteBudget(100)
    const log: string[] = []
    const [a, b, request] = [reader(log, 'a'), reader(log, 'b'), {}]
    budget.take(100)
    expect(budget.mayRead(a)).toBe(true)
    budget.take(50)
    budget.frameWhole(a, request)
    budget.frameDone(a)
    expect(budget.mayRead(a)).toBe(false)
    expect(budget.mayRead(b)).toBe(false)
    budget.leave(a)
    expect(log).toEqual([])
    budget.give(50)
    expect(log).toEqual([])
    budget.frameDone(request)
    expect(log).toEqual(['b'])
  })

  it('takes the permission back when there is room again', () => {
    const budget = new ByteBudget(100)
    const log: string[] = []
    const [a, b] = [reader(log, 'a'), reader(log, 'b')]
    budget.take(100)
    expect(budget.mayRead(a)).toBe(true)
    budget.give(50)
    budget.take(50)
    expect(budget.mayRead(b)).toBe(true)
    expect(budget.mayRead(a)).toBe(false)
  })

  it('passes over those that something else holds up', () => {
    const budget = new ByteBudget(100)
    const log: string[] = []
    const [a, c] = [reader(log, 'a'), reader(log, 'c')]
    let isMuted = false
    const b: BudgetReader = {
      get mayOverdraw() {
        return !isMuted
      },
      resume: () => log.push('b'),
    }
    budget.take(100)
    for (const one of [a, b, c]) budget.mayRead(one)
    isMuted = true
    budget.frameDone(a)
    expect(log).toEqual(['c'])
  })

  it('lets only those past the limit who have begun a frame', () => {
    const budget = new ByteBudget(100)
    const log: string[] = []
    const idle = reader(log, 'idle', false)
    budget.take(120)
    expect(budget.mayRead(idle)).toBe(false)
    const a = reader(log, 'a')
    expect(budget.mayRead(a)).toBe(true)
    budget.frameDone(a)
    expect(log).toEqual([])
    budget.give(30)
    expect(log).toEqual(['idle'])
  })

  it('forgets a reader that left', () => {
    const budget = new ByteBudget(100)
    const log: string[] = []
    const [a, b, c] = [reader(log, 'a'), reader(log, 'b'), reader(log, 'c')]
    budget.take(100)
    budget.mayRead(a)
    budget.mayRead(b)
    budget.mayRead(c)
    budget.leave(b)
    budget.leave(a)
    expect(log).toEqual(['c'])
  })
})

import { describe, expect, it } from 'vitest'
import { FetchMemory } from './fetch-memory.ts'

const MIB = 1024 * 1024

describe('FetchMemory', () => {
  it('gives what is wanted while there is plenty', () => {
    const memory = new FetchMemory(256 * MIB)
    expect(memory.take(50 * MIB)).toBe(50 * MIB)
    expect(memory.usedBytes).toBe(50 * MIB)
  })

  it('makes reads smaller the less is left, and never less than 256 KiB', () => {
    const memory = new FetchMemory(16 * MIB)
    const grants = Array.from({ length: 40 }, () => memory.take(50 * MIB))
    expect(grants[0]).toBe(4 * MIB)
    expect(grants[1]).toBe(3 * MIB)
    expect(grants.at(-1)).toBe(MIB / 4)
    expect(memory.usedBytes).toBeLessThan(16 * MIB + 40 * (MIB / 4))
    expect(memory.take(100)).toBe(100)
  })

  it('counts what was read, not what might have been', () => {
    const memory = new FetchMemory(16 * MIB)
    memory.settle(memory.take(MIB), 10)
    expect(memory.usedBytes).toBe(10)
    memory.settle(memory.take(5), 1000)
    expect(memory.usedBytes).toBe(1010)
    memory.give(1010)
    expect(memory.usedBytes).toBe(0)
  })
})

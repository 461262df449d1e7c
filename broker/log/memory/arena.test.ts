import { describe, expect, it } from 'vitest'
import type { Chunk } from './arena.ts'
import { Arena } from './arena.ts'

const KIB = 1024

function create(): {
  arena: Arena
  memories: Set<number>
  fill: (privileged?: boolean) => Chunk | undefined
} {
  const memories = new Set<number>()
  const arena = new Arena({
    chunkBytes: 4 * KIB,
    limitBytes: 16 * KIB,
    reserveBytes: 4 * KIB,
    onMemoryAdded: ({ id }) => memories.add(id),
    onMemoryRemoved: ({ id }) => memories.delete(id),
  })
  /** Takes a whole chunk and holds it. */
  const fill = (privileged = false): Chunk | undefined => {
    const chunk = arena.reserve(4 * KIB, 1, privileged)
    if (chunk === undefined) return undefined
    chunk.usedBytes += 4 * KIB
    chunk.holds++
    return chunk
  }
  return { arena, memories, fill }
}

describe('arena', () => {
  it('fills a chunk before it begins the next', () => {
    const { arena } = create()
    const first = arena.reserve(3000, 1, false)
    if (first === undefined) throw new Error('no room')
    first.usedBytes += 3000
    expect(arena.reserve(1000, 2, false)).toBe(first)
    const second = arena.reserve(2000, 2, false)
    expect(second).toMatchObject({ serial: 1, firstSequence: 2, usedBytes: 0 })
  })

  it('keeps a reserve for the privileged, and is full after it', () => {
    const { fill } = create()
    expect([fill(), fill(), fill()].map((chunk) => chunk?.serial)).toEqual([0, 1, 2])
    expect(fill()).toBeUndefined()
    expect(fill(true)?.serial).toBe(3)
    expect(fill(true)).toBeUndefined()
  })

  it('does not let others into a chunk that was begun out of the reserve', () => {
    const { arena, fill } = create()
    fill()
    fill()
    fill()
    expect(arena.reserve(10, 1, true)?.serial).toBe(3)
    expect(arena.reserve(10, 1, false)).toBeUndefined()
  })

  it('uses memory again once nothing holds the oldest chunk', () => {
    const { arena, memories, fill } = create()
    const chunks = [fill(), fill(), fill()]
    const [first, second] = chunks
    if (first === undefined || second === undefined) throw new Error('no room')
    second.holds--
    expect(fill()).toBeUndefined()
    first.holds--
    expect(arena.oldestSerial).toBe(0)
    expect(fill()?.memory).toBe(first.memory)
    expect(arena.oldestSerial).toBe(1)
    expect(memories.size).toBe(3)
    expect(arena.sizeBytes).toBe(12 * KIB)
  })

  it('retires a chunk that readers look at, instead of waiting for them', () => {
    const { arena, fill } = create()
    const [first] = [fill(), fill(), fill()]
    if (first === undefined) throw new Error('no room')
    first.pins = 2
    first.holds--
    const next = fill()
    expect(next?.memory).not.toBe(first.memory)
    expect(arena.retiredBytes).toBe(4 * KIB)
    arena.unpin(first)
    expect(arena.retiredBytes).toBe(4 * KIB)
    arena.unpin(first)
    expect(arena.retiredBytes).toBe(0)
  })

  it('gives what is larger than a chunk memory of its own, and lets go of it', () => {
    const { arena, memories } = create()
    const chunk = arena.reserve(9 * KIB, 1, false)
    expect(chunk?.memory.sizeBytes).toBe(12 * KIB)
    if (chunk) chunk.usedBytes = 9 * KIB
    const next = arena.reserve(4 * KIB, 2, false)
    expect(next?.serial).toBe(1)
    expect(memories.size).toBe(1)
    expect(arena.sizeBytes).toBe(4 * KIB)
  })

  it('presses by what is held and all that came after it, in bytes', () => {
    const { arena, fill } = create()
    expect(arena.pressure).toBe(0)
    const first = fill()
    if (first === undefined) throw new Error('no room')
    expect(arena.pressure).toBeCloseTo(1 / 3)
    // Twice the size of a chunk.
    const large = arena.reserve(8 * KIB, 2, false)
    if (large === undefined) throw new Error('no room')
    large.usedBytes = 8 * KIB
    expect(arena.pressure).toBe(1)
    first.holds--
    expect(arena.pressure).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { LARGEST_READ_BYTES, ReadBuffers } from './read-buffers.ts'

const KIB = 1024

describe('read buffers', () => {
  it.each([
    [33 * KIB, 68 * KIB],
    [68 * KIB, 68 * KIB],
    [68 * KIB + 1, 136 * KIB],
    [1000 * KIB, 1088 * KIB],
    [LARGEST_READ_BYTES, 1088 * KIB],
    // Not kept, so as large as asked for.
    [100, 100],
    [LARGEST_READ_BYTES + 1, LARGEST_READ_BYTES + 1],
  ])('gives for %i bytes a buffer of %i', (wantedBytes, sizeBytes) => {
    expect(new ReadBuffers(0).take(wantedBytes).length).toBe(sizeBytes)
  })

  it('gives again what was given back, to those who want that size', () => {
    const buffers = new ReadBuffers(1024 * KIB)
    const first = buffers.take(100 * KIB)
    const second = buffers.take(100 * KIB)
    expect(second === first).toBe(false)
    buffers.give(first)
    expect(buffers.idleBytes).toBe(136 * KIB)
    expect(buffers.take(60 * KIB) === first).toBe(false)
    expect(buffers.take(120 * KIB)).toBe(first)
    expect(buffers.idleBytes).toBe(0)
  })

  it('keeps no more than it may, and lets go of the size that takes most', () => {
    const buffers = new ReadBuffers(600 * KIB)
    const large = [1, 2, 3, 4].map(() => buffers.take(136 * KIB))
    const small = buffers.take(68 * KIB)
    for (const buffer of [...large, small]) buffers.give(buffer)
    expect(buffers.idleBytes).toBe((3 * 136 + 68) * KIB)
    expect(buffers.take(68 * KIB)).toBe(small)
    buffers.give(new ReadBuffers(0).take(LARGEST_READ_BYTES * 2))
    expect(buffers.idleBytes).toBe(3 * 136 * KIB)
  })
})

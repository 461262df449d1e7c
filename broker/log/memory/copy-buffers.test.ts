import { expect, it } from 'vitest'
import { CopyBuffers } from './copy-buffers.ts'

it('gives what came back to the next who asks for as much', () => {
  const buffers = new CopyBuffers()
  const first = buffers.take(100_000)
  expect(first.length).toBe(131_072)
  // As a boolean: buffers that are not the same would be compared byte by byte.
  expect(buffers.take(100_000) === first).toBe(false)
  buffers.give(first)
  expect(buffers.take(60_000) === first).toBe(false)
  expect(buffers.take(131_072) === first).toBe(true)
})

it('keeps no more than a bound, and nothing very large', () => {
  const buffers = new CopyBuffers()
  const large = buffers.take(2 * 1024 * 1024)
  buffers.give(large)
  expect(buffers.take(2 * 1024 * 1024) === large).toBe(false)
  const taken = Array.from({ length: 20 }, () => buffers.take(1024 * 1024))
  for (const buffer of taken) buffers.give(buffer)
  const again = Array.from({ length: 20 }, () => buffers.take(1024 * 1024))
  expect(again.filter((buffer) => taken.includes(buffer))).toHaveLength(8)
})

it('takes at most twice as much as is asked for, but for the smallest', () => {
  const buffers = new CopyBuffers()
  for (let sizeBytes = 300; sizeBytes < 2 ** 22; sizeBytes = Math.ceil(sizeBytes * 1.3)) {
    const { length } = buffers.take(sizeBytes)
    expect(length).toBeGreaterThanOrEqual(sizeBytes)
    expect(length).toBeLessThan(sizeBytes * 2)
  }
})

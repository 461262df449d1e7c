import { expect, it } from 'vitest'
import { CopyBuffers } from './copy-buffers.ts'

it('gives what came back to the next who asks for as much', () => {
  const buffers = new CopyBuffers()
  const first = buffers.take(100_000)
  expect(first.length).toBe(131_072)
  expect(buffers.take(100_000)).not.toBe(first)
  buffers.give(first)
  expect(buffers.take(60_000)).not.toBe(first)
  expect(buffers.take(131_072)).toBe(first)
})

it('keeps no more than a bound, and nothing very large', () => {
  const buffers = new CopyBuffers()
  const large = buffers.take(2 * 1024 * 1024)
  buffers.give(large)
  expect(buffers.take(2 * 1024 * 1024)).not.toBe(large)
  const taken = Array.from({ length: 20 }, () => buffers.take(1024 * 1024))
  for (const buffer of taken) buffers.give(buffer)
  const again = Array.from({ length: 20 }, () => buffers.take(1024 * 1024))
  expect(again.filter((buffer) => taken.includes(buffer))).toHaveLength(8)
})

import { expect, it } from 'vitest'
import { FrameBuffers } from './frame-buffers.ts'

it('gives a buffer that came back again', () => {
  const buffers = new FrameBuffers()
  const first = buffers.take(40_000)
  expect(first.length).toBe(65_536)
  expect(buffers.take(40_000)).not.toBe(first)
  buffers.give(first)
  expect(buffers.take(20_000)).not.toBe(first)
  expect(buffers.take(65_536)).toBe(first)
})

it('keeps no more than a bound, and nothing very large', () => {
  const buffers = new FrameBuffers()
  const large = buffers.take(3_000_000)
  expect(large.length).toBe(3_000_000)
  buffers.give(large)
  const taken = Array.from({ length: 20 }, () => buffers.take(1024 * 1024))
  for (const buffer of taken) buffers.give(buffer)
  const again = Array.from({ length: 20 }, () => buffers.take(1024 * 1024))
  expect(again.filter((buffer) => taken.includes(buffer))).toHaveLength(8)
})

it('takes little memory for the first bytes of a frame', () => {
  expect(new FrameBuffers().take(2).length).toBe(4096)
})

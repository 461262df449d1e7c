import { describe, expect, it } from 'vitest'
import { Segment } from '../segments/segment.ts'
import type { Stretch } from './read-ahead.ts'
import { ReadAhead } from './read-ahead.ts'
import { ReadBuffers } from './read-buffers.ts'

const KIB = 1024
const BUFFER_BYTES = 68 * KIB

/** Reads that end when told to; each fills its buffer with the position. */
function create(maxBytes = 10 * BUFFER_BYTES) {
  const buffers = new ReadBuffers(100 * BUFFER_BYTES)
  const pending: { readonly position: number; end(): void; fail(): void }[] = []
  const ahead = new ReadAhead(buffers, maxBytes, ({ position, sizeBytes }, buffer) => {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    pending.push({
      position,
      end: () => resolve(buffer.subarray(0, sizeBytes).fill(position)),
      fail: () => reject(new Error('EIO')),
    })
    return promise
  })
  return { ahead, buffers, pending, segment: new Segment('d', 0, 0, 0) }
}

function stretch(segment: Segment, position: number, sizeBytes: number): Stretch {
  return { segment, position, sizeBytes, cachedFrom: 0 }
}

describe('read ahead', () => {
  it('gives a reader what was read for it, once', async () => {
    const { ahead, pending, segment } = create()
    ahead.expect(7, stretch(segment, 30, 60 * KIB))
    expect(ahead.aheadBytes).toBe(BUFFER_BYTES)
    expect(ahead.take(segment, 6)).toBeUndefined()
    expect(ahead.take(new Segment('d', 0, 0, 0), 7)).toBeUndefined()
    const expected = ahead.take(segment, 7)
    expect(expected).toMatchObject({ position: 30, offset: 7 })
    expect(ahead.aheadBytes).toBe(0)
    pending[0]?.end()
    const bytes = await expected?.ahead?.bytes
    expect(bytes?.length).toBe(60 * KIB)
    expect(bytes?.[0]).toBe(30)
    expect(ahead.take(segment, 7)).toBeUndefined()
  })

  it('only remembers the place where there is nothing to read', () => {
    const { ahead, pending, segment } = create()
    ahead.expect(7, stretch(segment, 30, 0))
    expect(pending).toEqual([])
    expect(ahead.take(segment, 7)).toMatchObject({ position: 30, ahead: undefined })
  })

  it('leaves a read that failed to the reader', async () => {
    const { ahead, pending, segment } = create()
    ahead.expect(7, stretch(segment, 30, 60 * KIB))
    pending[0]?.fail()
    expect(await ahead.take(segment, 7)?.ahead?.bytes).toBeUndefined()
  })

  it('forgets the oldest past its bound, and gives its memory back when it is filled', async () => {
    const { ahead, buffers, pending, segment } = create(2 * BUFFER_BYTES)
    for (const offset of [1, 2, 3]) ahead.expect(offset, stretch(segment, offset, 60 * KIB))
    expect(ahead.aheadBytes).toBe(2 * BUFFER_BYTES)
    expect(ahead.take(segment, 1)).toBeUndefined()
    expect(buffers.idleBytes).toBe(0)
    pending[0]?.end()
    await new Promise((resolve) => setImmediate(resolve))
    expect(buffers.idleBytes).toBe(BUFFER_BYTES)
    expect(ahead.take(segment, 2)?.ahead).toBeDefined()
  })

  it('remembers a bounded number of places', () => {
    const { ahead, segment } = create()
    for (let offset = 0; offset < 65; offset++) ahead.expect(offset, stretch(segment, offset, 0))
    expect(ahead.take(segment, 0)).toBeUndefined()
    expect(ahead.take(segment, 1)).toBeDefined()
    expect(ahead.take(segment, 64)).toBeDefined()
  })
})

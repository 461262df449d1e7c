import { describe, expect, it } from 'vitest'
import { gather } from './gather.ts'
import { RING_CAPACITY, RING_STRIDE } from './worker-protocol.ts'

const MEMORY = new SharedArrayBuffer(64 * 1024 * 1024)

type Write = readonly [
  memory: number,
  start: number,
  length: number,
  slot: number,
  position: number,
]

function gathered(writes: readonly Write[], from = 0): object {
  const ring = new Int32Array(RING_CAPACITY * RING_STRIDE)
  for (const [index, write] of writes.entries()) {
    ring.set(write, (((from + index) >>> 0) % RING_CAPACITY) * RING_STRIDE)
  }
  const { pieces, ...rest } = gather(ring, () => MEMORY, from, (from + writes.length) | 0)
  return { ...rest, pieces: pieces.map((piece) => [piece.byteOffset, piece.byteLength]) }
}

describe('gather', () => {
  it('takes what follows each other in the file, in one piece where it does so in memory', () => {
    const writes: Write[] = [
      [1, 0, 100, 7, 4096],
      [1, 100, 50, 7, 4196],
      [1, 500, 10, 7, 4246],
      [2, 510, 10, 7, 4256],
    ]
    expect(gathered(writes)).toEqual({
      ...{ slot: 7, position: 4096, sizeBytes: 170, count: 4 },
      pieces: [
        [0, 150],
        [500, 10],
        [510, 10],
      ],
    })
  })

  it.each<[string, Write]>([
    ['another file', [1, 100, 10, 8, 4196]],
    ['another place', [1, 100, 10, 7, 4197]],
    ['more than a write takes', [1, 100, 8 * 1024 * 1024, 7, 4196]],
  ])('ends before %s', (_, next) => {
    expect(gathered([[1, 0, 100, 7, 4096], next])).toMatchObject({ sizeBytes: 100, count: 1 })
  })

  it('goes on over the end of the ring, and where counts wrap', () => {
    const writes: Write[] = [
      [1, 0, 100, 7, 0],
      [1, 100, 100, 7, 100],
    ]
    for (const from of [RING_CAPACITY - 1, -1, 2 ** 31 - 1]) {
      expect(gathered(writes, from | 0)).toMatchObject({ sizeBytes: 200, count: 2 })
    }
  })
})

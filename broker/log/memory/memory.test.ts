import { expect, it } from 'vitest'
import { seededRandom } from '../../../kit/index.ts'
import { Memory } from './memory.ts'

it.each([0, 1, 100, 511, 512, 513, 16_500, 131_063, 131_064, 131_065, 300_000])(
  'takes %d bytes to any place from any place',
  (sizeBytes) => {
    const memory = new Memory(1, 300_100)
    const source = seededRandom(sizeBytes).bytes(sizeBytes + 20)
    for (const [from, at] of [
      [0, 0],
      [3, 0],
      [0, 5],
      [7, 2],
      [9, 61],
    ] as const) {
      memory.bytes.fill(0xee)
      const bytes = source.subarray(from, from + sizeBytes)
      memory.put(bytes, at)
      expect(memory.bytes.subarray(at, at + sizeBytes).equals(bytes)).toBe(true)
      const around = [...memory.bytes.subarray(0, at), ...memory.bytes.subarray(at + sizeBytes)]
      expect(around.every((byte) => byte === 0xee)).toBe(true)
    }
  },
)

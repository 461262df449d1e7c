import { expect, it } from 'vitest'
import { PendingBytes } from './pending-bytes.ts'

it('gives each byte once and in order, over many pages', () => {
  const pending = new PendingBytes()
  let next = 0
  const added: number[] = []
  for (const round of [1, 2]) {
    added.length = 0
    for (const sizeBytes of [0, 1, 700_000, 262_144, 5, 262_143, round]) {
      const bytes = Uint8Array.from({ length: sizeBytes }, () => next++ % 251)
      pending.add(bytes)
      for (const byte of bytes) added.push(byte)
    }
    expect(pending.size).toBe(added.length)
    expect(Buffer.concat(pending.take()).equals(Buffer.from(added))).toBe(true)
    expect(pending.size).toBe(0)
  }
})

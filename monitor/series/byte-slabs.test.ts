import { expect, it } from 'vitest'
import { ByteSlabs } from './byte-slabs.ts'

it('keeps every piece as it was given, whatever becomes of the original', () => {
  const slabs = new ByteSlabs()
  const sizes = Array.from({ length: 2_000 }, (_, at) => (at === 1_000 ? 100_000 : (at * 37) % 500))
  const copies = sizes.map((sizeBytes, at) => {
    const bytes = new Uint8Array(sizeBytes).fill(at % 251)
    const copy = slabs.copyOf(bytes)
    bytes.fill(255)
    return copy
  })
  for (const [at, copy] of copies.entries())
    expect(copy).toEqual(new Uint8Array(sizes[at] ?? 0).fill(at % 251))
  const buffers = new Set(copies.map(({ buffer }) => buffer))
  expect(buffers.size).toBeLessThan(12)
})

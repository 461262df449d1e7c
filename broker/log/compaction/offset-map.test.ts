import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../kit/index.ts'
import { hashKey, KEY_HASH_WORDS } from './key-hash.ts'
import { OFFSET_MAP_SLOT_BYTES, OffsetMap } from './offset-map.ts'

function hashOf(key: string): Uint32Array {
  const hash = new Uint32Array(KEY_HASH_WORDS)
  hashKey(Buffer.from(key), hash)
  return hash
}

describe('OffsetMap', () => {
  test('is a map of the latest offsets', () => {
    const random = seededRandom(1)
    const map = new OffsetMap(1_000 * OFFSET_MAP_SLOT_BYTES, 0.9, 100_000)
    const model = new Map<string, number>()
    for (let offset = 0; offset < 5_000; offset++) {
      const key = `key-${random.below(900)}`
      expect(map.put(hashOf(key), offset)).toBe(true)
      model.set(key, offset)
    }
    expect(map.size).toBe(model.size)
    for (const [key, offset] of model) expect(map.get(hashOf(key))).toBe(offset)
    expect(map.get(hashOf('never'))).toBe(-1)
  })

  test('holds offset 0, which is not the same as nothing', () => {
    const map = new OffsetMap(1_000, 0.9, 10)
    expect(map.get(hashOf('a'))).toBe(-1)
    map.put(hashOf('a'), 0)
    expect(map.get(hashOf('a'))).toBe(0)
  })

  test.each([
    [0.5, 5],
    [0.9, 9],
    // A slot stays free, or a search would never end.
    [1, 9],
  ])(
    'log.cleaner.io.buffer.load.factor=%d: takes keys up to that, and known keys after that',
    (loadFactor, keys) => {
      const map = new OffsetMap(10 * OFFSET_MAP_SLOT_BYTES, loadFactor, 100)
      for (let i = 0; i < keys; i++) expect(map.put(hashOf(`key-${i}`), i)).toBe(true)
      expect(map.put(hashOf('one more'), 99)).toBe(false)
      expect(map.get(hashOf('one more'))).toBe(-1)
      expect(map.put(hashOf('key-0'), 100)).toBe(true)
      expect(map.get(hashOf('key-0'))).toBe(100)
      expect(map.size).toBe(keys)
    },
  )

  test('always has room for one key', () => {
    const map = new OffsetMap(1, 0.01, 100)
    expect(map.put(hashOf('a'), 1)).toBe(true)
    expect(map.put(hashOf('b'), 2)).toBe(false)
  })

  test('takes no more memory than the keys that can come', () => {
    expect(new OffsetMap(1 << 30, 0.9, 9).sizeBytes).toBe(11 * OFFSET_MAP_SLOT_BYTES)
    expect(new OffsetMap(1_000, 0.9, 1e12).sizeBytes).toBeLessThanOrEqual(1_000)
  })

  test('tells keys apart whose first word is the same', () => {
    const map = new OffsetMap(1_000, 0.9, 10)
    map.put(Uint32Array.of(1, 2, 3, 4), 10)
    map.put(Uint32Array.of(1, 2, 3, 5), 11)
    map.put(Uint32Array.of(1, 9, 3, 4), 12)
    expect(map.get(Uint32Array.of(1, 2, 3, 4))).toBe(10)
    expect(map.get(Uint32Array.of(1, 2, 3, 5))).toBe(11)
    expect(map.get(Uint32Array.of(1, 9, 3, 4))).toBe(12)
    expect(map.get(Uint32Array.of(1, 2, 9, 4))).toBe(-1)
  })
})

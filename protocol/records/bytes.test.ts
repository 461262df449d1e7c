import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bigInt64,
  int64,
  isSafeInt64,
  putBigInt64,
  putInt64,
  putVarint,
  varintSize,
} from './bytes.ts'

const bytes = Buffer.alloc(16)

describe('int64', () => {
  it('agrees with the platform on every safe integer', () => {
    const edges = [0, -1, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53 - 1)]
    const check = (value: number): void => {
      putInt64(bytes, 3, value)
      expect(bytes.readBigInt64BE(3)).toBe(BigInt(value))
      expect(int64(bytes, 3)).toBe(value)
      expect(isSafeInt64(bytes, 3)).toBe(true)
    }
    for (const value of edges) check(value)
    fc.assert(fc.property(fc.maxSafeInteger(), check), { seed: 1 })
  })

  it('tells what a number cannot hold', () => {
    for (const value of [2n ** 53n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
      bytes.writeBigInt64BE(value, 3)
      expect(isSafeInt64(bytes, 3)).toBe(false)
    }
  })

  it('keeps all 64 bits of ids', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        putBigInt64(bytes, 1, value)
        expect(bytes.readBigInt64BE(1)).toBe(value)
        expect(bigInt64(bytes, 1)).toBe(value)
      }),
      { seed: 2 },
    )
  })
})

describe('varint', () => {
  // Protocol Buffers' zigzag examples, and the edges of 32 and 53 bits.
  it.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [63, '7e'],
    [-64, '7f'],
    [64, '8001'],
    [-65, '8101'],
    [2147483647, 'feffffff0f'],
    [-2147483648, 'ffffffff0f'],
    [Number.MAX_SAFE_INTEGER, 'feffffffffffff1f'],
    [-Number.MAX_SAFE_INTEGER, 'fdffffffffffff1f'],
  ])('writes %i', (value, hex) => {
    const end = putVarint(bytes, 2, value)
    expect(bytes.toString('hex', 2, end)).toBe(hex)
    expect(varintSize(value)).toBe(hex.length / 2)
  })
})

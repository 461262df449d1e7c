import { describe, expect, it } from 'vitest'
import { randomUuid, seededRandom, ZERO_UUID } from '../kit/index.ts'
import { ProtocolError } from './protocol-error.ts'
import { MAX_LONG, Reader } from './reader.ts'
import { REFERENCE_MIN_BYTES, Writer } from './writer.ts'

function written(write: (writer: Writer) => void): string {
  const writer = new Writer(16)
  write(writer)
  return Buffer.concat(writer.finish()).toString('hex')
}

describe('primitives', () => {
  it.each([
    ['int8', -1, 'ff'],
    ['int16', -2, 'fffe'],
    ['uint16', 65535, 'ffff'],
    ['int32', -2147483648, '80000000'],
    ['safeInt64', -1, 'ffffffffffffffff'],
    ['safeInt64', -(2 ** 32), 'ffffffff00000000'],
    ['safeInt64', 2 ** 53 - 2, '001ffffffffffffe'],
    ['safeInt64', MAX_LONG, '7fffffffffffffff'],
    ['float64', 1.5, '3ff8000000000000'],
    ['unsignedVarint', 300, 'ac02'],
    ['unsignedVarint', 0xffffffff, 'ffffffff0f'],
  ] as const)('%s(%d) is %s', (kind, value, hex) => {
    expect(written((writer) => writer[kind](value))).toBe(hex)
  })

  it.each([
    ['int8', 128],
    ['int16', 40000],
    ['uint16', -1],
    ['int32', 2 ** 31],
    ['int32', 1.5],
    ['int32', Number.NaN],
    ['safeInt64', 2 ** 53],
    ['safeInt64', 0.5],
    ['unsignedVarint', -1],
  ] as const)('%s(%d) is refused, not truncated', (kind, value) => {
    expect(() => written((writer) => writer[kind](value))).toThrow(ProtocolError)
  })

  it('refuses a bigint beyond 64 bits', () => {
    expect(written((writer) => writer.int64(2n ** 63n - 1n))).toBe('7fffffffffffffff')
    expect(() => written((writer) => writer.int64(2n ** 63n))).toThrow(ProtocolError)
  })

  it('writes ids and refuses what is none', () => {
    const id = randomUuid(seededRandom(1))
    const hex = Buffer.from(id, 'base64url').toString('hex')
    expect(written((writer) => writer.uuid(id))).toBe(hex)
    expect(written((writer) => writer.uuid(ZERO_UUID))).toBe('00'.repeat(16))
    expect(() => written((writer) => writer.uuid('short'))).toThrow(ProtocolError)
    expect(() => written((writer) => writer.uuid('!'.repeat(22)))).toThrow(ProtocolError)
  })
})

describe('text', () => {
  it.each([
    '',
    'a',
    'ä',
    '🦒',
    'x'.repeat(48),
    'x'.repeat(49),
    `${'x'.repeat(47)}ä`,
    'ü'.repeat(2000),
  ])('of any length and alphabet: %j', (text) => {
    const sizeBytes = Buffer.byteLength(text)
    const plain = new Reader(
      Buffer.from(
        written((writer) => writer.string(text)),
        'hex',
      ),
    )
    expect(plain.stringLength()).toBe(sizeBytes)
    expect(plain.text(sizeBytes)).toBe(text)
    const compact = new Reader(
      Buffer.from(
        written((writer) => writer.compactString(text)),
        'hex',
      ),
    )
    expect(compact.compactStringLength()).toBe(sizeBytes)
    expect(compact.text(sizeBytes)).toBe(text)
    expect(compact.remaining).toBe(0)
  })

  it('longer than any string of the protocol is refused', () => {
    expect(() => written((writer) => writer.string('x'.repeat(32768)))).toThrow(ProtocolError)
    expect(() => written((writer) => writer.compactString('ü'.repeat(16384)))).toThrow(
      ProtocolError,
    )
  })
})

describe('pieces', () => {
  const large = Buffer.alloc(REFERENCE_MIN_BYTES, 7)
  const small = Buffer.alloc(REFERENCE_MIN_BYTES - 1, 8)

  it('large ones are referenced, small ones copied', () => {
    const writer = new Writer()
    writer.int8(1)
    writer.bytes([small, large])
    writer.int8(2)
    const pieces = writer.finish()
    expect(
      pieces.some((piece) => piece.buffer === large.buffer && piece.length === large.length),
    ).toBe(true)
    small.fill(0)
    expect(Buffer.concat(pieces)).toEqual(
      Buffer.concat([
        Buffer.from('0100000fff', 'hex'),
        Buffer.alloc(small.length, 8),
        large,
        Buffer.from([2]),
      ]),
    )
  })

  it('takes views of typed arrays as they are', () => {
    const whole = new Uint8Array(REFERENCE_MIN_BYTES * 2)
    const writer = new Writer()
    writer.raw(whole.subarray(REFERENCE_MIN_BYTES))
    const [piece] = writer.finish()
    whole[REFERENCE_MIN_BYTES] = 9
    expect(piece?.[0]).toBe(9)
    expect(piece?.length).toBe(REFERENCE_MIN_BYTES)
  })

  it('knows its size at any time, over chunks and pieces', () => {
    const writer = new Writer(8)
    let expected = 0
    for (let i = 0; i < 100; i++) {
      writer.int32(i)
      writer.string('abc')
      expected += 9
      if (i % 10 === 0) {
        writer.raw(large)
        expected += large.length
      }
      expect(writer.sizeBytes).toBe(expected)
    }
    expect(Buffer.concat(writer.finish()).length).toBe(expected)
  })

  it.each([0, 1000])(
    'patches the first int32 once the rest is known (%d values later)',
    (count) => {
      const writer = new Writer(8)
      writer.int32(0)
      for (let i = 0; i < count; i++) writer.int32(i)
      writer.patchFirstInt32(writer.sizeBytes - 4)
      expect(Buffer.concat(writer.finish()).readInt32BE(0)).toBe(count * 4)
    },
  )
})

import { describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../kit/index.ts'
import { ProtocolError } from './protocol-error.ts'
import { MAX_LONG, Reader } from './reader.ts'

const reading = (hex: string): Reader => new Reader(Buffer.from(hex, 'hex'))

describe('integers', () => {
  it.each([
    ['int8', '7f', 127],
    ['int8', '80', -128],
    ['int16', '7fff', 32767],
    ['int16', '8000', -32768],
    ['uint16', 'ffff', 65535],
    ['int32', '7fffffff', 2147483647],
    ['int32', '80000000', -2147483648],
    ['int64', '7fffffffffffffff', 2n ** 63n - 1n],
    ['int64', 'ffffffffffffffff', -1n],
    ['safeInt64', 'ffffffffffffffff', -1],
    ['safeInt64', '0000000100000000', 2 ** 32],
    ['safeInt64', '001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['safeInt64', 'ffe0000000000001', Number.MIN_SAFE_INTEGER],
    ['safeInt64', '7fffffffffffffff', MAX_LONG],
    ['clampedInt64', '00000199d0a5c100', 1760142147840],
    ['clampedInt64', 'fffffffffffffffe', -2],
    ['clampedInt64', '17979cfe362a0000', Number.MAX_SAFE_INTEGER],
    ['clampedInt64', '7fffffffffffffff', Number.MAX_SAFE_INTEGER],
    ['clampedInt64', 'ffe0000000000000', Number.MIN_SAFE_INTEGER],
    ['clampedInt64', '8000000000000000', Number.MIN_SAFE_INTEGER],
  ] as const)('%s of %s is %d', (kind, hex, value) => {
    const reader = reading(hex)
    expect(reader[kind]()).toBe(value)
    expect(reader.remaining).toBe(0)
  })

  it.each(['0020000000000000', 'ffe0000000000000', '7ffffffffffffffe', '8000000000000000'])(
    'an offset of %s is refused: as a number it would be another one',
    (hex) => {
      expect(() => reading(hex).safeInt64()).toThrow(ProtocolError)
    },
  )
})

describe('varints', () => {
  it.each([
    ['00', 0],
    ['7f', 127],
    ['8001', 128],
    ['ff7f', 16383],
    ['ffffff7f', 0xfffffff],
    ['8080808001', 0x10000000],
    ['ffffffff0f', 0xffffffff],
  ])('%s is %d', (hex, value) => {
    const reader = reading(hex)
    expect(reader.unsignedVarint()).toBe(value)
    expect(reader.remaining).toBe(0)
  })

  it.each(['ffffffff10', 'ffffffffff01', '80', ''])('%j is refused', (hex) => {
    expect(() => reading(hex).unsignedVarint()).toThrow(ProtocolError)
  })
})

describe('everything else', () => {
  it('reads floats, booleans, text and ids', () => {
    expect(reading('3ff8000000000000').float64()).toBe(1.5)
    expect(reading('00').bool()).toBe(false)
    expect(reading('02').bool()).toBe(true)
    expect(reading('c3a4').text(2)).toBe('ä')
    expect(reading('ff').text(1)).toBe('\ufffd')
    expect(reading('00'.repeat(16)).uuid()).toBe(ZERO_UUID)
    expect(reading(`${'00'.repeat(12)}00000001`).uuid()).toBe('AAAAAAAAAAAAAAAAAAAAAQ')
  })

  it('gives views, not copies', () => {
    const buffer = Buffer.from('0102030405', 'hex')
    const view = new Reader(buffer, 1, 4).view(3)
    buffer[2] = 0xff
    expect(view.toString('hex')).toBe('02ff04')
  })

  it('stays between its bounds', () => {
    const reader = new Reader(Buffer.from('0102030405', 'hex'), 1, 3)
    expect(() => reader.int32()).toThrow('4 bytes expected, 2 left')
    expect(reader.int16()).toBe(0x0203)
    expect(() => reader.skip(1)).toThrow(ProtocolError)
    expect(() => new Reader(Buffer.alloc(2), 1, 3)).toThrow(RangeError)
  })

  it('refuses lengths that no string has', () => {
    expect(reading('ffff').stringLength()).toBe(-1)
    expect(() => reading('fffe').stringLength()).toThrow('negative length -2')
    expect(reading('808002').compactStringLength()).toBe(32767)
    expect(() => reading('818002').compactStringLength()).toThrow('string of 32768 bytes')
    expect(() => reading('80000000').length32()).toThrow(ProtocolError)
  })

  it('refuses counts that the bytes cannot hold, and more than one message may allocate', () => {
    const reader = new Reader(Buffer.alloc(100), 0, 100, { maxCells: 50 })
    expect(() => reader.expectElements(51, 2, 0)).toThrow('51 elements announced, 100 bytes left')
    reader.expectElements(50, 2, 1)
    expect(() => reader.expectElements(1, 1, 1)).toThrow('more elements than one message may have')
  })
})

import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { goldenFrames, goldenText } from '../records/testing.ts'
import { COMPRESSION_TYPES, CompressionError, compress, decompress } from './index.ts'

const MEBIBYTE = 1024 * 1024
const codecs = COMPRESSION_TYPES.filter((type) => type !== 'none')

function failure(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    if (error instanceof CompressionError) return error.kind
    throw error
  }
  return 'no error'
}

/** Bytes in memory that threads share, as the broker's log keeps them. */
function shared(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(new SharedArrayBuffer(bytes.length + 3), 3)
  copy.set(bytes)
  return copy
}

describe.each(COMPRESSION_TYPES)('%s', (type) => {
  it('gives back what it was given', () => {
    const piece = fc.uint8Array({ maxLength: 500 })
    const repeated = fc.tuple(piece, fc.integer({ min: 1, max: 400 }))
    fc.assert(
      fc.property(fc.oneof(piece, repeated), (input) => {
        const [bytes, times] = input instanceof Uint8Array ? [input, 1] : input
        const plain = Buffer.concat(Array<Uint8Array>(times).fill(bytes))
        const packed = compress(type, plain)
        expect(decompress(type, packed, plain.length + 1).equals(plain)).toBe(true)
        expect(decompress(type, shared(packed), plain.length + 1).equals(plain)).toBe(true)
      }),
      { seed: 20, numRuns: 60 },
    )
  })

  it('compresses shared memory', () => {
    const text = goldenText()
    const packed = compress(type, shared(text))
    expect(decompress(type, packed, text.length).equals(text)).toBe(true)
  })
})

describe.each(codecs)('%s', (type) => {
  const text = goldenText()

  it('accepts output of exactly the cap and no more', () => {
    const packed = compress(type, text)
    expect(decompress(type, packed, text.length).length).toBe(text.length)
    expect(failure(() => decompress(type, packed, text.length - 1))).toBe('too-large')
  })

  it('stops a bomb at the cap', () => {
    const bomb = compress(type, Buffer.alloc(30 * MEBIBYTE))
    expect(failure(() => decompress(type, bomb, MEBIBYTE))).toBe('too-large')
  })

  it('refuses data that is cut off anywhere', () => {
    const packed = compress(type, text.subarray(0, 3000))
    // The header alone is a snappy stream of nothing.
    const whole = type === 'snappy' ? [16] : []
    for (let length = 0; length < packed.length; length++) {
      if (whole.includes(length)) continue
      expect(failure(() => decompress(type, packed.subarray(0, length), MEBIBYTE))).toBe('corrupt')
    }
  })

  it('refuses random bytes', () => {
    const noise = Buffer.from('00c0ffee'.repeat(40), 'hex')
    expect(failure(() => decompress(type, noise, MEBIBYTE))).toBe('corrupt')
  })
})

describe('data of other libraries', () => {
  it.each(goldenFrames())('$codec: $name', ({ codec, bytes }) => {
    expect(decompress(codec, bytes, MEBIBYTE).equals(goldenText())).toBe(true)
  })
})

describe('gzip', () => {
  it('reads several members as one stream, under one cap', () => {
    const member = gzipSync(Buffer.alloc(1000, 'ab'))
    const two = Buffer.concat([member, member])
    expect(decompress('gzip', two, 2000).length).toBe(2000)
    expect(failure(() => decompress('gzip', two, 1999))).toBe('too-large')
  })
})

describe('zstd', () => {
  const frame = zstdCompressSync(Buffer.alloc(1000, 'ab'))

  it('reads several frames as one stream, under one cap', () => {
    const two = Buffer.concat([frame, frame])
    expect(decompress('zstd', two, 2000).length).toBe(2000)
    expect(failure(() => decompress('zstd', two, 1999))).toBe('too-large')
  })

  it('refuses what follows a frame and is none', () => {
    const trailed = Buffer.concat([frame, Buffer.from('rest')])
    expect(failure(() => decompress('zstd', trailed, MEBIBYTE))).toBe('corrupt')
  })

  it('refuses a flood of empty frames, each of which costs a decoder', () => {
    const empty = zstdCompressSync(Buffer.alloc(0))
    const flood = Buffer.concat(Array<Buffer>(10_000).fill(empty))
    expect(failure(() => decompress('zstd', flood, MEBIBYTE))).toBe('corrupt')
  })
})

describe('snappy', () => {
  const packed = Buffer.from(compress('snappy', Buffer.from('hello hello hello hello')))

  it('reads streams that follow each other', () => {
    const two = decompress('snappy', Buffer.concat([packed, packed]), MEBIBYTE)
    expect(two.toString()).toBe('hello hello hello hello'.repeat(2))
  })

  it('believes no declared length that its bytes cannot hold', () => {
    const block = Buffer.from('ffffffff0f00', 'hex')
    expect(() => decompress('snappy', block, 2 ** 40)).toThrow('declares more than it can hold')
    expect(failure(() => decompress('snappy', block, MEBIBYTE))).toBe('too-large')
  })

  it.each([
    ['no block of no bytes', '00000000'],
    ['no block of negative length', 'fffffff0'],
    ['no block past the end', '00001000ff'],
    ['no half of a length', '0000'],
  ])('accepts %s', (_, tail) => {
    const bytes = Buffer.concat([packed, Buffer.from(tail, 'hex')])
    expect(failure(() => decompress('snappy', bytes, MEBIBYTE))).toBe('corrupt')
  })
})

describe('lz4', () => {
  const text = Buffer.from('hello hello hello hello')
  const standard = Buffer.from(compress('lz4', text))
  const wrong = Buffer.from(compress('lz4', text, { lz4HeaderChecksum: 'with-magic' }))
  const frame = (descriptor: string, rest = '00000000'): Buffer =>
    Buffer.from(`04224d18${descriptor}${rest}`, 'hex')

  it('writes the header that the Java client writes, in both forms', () => {
    expect(standard.subarray(0, 7).toString('hex')).toBe('04224d18604082')
    expect(wrong.subarray(0, 7).toString('hex')).toBe('04224d1860401a')
  })

  it('reads either header checksum where magic 0 is read, and only the right one elsewhere', () => {
    const lenient = { lz4HeaderChecksum: 'with-magic' } as const
    expect(decompress('lz4', wrong, 100, lenient).equals(text)).toBe(true)
    expect(decompress('lz4', standard, 100, lenient).equals(text)).toBe(true)
    expect(failure(() => decompress('lz4', wrong, 100))).toBe('corrupt')
  })

  it('steps over skippable frames', () => {
    const skippable = Buffer.from('5a2a4d1803000000abcdef', 'hex')
    const bytes = Buffer.concat([skippable, standard, skippable])
    expect(decompress('lz4', bytes, 100).equals(text)).toBe(true)
  })

  it('stores what does not shrink, and reads it back', () => {
    const noise = Buffer.from(Array.from({ length: 256 }, (_, index) => (index * 167) & 0xff))
    const packed = compress('lz4', noise)
    expect(packed.length).toBe(7 + 4 + noise.length + 4)
    expect(decompress('lz4', packed, 1000).equals(noise)).toBe(true)
  })

  it.each([
    ['another version', '2040'],
    ['a reserved flag', '6240'],
    ['a dictionary', '6140'],
    ['an unknown block size', '6010'],
    ['reserved bits of the block size', '6041'],
  ])('refuses %s', (_, descriptor) => {
    const lenient = { lz4HeaderChecksum: 'with-magic' } as const
    expect(failure(() => decompress('lz4', frame(`${descriptor}00`), 100, lenient))).toBe('corrupt')
  })

  it('refuses a declared content size beyond the cap before it decodes', () => {
    const lenient = { lz4HeaderChecksum: 'with-magic' } as const
    const huge = frame('6840ffffffff0000000000')
    expect(failure(() => decompress('lz4', huge, 100, lenient))).toBe('too-large')
  })

  it('refuses any single wrong byte of a frame with checksums', () => {
    const golden = goldenFrames().find(({ name }) => name.includes('content_checksum=True'))
    const bytes = golden?.bytes ?? Buffer.alloc(0)
    expect(bytes.length).toBeGreaterThan(100)
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ 0x11
      expect(failure(() => decompress('lz4', damaged, MEBIBYTE))).not.toBe('no error')
    }
  })
})

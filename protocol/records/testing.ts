/** Support for the tests of records and compression: what real clients wrote, and generators. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { CompressionType } from '../compression/index.ts'
import type { RecordInput } from './kafka-record.ts'

export interface GoldenRecords {
  readonly writer: string
  readonly magic: number
  readonly codec: CompressionType
  readonly bytes: Buffer
}

export function goldenRecords(): GoldenRecords[] {
  return goldenLines(join(import.meta.dirname, 'golden', 'clients.txt')).map((line) => {
    const [writer = '', magic = '', codec = '', hex = ''] = line.split(' ')
    return {
      writer,
      magic: Number(magic),
      codec: codec as CompressionType,
      bytes: Buffer.from(hex, 'hex'),
    }
  })
}

export interface GoldenFrame {
  readonly codec: CompressionType
  readonly name: string
  readonly bytes: Buffer
}

export function goldenFrames(): GoldenFrame[] {
  const path = join(import.meta.dirname, '..', 'compression', 'golden', 'frames.txt')
  return goldenLines(path).map((line) => {
    const [codec = '', name = '', hex = ''] = line.split('|')
    return { codec: codec as CompressionType, name, bytes: Buffer.from(hex, 'hex') }
  })
}

/** What every golden frame decompresses to. */
export function goldenText(): Buffer {
  const lines = Array.from(
    { length: 6000 },
    (_, index) => `line ${index % 50} of the golden text; `,
  )
  return Buffer.from(lines.join(''))
}

function goldenLines(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
}

const nullableBytes = fc.option(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
)

const headers = fc.array(fc.record({ key: fc.string({ maxLength: 20 }), value: nullableBytes }), {
  maxLength: 4,
})

/** A record of whatever shape the format allows. */
export const anyRecord: fc.Arbitrary<RecordInput> = fc.record({
  timestampMs: fc.oneof(
    fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
    fc.integer({ min: 0, max: 2 ** 47 }),
    fc.constant(-1),
  ),
  key: nullableBytes,
  value: nullableBytes,
  headers,
})

export const anyRecords = fc.array(anyRecord, { minLength: 1, maxLength: 40 })

/** A round trip's view of a record: plain, with text that a failed test can show. */
export function plain(record: RecordInput): unknown {
  return {
    timestampMs: record.timestampMs,
    key: hexOrNull(record.key),
    value: hexOrNull(record.value),
    headers: (record.headers ?? []).map(({ key, value }) => [key, hexOrNull(value)]),
  }
}

function hexOrNull(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('hex')
}

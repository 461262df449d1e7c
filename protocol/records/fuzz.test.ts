import { expect, it } from 'vitest'
import type { Random } from '../../kit/index.ts'
import { seededRandom } from '../../kit/index.ts'
import { CompressionError, decompress } from '../compression/index.ts'
import { setMaxTimestamp } from './batch-header.ts'
import { putInt32 } from './bytes.ts'
import { crc32 } from './crc.ts'
import {
  batchesIn,
  batchHeader,
  decodeMessageSet,
  decodeRecords,
  emptyBatch,
  encodeBatch,
  fromMessageSet,
  mendMaxTimestamp,
  RecordsError,
  readEndTransactionMarker,
  recompressBatch,
  retainRecords,
  toMessageSet,
  validateBatch,
} from './index.ts'
import { goldenFrames, goldenRecords } from './testing.ts'

const INPUTS = Number(process.env.GLASSLOG_FUZZ_INPUTS ?? 50_000)
const SEED = Number(process.env.GLASSLOG_FUZZ_SEED ?? 20_261_120)
const MAX_DECOMPRESSED_BYTES = 256 * 1024
const limits = { maxDecompressedBytes: MAX_DECOMPRESSED_BYTES }

const golden = goldenRecords()
const frames = goldenFrames()
const batches = golden.filter(({ magic }) => magic === 2).map(({ bytes }) => bytes)
const sets = golden.filter(({ magic }) => magic < 2).map(({ bytes }) => bytes)

/** Lengths and counts are where damage does most, so whole numbers are written as well as bits. */
const TELLING_NUMBERS = [0, 1, -1, 0x7fff_ffff, -0x8000_0000, 0x7f, 0x80, 0xffff]

function mutate(original: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(original)
  for (let times = random.below(4); times >= 0; times--) {
    const at = random.below(Math.max(1, bytes.length))
    switch (random.below(6)) {
      case 0:
        bytes = bytes.subarray(0, at)
        break
      case 1:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          random.bytes(random.below(9)),
          bytes.subarray(at),
        ])
        break
      case 2:
        putInt32(bytes, at, TELLING_NUMBERS[random.below(TELLING_NUMBERS.length)] ?? 0)
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(9))])
        break
      case 4:
        bytes[at] = random.below(256)
        break
      default:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    }
  }
  return bytes
}

/** Length and checksum made right again: otherwise those two checks would hide all that comes after. */
function resealBatch(bytes: Buffer): void {
  if (bytes.length < 61) return
  putInt32(bytes, 8, bytes.length - 12)
  setMaxTimestamp(bytes, batchHeader.maxTimestamp(bytes))
}

function resealMessage(bytes: Buffer): void {
  if (bytes.length < 30) return
  putInt32(bytes, 8, bytes.length - 12)
  putInt32(bytes, 12, crc32(bytes.subarray(16)))
}

/** Runs what a broker would with bytes; anything but the typed error fails the test. */
function survive(run: () => void): boolean {
  try {
    run()
    return true
  } catch (error) {
    if (error instanceof RecordsError || error instanceof CompressionError) return false
    throw error
  }
}

function readBatch(bytes: Buffer): void {
  const check = validateBatch(bytes, { maxBatchBytes: 100_000 })
  for (const batch of batchesIn(bytes)) {
    for (const record of decodeRecords(batch, limits)) {
      if (check.kind === 'ok') expect(Number.isSafeInteger(record.timestampMs)).toBe(true)
      if (batchHeader.isControl(batch)) readEndTransactionMarker(record.key, record.value)
    }
    emptyBatch(batch)
    mendMaxTimestamp(batch, limits)
    recompressBatch(batch, 'lz4', limits)
    retainRecords(batch, ({ keyBytes }) => keyBytes > 0, limits)
    toMessageSet([batch], 1, { fromOffset: 0, maxBytes: 10_000, ...limits })
  }
}

function readSet(bytes: Buffer): void {
  let count = 0
  for (const record of decodeMessageSet(bytes, { allowPartialTail: true, ...limits })) {
    count++
    expect((record.value?.length ?? 0) <= MAX_DECOMPRESSED_BYTES + bytes.length).toBe(true)
  }
  expect(count * 26).toBeLessThanOrEqual(MAX_DECOMPRESSED_BYTES + bytes.length)
  const batch = fromMessageSet(bytes, limits)
  if (batch !== bytes) {
    const { kind } = validateBatch(batch, { maxBatchBytes: 10_000_000 })
    expect(['ok', 'wrong-max-timestamp']).toContain(kind)
  }
}

it(`survives ${INPUTS} damaged inputs (GLASSLOG_FUZZ_SEED=${SEED})`, {
  timeout: 60_000 + INPUTS,
}, () => {
  const random = seededRandom(SEED)
  let read = 0
  for (let index = 0; index < INPUTS; index++) {
    const pick = (from: readonly Buffer[]): Buffer =>
      from[random.below(from.length)] ?? Buffer.alloc(0)
    const isSealed = random.below(4) > 0
    const kind = index % 8
    if (kind < 4) {
      const bytes = mutate(pick(batches), random)
      if (isSealed) resealBatch(bytes)
      read += Number(survive(() => readBatch(bytes)))
    } else if (kind < 7) {
      const bytes = mutate(pick(sets), random)
      if (isSealed) resealMessage(bytes)
      read += Number(survive(() => readSet(bytes)))
    } else {
      const frame = frames[random.below(frames.length)]
      if (frame === undefined) continue
      const bytes = mutate(frame.bytes, random)
      const isRead = survive(() => {
        const text = decompress(frame.codec, bytes, MAX_DECOMPRESSED_BYTES)
        expect(text.length).toBeLessThanOrEqual(MAX_DECOMPRESSED_BYTES)
      })
      read += Number(isRead)
    }
  }
  // Were nothing readable any more, the inputs would not reach what they are for.
  expect(read).toBeGreaterThan(INPUTS / 100)
})

it('survives random bytes', () => {
  const random = seededRandom(SEED + 1)
  const magics = [0, 1, 2]
  for (let index = 0; index < INPUTS / 10; index++) {
    const bytes = random.bytes(random.below(200))
    if (bytes.length > 16) bytes[16] = magics[random.below(3)] ?? 0
    if (index % 2 === 0) resealBatch(bytes)
    survive(() => readBatch(bytes))
    if (index % 2 === 0) resealMessage(bytes)
    survive(() => readSet(bytes))
  }
})

it('takes no more memory than the cap for bytes that promise much', () => {
  const record = { timestampMs: 0, key: null, value: Buffer.alloc(20_000_000) }
  for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    const bomb = encodeBatch([record], { compression })
    expect(validateBatch(bomb, { maxBatchBytes: 2_000_000 })).toEqual({ kind: 'ok' })
    expect(() => [...decodeRecords(bomb, limits)]).toThrow(
      expect.objectContaining({ name: 'RecordsError', kind: 'too-large' }),
    )
  }
})

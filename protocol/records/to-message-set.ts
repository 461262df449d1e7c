import type { CompressionType } from '../compression/index.ts'
import { compress, compressionTypeId } from '../compression/index.ts'
import {
  compressionType,
  isControl,
  isLogAppendTime,
  lastOffset,
  maxTimestamp,
  recordCount,
} from './batch-header.ts'
import { batchesIn } from './batches-in.ts'
import type { DecodeLimits } from './decompress-records.ts'
import { GrowingBuffer } from './growing-buffer.ts'
import type { OldMagic } from './message.ts'
import { writeMessage } from './message.ts'
import { RecordCursor } from './record-cursor.ts'
import { RecordsError } from './records-error.ts'
import { NO_TIMESTAMP } from './timestamp.ts'

export interface DownConversionLimits extends DecodeLimits {
  /** Uncompressed records below it are left out; a wrapper keeps all of its own, as consumers expect. */
  readonly fromOffset: number
  /** Stop after the batch that passes it; messages are larger than records. */
  readonly maxBytes: number
}

export interface ConvertedMessages {
  readonly kind: 'converted'
  /** Message sets, one after the other, each from one batch. */
  readonly pieces: readonly Buffer[]
  readonly sizeBytes: number
  readonly recordCount: number
  /**
   * The offset after the last batch that was converted or dropped. Where `recordCount` is 0 although
   * there were batches (nothing but control records, say), the reader has to go on from here, or an
   * old consumer, which cannot skip what it does not see, would ask for the same offset for ever.
   */
  readonly nextOffset: number
}

/** No message of magic 0 or 1 can hold zstd: the client is told UNSUPPORTED_COMPRESSION_TYPE. */
export type DownConversion = ConvertedMessages | { readonly kind: 'unsupported-compression' }

/**
 * Stored batches as message sets of magic 0 (Fetch v0, v1) or 1 (v2, v3). Every batch becomes its
 * plain messages, or one wrapper under the same codec. Headers are lost, control batches are dropped,
 * timestamps are lost in magic 0. Each of `pieces` holds whole batches. Conversion ends before a batch
 * of zstd, which is an answer of its own only when nothing came before it. Throws a RecordsError on
 * damaged batches.
 */
export function toMessageSet(
  pieces: Iterable<Uint8Array>,
  magic: OldMagic,
  limits: DownConversionLimits,
): DownConversion {
  const sets: Buffer[] = []
  let sizeBytes = 0
  let count = 0
  let nextOffset = limits.fromOffset
  for (const batch of batchesOf(pieces)) {
    if (sizeBytes >= limits.maxBytes) break
    if (compressionType(batch) === 'zstd' && isVisible(batch)) {
      if (count === 0) return { kind: 'unsupported-compression' }
      break
    }
    const converted = isVisible(batch) ? convertBatch(batch, magic, limits) : null
    if (converted !== null) {
      sets.push(converted.set)
      sizeBytes += converted.set.length
      count += converted.count
    }
    nextOffset = Math.max(nextOffset, lastOffset(batch) + 1)
  }
  return { kind: 'converted', pieces: sets, sizeBytes, recordCount: count, nextOffset }
}

function* batchesOf(pieces: Iterable<Uint8Array>): Generator<Uint8Array, void, undefined> {
  for (const piece of pieces) yield* batchesIn(piece)
}

/** Markers are invisible to old clients, as are batches that compaction emptied. */
function isVisible(batch: Uint8Array): boolean {
  return !isControl(batch) && recordCount(batch) > 0
}

interface ConvertedBatch {
  readonly set: Buffer
  readonly count: number
}

function convertBatch(
  batch: Uint8Array,
  magic: OldMagic,
  limits: DownConversionLimits,
): ConvertedBatch | null {
  const codec = compressionType(batch)
  if (codec === undefined) {
    throw new RecordsError('unsupported-compression', 'unknown compression type')
  }
  const out = new GrowingBuffer()
  const cursor = new RecordCursor(batch, limits)
  const isWrapped = codec !== 'none'
  let firstOffset = -1
  let count = 0
  while (cursor.next()) {
    if (!isWrapped && cursor.offset < limits.fromOffset) continue
    if (count === 0) firstOffset = cursor.offset
    // Only magic 1 counts from the first message of its wrapper (KIP-31).
    const offset = isWrapped && magic === 1 ? cursor.offset - firstOffset : cursor.offset
    writeMessage(out, {
      offset,
      magic,
      compressionTypeId: 0,
      isLogAppendTime: isLogAppendTime(batch),
      timestampMs: Math.max(NO_TIMESTAMP, cursor.timestampMs),
      key: cursor.key(),
      value: cursor.value(),
    })
    count++
  }
  if (count === 0) return null
  if (!isWrapped) return { set: out.bytes(), count }
  return { set: wrap(out.bytes(), codec, cursor.offset, magic, batch), count }
}

/** One message that holds `inner`, with the offset of the last message in it. */
function wrap(
  inner: Buffer,
  codec: CompressionType,
  lastInnerOffset: number,
  magic: OldMagic,
  batch: Uint8Array,
): Buffer {
  const compressed = compress(codec, inner, {
    lz4HeaderChecksum: magic === 0 ? 'with-magic' : 'standard',
  })
  const out = new GrowingBuffer()
  writeMessage(out, {
    offset: lastInnerOffset,
    magic,
    compressionTypeId: compressionTypeId(codec),
    isLogAppendTime: isLogAppendTime(batch),
    timestampMs: Math.max(NO_TIMESTAMP, maxTimestamp(batch)),
    key: null,
    value: Buffer.from(compressed.buffer, compressed.byteOffset, compressed.byteLength),
  })
  return out.bytes()
}

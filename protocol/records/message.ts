/**
 * Messages of the formats before record batches, magic 0 (Kafka 0.8, 0.9) and 1 (0.10, KIP-32): an
 * offset and a size, then checksum (CRC-32 of all after it), magic, attributes, in magic 1 a
 * timestamp, key and value. A message whose attributes name a codec is a wrapper: its value is a
 * compressed set of messages.
 */
import { LOG_OVERHEAD_BYTES } from './batch-header.ts'
import { int32, int64, putInt32, putInt64, uint32 } from './bytes.ts'
import { crc32 } from './crc.ts'
import type { GrowingBuffer } from './growing-buffer.ts'
import { RecordsError } from './records-error.ts'
import { isTimestamp, NO_TIMESTAMP } from './timestamp.ts'

export type OldMagic = 0 | 1

const SIZE_AT = 8
const CRC_AT = 12
const MAGIC_AT = 16
const ATTRIBUTES_AT = 17
const TIMESTAMP_AT = 18
const COMPRESSION_BITS = 0x07
const LOG_APPEND_TIME_BIT = 0x08
const SMALLEST_BYTES = messageSizeBytes(0, null, null)

/** One message, its key and value views of the set it was read from. */
export interface Message {
  /** As written: absolute, or relative within a wrapper of magic 1. Not exact beyond 2^53. */
  readonly offset: number
  readonly magic: OldMagic
  readonly compressionTypeId: number
  readonly isLogAppendTime: boolean
  /** -1 in magic 0. */
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/** Where the message at `at` ends, or -1 when the bytes stop before. Throws a RecordsError on a size that is none. */
export function messageEnd(set: Uint8Array, at: number): number {
  if (set.length - at < LOG_OVERHEAD_BYTES) return -1
  const sizeBytes = LOG_OVERHEAD_BYTES + int32(set, at + SIZE_AT)
  if (sizeBytes < SMALLEST_BYTES) {
    throw new RecordsError('corrupt', `a message cannot have ${sizeBytes} bytes`)
  }
  return sizeBytes > set.length - at ? -1 : at + sizeBytes
}

export function messageCompressionTypeId(set: Uint8Array, at: number): number {
  return (set[at + ATTRIBUTES_AT] as number) & COMPRESSION_BITS
}

/** The message in [at, end), checksum checked. Throws a RecordsError. */
export function readMessage(set: Buffer, at: number, end: number): Message {
  const magic = set[at + MAGIC_AT] as number
  if (magic !== 0 && magic !== 1) {
    throw new RecordsError('corrupt', `magic ${magic} in a message set of magic 0 or 1`)
  }
  if (crc32(set.subarray(at + MAGIC_AT, end)) !== uint32(set, at + CRC_AT)) {
    throw new RecordsError('corrupt', 'checksum of a message does not match')
  }
  const keyAt = magic === 0 ? TIMESTAMP_AT : TIMESTAMP_AT + 8
  const keyEnd = fieldEnd(set, at + keyAt, end)
  const valueEnd = fieldEnd(set, keyEnd, end)
  if (valueEnd !== end) throw new RecordsError('invalid-record', 'bytes are left in a message')
  const attributes = set[at + ATTRIBUTES_AT] as number
  return {
    offset: int64(set, at),
    magic,
    compressionTypeId: attributes & COMPRESSION_BITS,
    isLogAppendTime: magic === 1 && (attributes & LOG_APPEND_TIME_BIT) !== 0,
    timestampMs: magic === 0 ? NO_TIMESTAMP : timestamp(set, at + TIMESTAMP_AT),
    key: field(set, at + keyAt, keyEnd),
    value: field(set, keyEnd, valueEnd),
  }
}

function timestamp(set: Buffer, at: number): number {
  const timestampMs = int64(set, at)
  if (!isTimestamp(timestampMs)) {
    throw new RecordsError('invalid-timestamp', 'timestamps begin at -1 and end at 2^52')
  }
  return timestampMs
}

/** Where the length-prefixed bytes at `at` end; a length of -1 is null. */
function fieldEnd(set: Buffer, at: number, end: number): number {
  const length = at + 4 <= end ? int32(set, at) : -2
  const result = at + 4 + Math.max(0, length)
  if (length < -1 || result > end) {
    throw new RecordsError('invalid-record', 'message reaches past its bounds')
  }
  return result
}

function field(set: Buffer, at: number, end: number): Buffer | null {
  return int32(set, at) < 0 ? null : set.subarray(at + 4, end)
}

export function messageSizeBytes(
  magic: OldMagic,
  key: Uint8Array | null,
  value: Uint8Array | null,
): number {
  const fixedBytes = LOG_OVERHEAD_BYTES + 6 + (magic === 0 ? 0 : 8) + 8
  return fixedBytes + (key?.length ?? 0) + (value?.length ?? 0)
}

/** Appends one message, checksummed. A timestamp is dropped in magic 0, which has none. */
export function writeMessage(out: GrowingBuffer, message: Message): void {
  const { magic, key, value } = message
  const sizeBytes = messageSizeBytes(magic, key, value)
  out.reserve(sizeBytes)
  const { memory, position: at } = out
  const end = at + sizeBytes
  putInt64(memory, at, message.offset)
  putInt32(memory, at + SIZE_AT, sizeBytes - LOG_OVERHEAD_BYTES)
  memory[at + MAGIC_AT] = magic
  memory[at + ATTRIBUTES_AT] =
    message.compressionTypeId | (magic === 1 && message.isLogAppendTime ? LOG_APPEND_TIME_BIT : 0)
  if (magic === 1) putInt64(memory, at + TIMESTAMP_AT, message.timestampMs)
  const keyEnd = putField(memory, at + TIMESTAMP_AT + (magic === 0 ? 0 : 8), key)
  putField(memory, keyEnd, value)
  putInt32(memory, at + CRC_AT, crc32(memory.subarray(at + MAGIC_AT, end)))
  out.position = end
}

function putField(memory: Buffer, at: number, bytes: Uint8Array | null): number {
  putInt32(memory, at, bytes?.length ?? -1)
  if (bytes === null) return at + 4
  memory.set(bytes, at + 4)
  return at + 4 + bytes.length
}

/**
 * The header of a record batch of magic 2, read and patched in place: 61 bytes at fixed offsets
 * (KIP-98; "Record Batch" in Kafka's protocol guide). Every accessor takes the bytes and where the
 * batch begins in them, allocates nothing, and trusts that a whole header is there.
 *
 * The checksum covers everything from the attributes on, so base offset and leader epoch can be
 * patched freely while the rest needs the checksum anew.
 */
import type { CompressionType } from '../compression/index.ts'
import { compressionTypeById } from '../compression/index.ts'
import {
  bigInt64,
  int16,
  int32,
  int64,
  putBigInt64,
  putInt16,
  putInt32,
  putInt64,
  uint32,
} from './bytes.ts'
import { crc32c } from './crc.ts'

/** Bytes of base offset and length, which the length itself does not count. */
export const LOG_OVERHEAD_BYTES = 12
export const BATCH_HEADER_BYTES = 61

const BATCH_LENGTH_AT = 8
const LEADER_EPOCH_AT = 12
const MAGIC_AT = 16
const CRC_AT = 17
export const ATTRIBUTES_AT = 21
const LAST_OFFSET_DELTA_AT = 23
export const BASE_TIMESTAMP_AT = 27
export const MAX_TIMESTAMP_AT = 35
export const PRODUCER_ID_AT = 43
const PRODUCER_EPOCH_AT = 51
const BASE_SEQUENCE_AT = 53
const RECORD_COUNT_AT = 57

const COMPRESSION_BITS = 0x07
export const LOG_APPEND_TIME_BIT = 0x08
export const TRANSACTIONAL_BIT = 0x10
export const CONTROL_BIT = 0x20
/** KIP-534: the base timestamp is the time from which tombstones may be removed. */
export const DELETE_HORIZON_BIT = 0x40

export function baseOffset(bytes: Uint8Array, at = 0): number {
  return int64(bytes, at)
}

export function lastOffset(bytes: Uint8Array, at = 0): number {
  return int64(bytes, at) + int32(bytes, at + LAST_OFFSET_DELTA_AT)
}

/** Length as the header has it: bytes after the length field. Negative in bad bytes. */
export function batchLength(bytes: Uint8Array, at = 0): number {
  return int32(bytes, at + BATCH_LENGTH_AT)
}

/** Bytes of the whole batch. */
export function batchSizeBytes(bytes: Uint8Array, at = 0): number {
  return LOG_OVERHEAD_BYTES + int32(bytes, at + BATCH_LENGTH_AT)
}

export function partitionLeaderEpoch(bytes: Uint8Array, at = 0): number {
  return int32(bytes, at + LEADER_EPOCH_AT)
}

/** At the same place in messages of magic 0 and 1. */
export function magic(bytes: Uint8Array, at = 0): number {
  return ((bytes[at + MAGIC_AT] as number) << 24) >> 24
}

/** The checksum as the header has it. */
export function crc(bytes: Uint8Array, at = 0): number {
  return uint32(bytes, at + CRC_AT)
}

/** The checksum that the batch ought to have; the whole batch must be there. */
export function computeCrc(bytes: Uint8Array, at = 0): number {
  return crc32c(bytes.subarray(at + ATTRIBUTES_AT, at + batchSizeBytes(bytes, at)))
}

export function attributes(bytes: Uint8Array, at = 0): number {
  return int16(bytes, at + ATTRIBUTES_AT)
}

export function lastOffsetDelta(bytes: Uint8Array, at = 0): number {
  return int32(bytes, at + LAST_OFFSET_DELTA_AT)
}

/** What record timestamps count from: the first record's, or the delete horizon when that is set. */
export function baseTimestamp(bytes: Uint8Array, at = 0): number {
  return int64(bytes, at + BASE_TIMESTAMP_AT)
}

/** The latest timestamp of the records, or the append time when the batch has LogAppendTime. */
export function maxTimestamp(bytes: Uint8Array, at = 0): number {
  return int64(bytes, at + MAX_TIMESTAMP_AT)
}

/** -1n for none; `hasProducerId` is cheaper where only that matters. */
export function producerId(bytes: Uint8Array, at = 0): bigint {
  return bigInt64(bytes, at + PRODUCER_ID_AT)
}

export function hasProducerId(bytes: Uint8Array, at = 0): boolean {
  return int32(bytes, at + PRODUCER_ID_AT) >= 0
}

export function producerEpoch(bytes: Uint8Array, at = 0): number {
  return int16(bytes, at + PRODUCER_EPOCH_AT)
}

export function baseSequence(bytes: Uint8Array, at = 0): number {
  return int32(bytes, at + BASE_SEQUENCE_AT)
}

/** Sequence of the last record: sequences go from 2^31 - 1 on to 0. */
export function lastSequence(bytes: Uint8Array, at = 0): number {
  const first = baseSequence(bytes, at)
  return first < 0 ? first : addToSequence(first, lastOffsetDelta(bytes, at))
}

/** The sequence `steps` after `sequence`, both not negative. */
export function addToSequence(sequence: number, steps: number): number {
  const sum = sequence + steps
  return sum > 0x7fff_ffff ? sum - 0x8000_0000 : sum
}

export function recordCount(bytes: Uint8Array, at = 0): number {
  return int32(bytes, at + RECORD_COUNT_AT)
}

export function isTransactional(bytes: Uint8Array, at = 0): boolean {
  return (attributesLow(bytes, at) & TRANSACTIONAL_BIT) !== 0
}

export function isControl(bytes: Uint8Array, at = 0): boolean {
  return (attributesLow(bytes, at) & CONTROL_BIT) !== 0
}

export function isLogAppendTime(bytes: Uint8Array, at = 0): boolean {
  return (attributesLow(bytes, at) & LOG_APPEND_TIME_BIT) !== 0
}

/** The time from which tombstones of this batch may be removed; null when compaction has not set it. */
export function deleteHorizonMs(bytes: Uint8Array, at = 0): number | null {
  return (attributesLow(bytes, at) & DELETE_HORIZON_BIT) !== 0 ? baseTimestamp(bytes, at) : null
}

/** The three bits as they are: 0 to 7, of which 5 to 7 mean nothing. */
export function compressionTypeId(bytes: Uint8Array, at = 0): number {
  return attributesLow(bytes, at) & COMPRESSION_BITS
}

/** Undefined for an unknown codec. */
export function compressionType(bytes: Uint8Array, at = 0): CompressionType | undefined {
  return compressionTypeById(compressionTypeId(bytes, at))
}

function attributesLow(bytes: Uint8Array, at: number): number {
  return bytes[at + ATTRIBUTES_AT + 1] as number
}

/** Not covered by the checksum. */
export function setBaseOffset(bytes: Uint8Array, offset: number, at = 0): void {
  putInt64(bytes, at, offset)
}

/** Not covered by the checksum. */
export function setLeaderEpoch(bytes: Uint8Array, leaderEpoch: number, at = 0): void {
  putInt32(bytes, at + LEADER_EPOCH_AT, leaderEpoch)
}

/**
 * Stamps the broker's time on the whole batch (message.timestamp.type=LogAppendTime): readers take
 * the max timestamp for every record from then on. Computes the checksum anew.
 */
export function setLogAppendTime(bytes: Uint8Array, timeMs: number, at = 0): void {
  const stamped = attributes(bytes, at) | LOG_APPEND_TIME_BIT
  putInt16(bytes, at + ATTRIBUTES_AT, stamped)
  putInt64(bytes, at + MAX_TIMESTAMP_AT, timeMs)
  setCrc(bytes, at)
}

/** Computes the checksum anew. */
export function setMaxTimestamp(bytes: Uint8Array, timeMs: number, at = 0): void {
  putInt64(bytes, at + MAX_TIMESTAMP_AT, timeMs)
  setCrc(bytes, at)
}

function setCrc(bytes: Uint8Array, at: number): void {
  putInt32(bytes, at + CRC_AT, computeCrc(bytes, at))
}

/** Everything that a header says, for those who want it in one value. */
export interface BatchHeader {
  readonly baseOffset: number
  readonly batchLength: number
  readonly partitionLeaderEpoch: number
  readonly magic: number
  readonly crc: number
  /** Undefined for an unknown codec. */
  readonly compression: CompressionType | undefined
  readonly isLogAppendTime: boolean
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly deleteHorizonMs: number | null
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordCount: number
}

/** `bytes` has a whole header at `at`. */
export function readBatchHeader(bytes: Uint8Array, at = 0): BatchHeader {
  return {
    baseOffset: baseOffset(bytes, at),
    batchLength: batchLength(bytes, at),
    partitionLeaderEpoch: partitionLeaderEpoch(bytes, at),
    magic: magic(bytes, at),
    crc: crc(bytes, at),
    compression: compressionType(bytes, at),
    isLogAppendTime: isLogAppendTime(bytes, at),
    isTransactional: isTransactional(bytes, at),
    isControl: isControl(bytes, at),
    deleteHorizonMs: deleteHorizonMs(bytes, at),
    lastOffsetDelta: lastOffsetDelta(bytes, at),
    baseTimestamp: baseTimestamp(bytes, at),
    maxTimestamp: maxTimestamp(bytes, at),
    producerId: producerId(bytes, at),
    producerEpoch: producerEpoch(bytes, at),
    baseSequence: baseSequence(bytes, at),
    recordCount: recordCount(bytes, at),
  }
}

/** What a writer decides about a header; length and checksum follow from the bytes. */
export interface BatchHeaderFields {
  readonly baseOffset: number
  readonly leaderEpoch: number
  readonly attributes: number
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordCount: number
}

/** Fills the header at the start of `batch`, whose records are in place after it. */
export function writeBatchHeader(batch: Uint8Array, fields: BatchHeaderFields): void {
  putInt64(batch, 0, fields.baseOffset)
  putInt32(batch, BATCH_LENGTH_AT, batch.length - LOG_OVERHEAD_BYTES)
  putInt32(batch, LEADER_EPOCH_AT, fields.leaderEpoch)
  batch[MAGIC_AT] = 2
  putInt16(batch, ATTRIBUTES_AT, fields.attributes)
  putInt32(batch, LAST_OFFSET_DELTA_AT, fields.lastOffsetDelta)
  putInt64(batch, BASE_TIMESTAMP_AT, fields.baseTimestamp)
  putInt64(batch, MAX_TIMESTAMP_AT, fields.maxTimestamp)
  putBigInt64(batch, PRODUCER_ID_AT, fields.producerId)
  putInt16(batch, PRODUCER_EPOCH_AT, fields.producerEpoch)
  putInt32(batch, BASE_SEQUENCE_AT, fields.baseSequence)
  putInt32(batch, RECORD_COUNT_AT, fields.recordCount)
  setCrc(batch, 0)
}

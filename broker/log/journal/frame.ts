import { crc32c } from '../batch.ts'
import { getInt53, putInt53 } from '../integers.ts'

/**
 * A journal frame: what one append writes, all of it or nothing. Big-endian.
 *
 * ```
 * header, 40 bytes                      entry, 40 bytes, `entryCount` times
 *  0 u32 magic                           0 u8  kind, then three zero bytes
 *  4 u32 CRC-32C of header and entries   4 i32 partition
 *  8 u32 id of the journal file          8 16B topic id
 * 12 u32 entry count                    24 i64 base offset | log start | -
 * 16 i64 sequence of the frame          32 i32 leader epoch
 * 24 i64 last sequence known durable    36 u32 bytes of the batch
 * 32 u32 length of the frame
 * 36 u32 nonce of the journal file
 * ```
 * Whoever sends records may send some that look like frames, with a sound checksum, and they come to
 * lie where replay looks for frames. The nonce, which they cannot know, tells the two apart.
 *
 * Then the batches of the entries, without gaps, and zeros up to a multiple of eight. Batches have
 * their own CRC, which leaves out base offset and leader epoch: those are in the entry, under the
 * header's CRC.
 */
export const FRAME_MAGIC = 0x474c_4652
export const FRAME_HEADER_BYTES = 40
export const FRAME_ENTRY_BYTES = 40
/** Frames begin at multiples of this within a file, which makes them findable after a bad one. */
export const FRAME_ALIGNMENT = 8

/** What an entry of a frame says; the numbers are the format's. */
export const ENTRY_KIND = {
  /** Refused after the frame was laid out. Means nothing. */
  void: 0,
  batch: 1,
  /** The log starts at the given offset. */
  trim: 2,
  /** All partitions of the topic are gone. */
  drop: 3,
  /** A start of the broker took the given leader epoch, for all partitions. */
  epoch: 4,
  /** All partitions of the topic were set aside, because nobody knows them. */
  quarantine: 5,
} as const

const CRC_AT = 4
const CRC_FROM = 8
const NONCE_AT = 36

export function frameSizeBytes(entryCount: number, payloadBytes: number): number {
  const sizeBytes = FRAME_HEADER_BYTES + entryCount * FRAME_ENTRY_BYTES + payloadBytes
  return Math.ceil(sizeBytes / FRAME_ALIGNMENT) * FRAME_ALIGNMENT
}

export function payloadStart(frameStart: number, entryCount: number): number {
  return frameStart + FRAME_HEADER_BYTES + entryCount * FRAME_ENTRY_BYTES
}

export function putFrameEntry(
  bytes: Buffer,
  view: DataView,
  frameStart: number,
  index: number,
  kind: number,
  topicId: Buffer,
  partition: number,
  offset: number,
  leaderEpoch: number,
  lengthBytes: number,
): void {
  const at = frameStart + FRAME_HEADER_BYTES + index * FRAME_ENTRY_BYTES
  view.setUint32(at, kind << 24)
  view.setInt32(at + 4, partition)
  bytes.set(topicId, at + 8)
  putInt53(view, at + 24, offset)
  view.setInt32(at + 32, leaderEpoch)
  view.setUint32(at + 36, lengthBytes)
}

/** Writes the header over entries that are in place, with the checksum of both. */
export function sealFrame(
  bytes: Buffer,
  view: DataView,
  start: number,
  frame: {
    readonly fileId: number
    readonly nonce: number
    readonly sequence: number
    readonly durableSequence: number
    readonly entryCount: number
    readonly lengthBytes: number
  },
): void {
  view.setUint32(start, FRAME_MAGIC)
  view.setUint32(start + 8, frame.fileId)
  view.setUint32(start + 12, frame.entryCount)
  putInt53(view, start + 16, frame.sequence)
  putInt53(view, start + 24, frame.durableSequence)
  view.setUint32(start + 32, frame.lengthBytes)
  view.setUint32(start + NONCE_AT, frame.nonce)
  const end = payloadStart(start, frame.entryCount)
  view.setUint32(start + CRC_AT, crc32c(bytes.subarray(start + CRC_FROM, end)))
}

export interface FrameHeader {
  readonly fileId: number
  readonly sequence: number
  readonly durableSequence: number
  readonly entryCount: number
  readonly lengthBytes: number
}

/**
 * The header at `start` when it is sound: magic, nonce (any when undefined), checksum over header and
 * entries, and sizes that agree. Undefined otherwise, also when `bytes` end within header or entries.
 */
export function readFrameHeader(
  bytes: Buffer,
  view: DataView,
  start: number,
  nonce: number | undefined,
): FrameHeader | undefined {
  if (start + FRAME_HEADER_BYTES > bytes.length) return undefined
  if (view.getUint32(start) !== FRAME_MAGIC) return undefined
  if (nonce !== undefined && view.getUint32(start + NONCE_AT) !== nonce) return undefined
  const entryCount = view.getUint32(start + 12)
  const lengthBytes = view.getUint32(start + 32)
  const end = payloadStart(start, entryCount)
  if (end > bytes.length || end - start > lengthBytes) return undefined
  const crc = crc32c(bytes.subarray(start + CRC_FROM, end))
  if (crc !== view.getUint32(start + CRC_AT)) return undefined
  return {
    fileId: view.getUint32(start + 8),
    sequence: getInt53(view, start + 16),
    durableSequence: getInt53(view, start + 24),
    entryCount,
    lengthBytes,
  }
}

export interface FrameEntry {
  readonly kind: number
  readonly topicId: Buffer
  readonly partition: number
  /** Base offset of a batch, log start of a trim. */
  readonly offset: number
  readonly leaderEpoch: number
  readonly lengthBytes: number
  /** Where its batch begins, from the frame's start. */
  readonly position: number
}

/** The entries of a frame whose header is sound. */
export function readFrameEntries(
  bytes: Buffer,
  view: DataView,
  start: number,
  entryCount: number,
): readonly FrameEntry[] {
  const entries: FrameEntry[] = []
  let position = payloadStart(0, entryCount)
  for (let index = 0; index < entryCount; index++) {
    const at = start + FRAME_HEADER_BYTES + index * FRAME_ENTRY_BYTES
    const lengthBytes = view.getUint32(at + 36)
    entries.push({
      kind: view.getUint8(at),
      topicId: bytes.subarray(at + 8, at + 24),
      partition: view.getInt32(at + 4),
      offset: getInt53(view, at + 24),
      leaderEpoch: view.getInt32(at + 32),
      lengthBytes,
      position,
    })
    position += lengthBytes
  }
  return entries
}

import { crc32c } from '../batch.ts'
import { getInt53, putInt53 } from '../integers.ts'

/**
 * The first block of a journal file, written when the file is taken into use. Big-endian.
 *
 * ```
 *  0 u32 magic          12 u32 file id
 *  4 u32 format version 16 i64 sequence of the first frame in it
 *  8 u32 CRC-32C of bytes 12 to 63 (the rest is zero)
 * 24 u32 nonce that all frames in it repeat; nobody else knows it
 * ```
 * It is written only after everything in earlier files was synced (or was left to be written again
 * here, after a failed sync), so it proves that all frames before its first one are durable
 * elsewhere. File ids are never used twice; a frame of another id is a leftover of the file's former life.
 */
export const JOURNAL_HEADER_BYTES = 4096
export const JOURNAL_FORMAT_VERSION = 1
const MAGIC = 0x474c_4a4e
const CHECKED_FROM = 12
const CHECKED_TO = 64

export interface JournalFileHeader {
  readonly fileId: number
  readonly firstSequence: number
  readonly nonce: number
}

export function putJournalHeader(
  bytes: Buffer,
  view: DataView,
  at: number,
  header: JournalFileHeader,
): void {
  bytes.fill(0, at, at + JOURNAL_HEADER_BYTES)
  view.setUint32(at, MAGIC)
  view.setUint32(at + 4, JOURNAL_FORMAT_VERSION)
  view.setUint32(at + 12, header.fileId)
  putInt53(view, at + 16, header.firstSequence)
  view.setUint32(at + 24, header.nonce)
  view.setUint32(at + 8, crc32c(bytes.subarray(at + CHECKED_FROM, at + CHECKED_TO)))
}

export type JournalHeaderReading =
  | (JournalFileHeader & { readonly kind: 'used' })
  /** Zeros, or bytes that are no header. */
  | { readonly kind: 'unused' }
  /** Made by a newer program. */
  | { readonly kind: 'newer'; readonly version: number }

export function readJournalHeader(bytes: Buffer): JournalHeaderReading {
  if (bytes.length < CHECKED_TO) return { kind: 'unused' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0) !== MAGIC) return { kind: 'unused' }
  if (view.getUint32(8) !== crc32c(bytes.subarray(CHECKED_FROM, CHECKED_TO))) {
    return { kind: 'unused' }
  }
  const version = view.getUint32(4)
  if (version > JOURNAL_FORMAT_VERSION) return { kind: 'newer', version }
  return {
    kind: 'used',
    fileId: view.getUint32(12),
    firstSequence: getInt53(view, 16),
    nonce: view.getUint32(24),
  }
}

import { FRAME_ALIGNMENT, FRAME_HEADER_BYTES, FRAME_MAGIC } from '../journal/frame.ts'

/** Where a frame's header has the length of the frame. */
const LENGTH_AT = 32

/**
 * How much of a journal file may belong to a frame; behind it there are only the zeros that the file was filled
 * with. A batch may end with any number of zeros itself, so what counts is what frames say of their length. What
 * only looks like a frame can make this longer, never shorter.
 */
export function writtenJournalBytes(bytes: Buffer): number {
  let last = bytes.length - 1
  while (last >= 0 && bytes[last] === 0) last--
  let written = Math.ceil((last + 1) / FRAME_ALIGNMENT) * FRAME_ALIGNMENT
  for (let at = 0; at <= last; at += FRAME_ALIGNMENT) {
    if (at + FRAME_HEADER_BYTES > bytes.length) break
    if (bytes.readUInt32BE(at) !== FRAME_MAGIC) continue
    written = Math.max(written, at + bytes.readUInt32BE(at + LENGTH_AT))
  }
  return Math.min(written, bytes.length)
}

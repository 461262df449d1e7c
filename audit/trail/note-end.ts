import type { DiskFile } from '../../kit/index.ts'

/** What is looked through for the end, in bytes; larger than a note with all its signatures. */
const READ_BYTES = 256 * 1024

/**
 * A signature line, which begins with a dash and a space, and the empty line that stands after a note;
 * in bytes, so that positions are those in the file wherever reading began.
 */
const NOTE_END = /^\xe2\x80\x94 [^\n\0]*\n\n/gm

/**
 * Where the last whole note ends in a file of signed notes, each with an empty line after it; 0 when
 * there is none. What stands behind it is what a crash left of one more. It is found by its signatures
 * and not by counting notes, so that half a note in the middle costs none of those after it.
 */
export async function endOfNotes(file: DiskFile): Promise<number> {
  const size = await file.size()
  const start = Math.max(0, size - READ_BYTES)
  const bytes = Buffer.alloc(size - start)
  const read = await file.read(bytes, start)
  const text = bytes.toString('latin1', 0, read)
  let end = 0
  for (const { 0: found, index } of text.matchAll(NOTE_END)) end = start + index + found.length
  return end
}

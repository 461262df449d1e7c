import type { DiskFile } from '../../kit/index.ts'

/** What is looked through for the end at first, in bytes: a note with all its signatures and what a crash may leave. */
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
  // What is behind the end is cut off, so that there is no note is only said of a file that was read whole.
  for (let readBytes = READ_BYTES; ; readBytes *= 2) {
    const start = Math.max(0, size - readBytes)
    const end = await lastEndFrom(file, start, size)
    if (end > 0 || start === 0) return end
  }
}

/** Where the last whole note ends whose last signature stands behind `start`; 0 when there is none. */
async function lastEndFrom(file: DiskFile, start: number, size: number): Promise<number> {
  const bytes = Buffer.alloc(size - start)
  const read = await file.read(bytes, start)
  const text = bytes.toString('latin1', 0, read)
  let end = 0
  for (const { 0: found, index } of text.matchAll(NOTE_END)) end = start + index + found.length
  return end
}

import type { Disk, DiskFile } from '../../kit/index.ts'
import type { SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import { parseCheckpoint } from '../checkpoint/checkpoint.ts'
import { NoteError } from '../checkpoint/note-keys.ts'
import { HistoryError } from '../history.ts'

/** Bytes read at a time; larger than any checkpoint. */
const READ_BYTES = 256 * 1024

/**
 * The checkpoints that were ever signed, oldest first: the notes as they are, an empty line after
 * each. Only appended to. What a crash left of the last one is cut off.
 */
export class CheckpointFile {
  readonly #file: DiskFile
  #end: number
  #last: SignedCheckpoint | null

  private constructor(file: DiskFile, end: number, last: SignedCheckpoint | null) {
    this.#file = file
    this.#end = end
    this.#last = last
  }

  /** Throws a HistoryError when the file holds something else. */
  static async open(disk: Disk, directory: string): Promise<CheckpointFile> {
    const path = `${directory}/checkpoints`
    if (!(await disk.exists(path))) {
      const created = await disk.open(path, 'create')
      await created.sync()
      await disk.syncDirectory(directory)
      return new CheckpointFile(created, 0, null)
    }
    const file = await disk.open(path, 'write')
    const { end, last } = await findEnd(file)
    if (end < (await file.size())) await file.truncate(end)
    return new CheckpointFile(file, end, last)
  }

  /** Bytes of the file that hold whole notes. */
  get sizeBytes(): number {
    return this.#end
  }

  get last(): SignedCheckpoint | null {
    return this.#last
  }

  /** Durable when it resolves. One call at a time. */
  async append(checkpoint: SignedCheckpoint): Promise<void> {
    const bytes = Buffer.from(`${checkpoint.text}\n`)
    await this.#file.write([bytes], this.#end)
    await this.#file.sync()
    this.#end += bytes.length
    this.#last = checkpoint
  }

  /** Those that cover more than `size` records, oldest first, as they are now. */
  async *after(size: number): AsyncGenerator<SignedCheckpoint> {
    for await (const { text } of notesIn(this.#file, 0, this.#end)) {
      const checkpoint = parse(text)
      if (checkpoint.size > size) yield checkpoint
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

function parse(text: string): SignedCheckpoint {
  try {
    return parseCheckpoint(text)
  } catch (cause) {
    if (!(cause instanceof NoteError)) throw cause
    throw new HistoryError(`the file of checkpoints is damaged: ${cause.message}`, { cause })
  }
}

interface StoredNote {
  readonly text: string
  /** Where it ends in the file. */
  readonly end: number
}

/** Notes between two positions. A rest that is no whole note is left out. */
async function* notesIn(file: DiskFile, from: number, to: number): AsyncGenerator<StoredNote> {
  let position = from
  let rest = Buffer.alloc(0)
  let noteAt = from
  while (position < to) {
    const piece = Buffer.alloc(Math.min(READ_BYTES, to - position))
    const read = await file.read(piece, position)
    if (read === 0) return
    position += read
    rest = Buffer.concat([rest, piece.subarray(0, read)])
    for (;;) {
      const end = endOfNote(rest)
      if (end < 0) break
      noteAt += end
      yield { text: rest.toString('utf8', 0, end - 1), end: noteAt }
      rest = rest.subarray(end)
    }
    if (rest.length > READ_BYTES) throw new HistoryError('the file of checkpoints is damaged')
  }
}

/** A note has an empty line before its signatures, and here one after them. */
function endOfNote(bytes: Buffer): number {
  const signatures = bytes.indexOf('\n\n')
  const end = signatures < 0 ? -1 : bytes.indexOf('\n\n', signatures + 2)
  return end < 0 ? -1 : end + 2
}

async function findEnd(file: DiskFile): Promise<{ end: number; last: SignedCheckpoint | null }> {
  let found: StoredNote | null = null
  for await (const note of notesIn(file, 0, await file.size())) found = note
  return found ? { end: found.end, last: parse(found.text) } : { end: 0, last: null }
}

import { fdatasyncSync, fsyncSync, ftruncateSync, writeSync } from 'node:fs'

/** One way to make some bytes durable, as often as it is asked. */
export interface WayToWrite {
  readonly name: string
  /** Files that it writes to, of the directory given. */
  readonly files: number
  /** Called once, untimed. */
  prepare(files: readonly number[]): void
  /** Writes `block` for the `turn`th time and returns when it is durable. */
  write(files: readonly number[], block: Buffer, turn: number): void
}

const MIB = 1024 * 1024
/** What a journal that few logs fill takes: five files of 64 MiB. */
const JOURNAL_BYTES = 320 * MIB
/** Where a note of the journal says what lies in a segment. */
const NOTE_BYTES = 4096
const NOTE_FILE_BYTES = 64 * MIB
const HOLE_BYTES = 2 ** 36

/** What an append could wait for; the first is what the journal does (broker/log/DESIGN.md). */
export const WAYS_TO_WRITE: readonly WayToWrite[] = [
  {
    name: 'over blocks that exist',
    files: 1,
    prepare: ([file]) => fill(file, JOURNAL_BYTES),
    write: ([file], block, turn) => {
      const places = Math.max(1, Math.floor(JOURNAL_BYTES / block.length))
      writeDurably(file, block, (turn % places) * block.length)
    },
  },
  {
    name: 'at the end of a growing file',
    files: 1,
    prepare: () => {},
    write: ([file], block, turn) => writeDurably(file, block, turn * block.length),
  },
  {
    name: 'into a hole of a file that was made long',
    files: 1,
    prepare: ([file]) => ftruncateSync(known(file), HOLE_BYTES),
    write: ([file], block, turn) => writeDurably(file, block, turn * block.length),
  },
  {
    name: 'at the end, then a note of 4 KiB over blocks that exist',
    files: 2,
    prepare: ([, notes]) => fill(notes, NOTE_FILE_BYTES),
    write: ([file, notes], block, turn) => {
      writeDurably(file, block, turn * block.length)
      const note = block.subarray(0, NOTE_BYTES)
      writeDurably(notes, note, (turn % (NOTE_FILE_BYTES / NOTE_BYTES)) * NOTE_BYTES)
    },
  },
]

function writeDurably(file: number | undefined, bytes: Buffer, position: number): void {
  writeSync(known(file), bytes, 0, bytes.length, position)
  fdatasyncSync(known(file))
}

function fill(file: number | undefined, sizeBytes: number): void {
  const zeros = Buffer.alloc(MIB)
  for (let at = 0; at < sizeBytes; at += MIB) writeSync(known(file), zeros, 0, MIB, at)
  fsyncSync(known(file))
}

function known(file: number | undefined): number {
  if (file === undefined) throw new Error('a way asks for more files than it named')
  return file
}

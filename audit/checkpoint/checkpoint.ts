import { decodeBase64, NoteError } from './note-keys.ts'
import type { SignedNote } from './signed-note.ts'
import { parseNote } from './signed-note.ts'

/** What a log says of itself at some size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Which log. */
  readonly origin: string
  /** Number of records. */
  readonly size: number
  /** Root of the Merkle tree over their bytes. */
  readonly root: Buffer
  /** Hash of the state that the records fold to, in hex; null when the checkpoint does not say. */
  readonly stateHash: string | null
}

/** A checkpoint with the note that it was read from. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: SignedNote
  /** The note as text. */
  readonly text: string
}

/** Our extension line. Monitors that do not know it cannot audit it; `audit verify` does. */
const STATE_LINE = 'glasslog-state-v1 '

/** The text of a checkpoint, which is then signed as a note. */
export function checkpointText({ origin, size, root, stateHash }: Checkpoint): string {
  const state = stateHash === null ? '' : `${STATE_LINE}${stateHash}\n`
  return `${origin}\n${size}\n${root.toString('base64')}\n${state}`
}

/** Reads a checkpoint. Says nothing about whether its signatures are good. Throws a NoteError. */
export function parseCheckpoint(text: string): SignedCheckpoint {
  const note = parseNote(text)
  const [origin, sizeText, rootText, ...extensions] = note.text.slice(0, -1).split('\n')
  const root = rootText === undefined ? null : decodeBase64(rootText)
  if (!origin || !/^(0|[1-9]\d{0,14})$/.test(sizeText ?? '') || root?.length !== 32) {
    throw new NoteError('a checkpoint begins with an origin, a size and a root hash')
  }
  if (extensions.includes('')) throw new NoteError('a checkpoint has no empty lines')
  const states = extensions.filter((line) => line.startsWith(STATE_LINE))
  const stateHash = states[0]?.slice(STATE_LINE.length) ?? null
  if (states.length > 1 || (stateHash !== null && !/^[0-9a-f]{64}$/.test(stateHash))) {
    throw new NoteError('the state line of the checkpoint is malformed')
  }
  return { origin, size: Number(sizeText), root, stateHash, note, text }
}

import type { KeyIdentity, NoteSigner, NoteVerifier } from './note-keys.ts'
import { decodeBase64, isKeyName, NoteError } from './note-keys.ts'

/** A signature line: who, and the bytes after the key's id. */
export interface NoteSignature extends KeyIdentity {
  readonly signature: Buffer
}

/** Text with signatures under it (C2SP signed-note). */
export interface SignedNote {
  /** Ends with a newline; the signatures are over exactly this. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** Larger ones are refused unread; ours have some hundred bytes. */
const MAX_NOTE_BYTES = 64 * 1024
const MAX_SIGNATURES = 64
const DASH = '\u2014 '

/** The text, signed. Throws a NoteError for a text that a note cannot hold. */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  if (!isNoteText(text)) throw new NoteError('a note is lines of text without control characters')
  const lines = signers.map((signer) =>
    signatureLine({ ...signer, signature: signer.sign(Buffer.from(text)) }),
  )
  return `${text}\n${lines.join('')}`
}

export function signatureLine({ name, id, signature }: NoteSignature): string {
  const bytes = Buffer.concat([Buffer.from(id, 'hex'), signature])
  return `${DASH}${name} ${bytes.toString('base64')}\n`
}

/** Takes a note apart. Says nothing about whether its signatures are good. Throws a NoteError. */
export function parseNote(note: string): SignedNote {
  if (Buffer.byteLength(note) > MAX_NOTE_BYTES) throw new NoteError('the note is too large')
  const blank = note.lastIndexOf('\n\n')
  if (blank < 0) throw new NoteError('the note has no signatures')
  const text = note.slice(0, blank + 1)
  if (!isNoteText(text)) throw new NoteError('the note has characters that notes must not have')
  return { text, signatures: parseSignatureLines(note.slice(blank + 2)) }
}

/** Signature lines, each ending with a newline. Throws a NoteError. */
export function parseSignatureLines(text: string): readonly NoteSignature[] {
  const lines = text.split('\n')
  if (lines.pop() !== '' || lines.length === 0) {
    throw new NoteError('the note does not end with signature lines')
  }
  if (lines.length > MAX_SIGNATURES) throw new NoteError('the note has too many signatures')
  return lines.map(parseSignatureLine)
}

function parseSignatureLine(line: string): NoteSignature {
  const [name, encoded, ...rest] = line.startsWith(DASH) ? line.slice(DASH.length).split(' ') : []
  const bytes = encoded === undefined ? null : decodeBase64(encoded)
  if (name === undefined || !isKeyName(name) || !bytes || bytes.length < 5 || rest.length > 0) {
    throw new NoteError('a signature line is malformed')
  }
  return { name, id: bytes.toString('hex', 0, 4), signature: bytes.subarray(4) }
}

/**
 * Whether the key signed the note. Signatures of other keys do not count; a bad one of this key
 * spoils the note, whatever else is under it.
 */
export function isSignedBy(note: SignedNote, verifier: NoteVerifier): boolean {
  const own = note.signatures.filter(({ name, id }) => name === verifier.name && id === verifier.id)
  const message = Buffer.from(note.text)
  return own.length > 0 && own.every(({ signature }) => verifier.verify(message, signature))
}

function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && !/\p{Cc}/u.test(text.replaceAll('\n', ''))
}

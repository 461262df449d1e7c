import type { NoteVerifier } from './note-keys.ts'
import { ED25519_COSIGNATURE } from './note-keys.ts'
import type { NoteSignature, SignedNote } from './signed-note.ts'

/** Bytes of a cosignature: seconds since the epoch, and an Ed25519 signature. */
const COSIGNATURE_BYTES = 8 + 64

/** What is signed: the time, and the whole checkpoint (C2SP tlog-cosignature, Ed25519). */
export function cosignedMessage(checkpointText: string, timeSeconds: bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${timeSeconds}\n${checkpointText}`)
}

/** Seconds since the epoch at which the witness saw the checkpoint; null unless the cosignature is good. */
export function verifiedCosignatureTime(
  note: SignedNote,
  { name, id, signature }: NoteSignature,
  witness: NoteVerifier,
): number | null {
  if (witness.type !== ED25519_COSIGNATURE || name !== witness.name || id !== witness.id)
    return null
  if (signature.length !== COSIGNATURE_BYTES) return null
  const timeSeconds = signature.readBigUInt64BE(0)
  if (timeSeconds > BigInt(Number.MAX_SAFE_INTEGER)) return null
  const message = cosignedMessage(note.text, timeSeconds)
  return witness.verify(message, signature.subarray(8)) ? Number(timeSeconds) : null
}

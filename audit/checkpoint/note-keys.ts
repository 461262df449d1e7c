import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { sha256 } from '../merkle/hashes.ts'

/** A key, a note or a checkpoint is not what its format says; the message says how. */
export class NoteError extends Error {
  override readonly name = 'NoteError'
}

/** Signature types of C2SP signed-note. */
export const ED25519 = 0x01
export const ED25519_COSIGNATURE = 0x04

/** Whose signature a line of a note claims to be. */
export interface KeyIdentity {
  readonly name: string
  /** Four bytes as hex: a hint at the key, not proof of it. */
  readonly id: string
}

/** A key that notes are verified with. */
export interface NoteVerifier extends KeyIdentity {
  /** The C2SP verifier key that this was read from. */
  readonly text: string
  readonly type: number
  verify(message: Uint8Array, signature: Uint8Array): boolean
}

/** A key that notes are signed with. */
export interface NoteSigner extends KeyIdentity {
  readonly verifier: NoteVerifier
  /** The form in which the key is kept; a secret. */
  readonly secretText: string
  sign(message: Uint8Array): Buffer
}

// What DER puts before the 32 bytes of an Ed25519 key (RFC 8410).
const PUBLIC_KEY_HEAD = Buffer.from('302a300506032b6570032100', 'hex')
const PRIVATE_KEY_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const KEY_BYTES = 32

/** Reads a verifier key: `name+id+base64(type, public key)`. Throws a NoteError. */
export function parseVerifierKey(text: string): NoteVerifier {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim())
  const [, name, id, encoded] = match ?? []
  if (name === undefined || id === undefined || encoded === undefined) {
    throw new NoteError('a verifier key has the form NAME+ID+KEY')
  }
  const bytes = decodeBase64(encoded)
  const type = bytes?.[0]
  if (bytes?.length !== 1 + KEY_BYTES || (type !== ED25519 && type !== ED25519_COSIGNATURE)) {
    throw new NoteError('only Ed25519 verifier keys are understood')
  }
  const verifier = verifierOf(name, bytes.subarray(1), type)
  if (verifier.id !== id) throw new NoteError(`the key has the id ${verifier.id}, not ${id}`)
  return verifier
}

/** Makes a signing key out of 32 random bytes. Throws a NoteError for a name that notes cannot hold. */
export function signerFromSeed(name: string, seed: Uint8Array): NoteSigner {
  if (!isKeyName(name)) throw new NoteError(`not a key name: ${JSON.stringify(name)}`)
  if (seed.length !== KEY_BYTES) throw new NoteError(`a key is made of ${KEY_BYTES} bytes`)
  const key = createPrivateKey({
    key: Buffer.concat([PRIVATE_KEY_HEAD, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const verifier = verifierOf(name, publicKey.subarray(PUBLIC_KEY_HEAD.length), ED25519)
  const encoded = Buffer.concat([Buffer.of(ED25519), seed]).toString('base64')
  return {
    name,
    id: verifier.id,
    verifier,
    secretText: `PRIVATE+KEY+${name}+${verifier.id}+${encoded}`,
    sign: (message) => sign(null, message, key),
  }
}

/** Reads a signing key in the form of Go's note tools: `PRIVATE+KEY+name+id+base64(type, seed)`. Throws a NoteError. */
export function parseSigningKey(text: string): NoteSigner {
  const match = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim())
  const [, name, id, encoded] = match ?? []
  const bytes = encoded === undefined ? null : decodeBase64(encoded)
  // The text is a secret: no message repeats any of it.
  if (name === undefined || bytes?.length !== 1 + KEY_BYTES || bytes[0] !== ED25519) {
    throw new NoteError('a signing key has the form PRIVATE+KEY+NAME+ID+KEY and is of type Ed25519')
  }
  const signer = signerFromSeed(name, bytes.subarray(1))
  if (signer.id !== id) throw new NoteError('the signing key does not belong to its id')
  return signer
}

function verifierOf(name: string, publicKey: Uint8Array, type: number): NoteVerifier {
  const typed = Buffer.concat([Buffer.of(type), publicKey])
  const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), typed])).toString('hex', 0, 4)
  const key = publicKeyOf(publicKey)
  return {
    name,
    id,
    type,
    text: `${name}+${id}+${typed.toString('base64')}`,
    verify: (message, signature) => verify(null, message, key, signature),
  }
}

function publicKeyOf(bytes: Uint8Array): KeyObject {
  const key = Buffer.concat([PUBLIC_KEY_HEAD, bytes])
  return createPublicKey({ key, format: 'der', type: 'spki' })
}

/** Key names are not empty and have neither spaces nor a plus sign. */
export function isKeyName(name: string): boolean {
  return name !== '' && !/[\s+\p{Cc}]/u.test(name) && name.isWellFormed()
}

/** Bytes of standard base64 in its one canonical form (RFC 4648); null for any other text. */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  // Node skips what it does not understand and ignores spare bits: two texts must not mean one thing.
  return bytes.toString('base64') === text ? bytes : null
}

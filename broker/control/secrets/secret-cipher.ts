import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Random } from '../../../kit/index.ts'

/** A secret with the salt of its commitment. */
export interface StoredSecret {
  readonly salt: Buffer
  readonly value: Buffer
}

const ALGORITHM = 'aes-256-gcm'
const FORMAT_VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const SALT_BYTES = 16
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES

/**
 * A secret as it lies on the disk: version (1), nonce (12), tag (16), then salt (16) and value in
 * AES-256-GCM. What is authenticated beside them is the secret's id, so that two secrets cannot be
 * exchanged. Nonces are random: 2^32 secrets may be kept under one key before two may meet
 * (NIST SP 800-38D, 8.3).
 */
export function sealSecret(
  key: Buffer,
  secretId: string,
  { salt, value }: StoredSecret,
  random: Random,
): Buffer {
  const nonce = random.bytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(authenticated(secretId))
  const body = Buffer.concat([cipher.update(salt), cipher.update(value), cipher.final()])
  return Buffer.concat([Buffer.of(FORMAT_VERSION), nonce, cipher.getAuthTag(), body])
}

/** Null when the key is not the one that it was sealed with, or a byte is not what it was. */
export function openSecret(key: Buffer, secretId: string, sealed: Buffer): StoredSecret | null {
  if (sealed.length < HEADER_BYTES + SALT_BYTES || sealed[0] !== FORMAT_VERSION) return null
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(authenticated(secretId))
    .setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEADER_BYTES))
  try {
    const plain = Buffer.concat([decipher.update(sealed.subarray(HEADER_BYTES)), decipher.final()])
    return { salt: plain.subarray(0, SALT_BYTES), value: plain.subarray(SALT_BYTES) }
  } catch {
    // Node says in no other way that the tag does not fit.
    return null
  }
}

function authenticated(secretId: string): Buffer {
  return Buffer.from(`glasslog secret ${FORMAT_VERSION} ${secretId}`)
}

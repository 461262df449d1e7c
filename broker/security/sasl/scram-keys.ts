import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import type { ScramMechanism } from '../../control/index.ts'

/** What is kept of a password (RFC 5802, section 3). Enough to check it, not to be the user. */
export interface ScramKeys {
  readonly salt: Buffer
  readonly iterations: number
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

/** Fewest and most rounds of PBKDF2 that a credential may have, as in Kafka. */
export const MIN_ITERATIONS = 4096
export const MAX_ITERATIONS = 16_384

const HASHES: Readonly<Record<ScramMechanism, { readonly name: string; readonly bytes: number }>> =
  {
    'SCRAM-SHA-256': { name: 'sha256', bytes: 32 },
    'SCRAM-SHA-512': { name: 'sha512', bytes: 64 },
  }

/** Bytes of the mechanism's hash, and so of salted passwords, keys, signatures and proofs. */
export function hashBytes(mechanism: ScramMechanism): number {
  return HASHES[mechanism].bytes
}

export function hmac(
  mechanism: ScramMechanism,
  key: Uint8Array,
  text: string | Uint8Array,
): Buffer {
  return createHmac(HASHES[mechanism].name, key).update(text).digest()
}

/** Hi() of RFC 5802: slow on purpose, so it runs on a thread of the pool. */
export function saltPassword(
  mechanism: ScramMechanism,
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<Buffer> {
  const { name, bytes } = HASHES[mechanism]
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, bytes, name, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}

/** The keys of a salted password, which is what KIP-554 sends; the password itself never comes. */
export function keysOfSaltedPassword(
  mechanism: ScramMechanism,
  saltedPassword: Uint8Array,
  salt: Buffer,
  iterations: number,
): ScramKeys {
  const clientKey = hmac(mechanism, saltedPassword, 'Client Key')
  const storedKey = createHash(HASHES[mechanism].name).update(clientKey).digest()
  const serverKey = hmac(mechanism, saltedPassword, 'Server Key')
  return { salt, iterations, storedKey, serverKey }
}

export async function keysOfPassword(
  mechanism: ScramMechanism,
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<ScramKeys> {
  const salted = await saltPassword(mechanism, password, salt, iterations)
  return keysOfSaltedPassword(mechanism, salted, salt, iterations)
}

/** Whether a proof was made with the password that `keys` were made of. Takes the same time either way. */
export function isProof(
  mechanism: ScramMechanism,
  { storedKey }: ScramKeys,
  authMessage: string,
  proof: Buffer,
): boolean {
  const signature = hmac(mechanism, storedKey, authMessage)
  // A proof of another length is compared as well, so that it takes no less time than a wrong one.
  const clientKey = Buffer.alloc(signature.length)
  for (let i = 0; i < clientKey.length; i++) clientKey[i] = (signature[i] ?? 0) ^ (proof[i] ?? 0)
  const shown = createHash(HASHES[mechanism].name).update(clientKey).digest()
  return timingSafeEqual(shown, storedKey) && proof.length === signature.length
}

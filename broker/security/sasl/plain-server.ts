import { timingSafeEqual } from 'node:crypto'
import type { ScramMechanism } from '../../control/index.ts'
import { userPrincipal } from '../identity.ts'
import type { Credentials } from './credentials.ts'
import type { DecoyKeys } from './decoy-keys.ts'
import type { SaslServer, SaslStep } from './sasl-server.ts'
import { keysOfPassword } from './scram-keys.ts'
import type { WorkQueue } from './work-queue.ts'

export interface PlainOptions {
  readonly credentials: Credentials
  readonly decoys: DecoyKeys
  /** Bounds how many passwords are derived at once: each costs a core some milliseconds. */
  readonly derivations: WorkQueue
}

const MECHANISMS: readonly ScramMechanism[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512']

/** Longest name and password: PBKDF2 hashes all of a password, so somebody might send a long one. */
const MAX_FIELD_BYTES = 1024

/** Authorization id, user and password, each behind a zero byte but the first (RFC 4616). */
export interface PlainMessage {
  readonly authorizationId: string
  readonly user: string
  readonly password: string
}

/** Null when the bytes are no such message. */
export function parsePlain(token: Buffer): PlainMessage | null {
  const fields = token.toString('utf8').split('\0')
  const [authorizationId, user, password] = fields
  if (fields.length !== 3 || authorizationId === undefined || !user || !password) return null
  if (fields.some((field) => Buffer.byteLength(field) > MAX_FIELD_BYTES)) return null
  return { authorizationId, user, password }
}

/**
 * PLAIN (RFC 4616), against the keys that the user has for SCRAM: there is no store of passwords.
 * Keys are derived from the password for both SCRAM mechanisms, whether or not the user has them,
 * so that it takes the same time for everybody.
 */
export class PlainServer implements SaslServer {
  readonly #options: PlainOptions

  constructor(options: PlainOptions) {
    this.#options = options
  }

  async evaluate(token: Buffer): Promise<SaslStep> {
    const message = parsePlain(token)
    if (!message) return failed(null)
    const { user, password, authorizationId } = message
    if (authorizationId !== '' && authorizationId !== user) return failed(user)
    const isRight = await this.#options.derivations.run(() => this.#isRight(user, password))
    if (!isRight) return failed(user)
    return {
      kind: 'authenticated',
      bytes: Buffer.alloc(0),
      identity: { principal: userPrincipal(user), mechanism: 'PLAIN' },
      expiresAtMs: null,
    }
  }

  async #isRight(user: string, password: string): Promise<boolean> {
    const { credentials, decoys } = this.#options
    const checks = MECHANISMS.map(async (mechanism) => {
      const known = credentials.scramKeys(user, mechanism)
      const { salt, iterations, storedKey } =
        known ?? decoys.of(user, mechanism, credentials.shapes(mechanism))
      const shown = await keysOfPassword(mechanism, password, salt, iterations)
      return timingSafeEqual(shown.storedKey, storedKey) && known !== undefined
    })
    return (await Promise.all(checks)).includes(true)
  }
}

function failed(claimedUser: string | null): SaslStep {
  const message = 'Authentication failed: Invalid username or password'
  return { kind: 'failed', message, claimedUser }
}

import { createHmac } from 'node:crypto'
import type { ScramMechanism } from '../../control/index.ts'
import type { ScramKeys } from './scram-keys.ts'
import { hashBytes, MIN_ITERATIONS } from './scram-keys.ts'

/** Kafka's tools write 130 random bits in base 36 and take the text as salt. */
const SALT_BITS = 130n
const SALT_LENGTH = 26

/**
 * Keys for users that do not exist, so that nobody learns from the exchange who does: the same
 * secret and name always give the same salt, in the form that Kafka's tools give to salts, and no
 * password fits the keys.
 */
export class DecoyKeys {
  readonly #secret: Buffer

  /** The secret must outlive the process, or a restart would change the salts of decoys only. */
  constructor(secret: Buffer) {
    this.#secret = secret
  }

  of(user: string, mechanism: ScramMechanism): ScramKeys {
    const size = hashBytes(mechanism)
    const bits = BigInt(`0x${this.#bytes('salt', user, mechanism).toString('hex')}`)
    const salt = (bits & ((1n << SALT_BITS) - 1n)).toString(36).padStart(SALT_LENGTH, '0')
    return {
      salt: Buffer.from(salt),
      iterations: MIN_ITERATIONS,
      storedKey: this.#bytes('stored key', user, mechanism).subarray(0, size),
      serverKey: this.#bytes('server key', user, mechanism).subarray(0, size),
    }
  }

  #bytes(purpose: string, user: string, mechanism: ScramMechanism): Buffer {
    return createHmac('sha512', this.#secret).update(`${purpose}\0${mechanism}\0${user}`).digest()
  }
}

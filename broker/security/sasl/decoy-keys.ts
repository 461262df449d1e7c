import { createHmac } from 'node:crypto'
import type { ScramMechanism } from '../../control/index.ts'
import { shapeAt } from './credential-shapes.ts'
import type { CredentialShape, CredentialShapes } from './credentials.ts'
import type { ScramKeys } from './scram-keys.ts'
import { hashBytes, MIN_ITERATIONS } from './scram-keys.ts'

/** Kafka's tools take 130 random bits. */
const SALT_BITS = 130n

/** What Kafka's tools make, unless they are told otherwise. */
const USUAL_SHAPE: CredentialShape = { iterations: MIN_ITERATIONS, salt: 'text' }

/**
 * Keys for users that do not exist, so that nobody learns from the exchange who does: the same
 * secret and name always give the same salt, and no password fits the keys. Iterations and the form of the
 * salt are drawn from those of the credentials that there are, as often as they are there, by a
 * place that the name has for ever: when credentials come and go few names change what they show.
 */
export class DecoyKeys {
  readonly #secret: Buffer

  /** The secret must outlive the process, or a restart would change the salts of decoys only. */
  constructor(secret: Buffer) {
    this.#secret = secret
  }

  of(user: string, mechanism: ScramMechanism, shapes: CredentialShapes): ScramKeys {
    const size = hashBytes(mechanism)
    // One place for both mechanisms: who sets a password for both sets it alike.
    const place = this.#bytes('shape', user, 'SCRAM').readUInt32BE() / 2 ** 32
    const { iterations, salt } = shapeAt(shapes, place) ?? USUAL_SHAPE
    return {
      salt: salt === 'text' ? this.#textSalt(user, mechanism) : this.#salt(user, mechanism, salt),
      iterations,
      storedKey: this.#bytes('stored key', user, mechanism).subarray(0, size),
      serverKey: this.#bytes('server key', user, mechanism).subarray(0, size),
    }
  }

  /** Written without leading zeros, as Kafka's tools do, so that lengths are as likely as theirs. */
  #textSalt(user: string, mechanism: ScramMechanism): Buffer {
    const bits = BigInt(`0x${this.#bytes('salt', user, mechanism).toString('hex')}`)
    return Buffer.from((bits & ((1n << SALT_BITS) - 1n)).toString(36))
  }

  #salt(user: string, mechanism: ScramMechanism, sizeBytes: number): Buffer {
    const blocks: Buffer[] = []
    for (let size = 0; size < sizeBytes; size += BLOCK_BYTES) {
      blocks.push(this.#bytes(`salt ${size}`, user, mechanism))
    }
    return Buffer.concat(blocks).subarray(0, sizeBytes)
  }

  #bytes(purpose: string, user: string, mechanism: ScramMechanism | 'SCRAM'): Buffer {
    return createHmac('sha512', this.#secret).update(`${purpose}\0${mechanism}\0${user}`).digest()
  }
}

/** Of one HMAC. */
const BLOCK_BYTES = 64

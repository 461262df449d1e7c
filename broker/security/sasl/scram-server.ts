import { timingSafeEqual } from 'node:crypto'
import type { Clock, Random } from '../../../kit/index.ts'
import type { ScramMechanism } from '../../control/index.ts'
import { userPrincipal } from '../identity.ts'
import type { Credentials } from './credentials.ts'
import type { DecoyKeys } from './decoy-keys.ts'
import type { SaslServer, SaslStep } from './sasl-server.ts'
import type { ScramKeys } from './scram-keys.ts'
import { hmac, isProof, keysOfPassword, MIN_ITERATIONS } from './scram-keys.ts'
import type { ClientFirst } from './scram-messages.ts'
import { parseClientFinal, parseClientFirst, serverFinal, serverFirst } from './scram-messages.ts'
import type { WorkQueue } from './work-queue.ts'

export interface ScramOptions {
  readonly credentials: Credentials
  readonly decoys: DecoyKeys
  readonly clock: Clock
  readonly random: Random
  /** Bounds how many tokens' keys are derived at once: each costs a core some milliseconds. */
  readonly derivations: WorkQueue
}

const NONCE_BYTES = 18
const TOKEN_EXTENSION = 'tokenauth'

/** What a client that has sent its first message will be measured by. */
interface Challenge {
  readonly first: ClientFirst
  readonly nonce: string
  readonly text: string
  readonly keys: ScramKeys
  /** Whom the keys stand for; null when for nobody. */
  readonly owner: { readonly principal: string; readonly expiresAtMs: number | null } | null
}

/**
 * SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677), the server's side. The password never
 * travels. As in Kafka names are compared as they are, without SASLprep, and there is no channel
 * binding. A user that does not exist is challenged like any other and fails at the proof.
 *
 * With the extension `tokenauth=true` the user is the id of a delegation token (KIP-48).
 */
export class ScramServer implements SaslServer {
  readonly #mechanism: ScramMechanism
  readonly #options: ScramOptions
  #challenge: Challenge | undefined
  #isOver = false

  constructor(mechanism: ScramMechanism, options: ScramOptions) {
    this.#mechanism = mechanism
    this.#options = options
  }

  evaluate(token: Buffer): SaslStep | Promise<SaslStep> {
    if (this.#isOver) return this.#fail()
    return this.#challenge ? this.#finish(token, this.#challenge) : this.#begin(token)
  }

  #begin(token: Buffer): SaslStep | Promise<SaslStep> {
    const first = parseClientFirst(token)
    if (!first) return this.#fail()
    // Acting for somebody else is not a thing here: that is how CVE-2017-12610 became another user.
    if (first.authorizationId !== '' && first.authorizationId !== first.user)
      return this.#fail(first)
    if (first.extensions.get(TOKEN_EXTENSION) === 'true') return this.#beginWithToken(first)
    const keys = this.#options.credentials.scramKeys(first.user, this.#mechanism)
    const owner = keys ? { principal: userPrincipal(first.user), expiresAtMs: null } : null
    return this.#send(first, keys ?? this.#decoy(first), owner)
  }

  async #beginWithToken(first: ClientFirst): Promise<SaslStep> {
    const token = this.#options.credentials.delegationToken(first.user)
    const isValid = token !== undefined && token.expiresAtMs > this.#options.clock.now()
    const decoy = this.#tokenDecoy(first)
    // Derived for tokens that do not exist as well, so that it takes no less time.
    const password = isValid ? token.password : first.user
    const keys = await this.#options.derivations.run(() =>
      keysOfPassword(this.#mechanism, password, decoy.salt, MIN_ITERATIONS),
    )
    if (!isValid) return this.#send(first, decoy, null)
    return this.#send(first, keys, { principal: token.owner, expiresAtMs: token.expiresAtMs })
  }

  #send(first: ClientFirst, keys: ScramKeys, owner: Challenge['owner']): SaslStep {
    const nonce = first.nonce + this.#options.random.bytes(NONCE_BYTES).toString('base64url')
    const text = serverFirst(nonce, keys.salt, keys.iterations)
    this.#challenge = { first, nonce, text, keys, owner }
    return { kind: 'challenge', bytes: Buffer.from(text) }
  }

  #finish(token: Buffer, { first, nonce, text, keys, owner }: Challenge): SaslStep {
    this.#isOver = true
    const final = parseClientFinal(token)
    if (!final || final.channelBinding !== first.channelBinding) return this.#fail(first)
    // The whole nonce, not its end (CVE-2024-56128). librdkafka before 2.6.1 puts its own part before it
    // once more; that is taken as exactly, and the proof covers what was said either way.
    const isWhole = isSameText(final.nonce, nonce) || isSameText(final.nonce, first.nonce + nonce)
    if (!isWhole) return this.#fail(first)
    const authMessage = `${first.bare},${text},${final.withoutProof}`
    const isProven = isProof(this.#mechanism, keys, authMessage, final.proof)
    if (!isProven || !owner) return this.#fail(first)
    const signature = hmac(this.#mechanism, keys.serverKey, authMessage)
    const isToken = first.extensions.get(TOKEN_EXTENSION) === 'true'
    return {
      kind: 'authenticated',
      bytes: Buffer.from(serverFinal(signature)),
      identity: {
        principal: owner.principal,
        mechanism: this.#mechanism,
        ...(isToken ? { tokenId: first.user } : {}),
      },
      expiresAtMs: owner.expiresAtMs,
    }
  }

  #decoy({ user }: ClientFirst): ScramKeys {
    const { credentials, decoys } = this.#options
    return decoys.of(user, this.#mechanism, credentials.shapes(this.#mechanism))
  }

  /** Tokens all have one shape. */
  #tokenDecoy({ user }: ClientFirst): ScramKeys {
    return this.#options.decoys.of(user, this.#mechanism, [])
  }

  /** One message for every reason: which it was is for nobody to learn. */
  #fail(first?: ClientFirst): SaslStep {
    this.#isOver = true
    return {
      kind: 'failed',
      message: `Authentication failed during authentication due to invalid credentials with SASL mechanism ${this.#mechanism}`,
      claimedUser: first?.user ?? null,
    }
  }
}

function isSameText(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

import type { JWTVerifyGetKey } from 'jose'
import { errors, jwtVerify } from 'jose'
import type { Clock, Logger } from '../../../kit/index.ts'
import { isUserName } from '../identity.ts'

/** What has to hold of a token. Nothing here has a default: a check that is left out is a door. */
export interface BearerTokenRules {
  readonly issuer: string
  /** One of them must be among the token's. */
  readonly audiences: readonly string[]
  /** Signature algorithms that are taken; none of them symmetric, and never `none`. */
  readonly algorithms: readonly string[]
  readonly clockSkewSeconds: number
  /** The claim that has the user's name. */
  readonly userClaim: string
}

export type BearerTokenCheck =
  | { readonly kind: 'sound'; readonly user: string; readonly expiresAtMs: number }
  | { readonly kind: 'refused' }

/** Checks signed tokens (RFC 7519) against keys that are asked for at each check, as they may be rotated. */
export class BearerTokens {
  readonly #rules: BearerTokenRules
  readonly #keys: JWTVerifyGetKey
  readonly #clock: Clock
  readonly #logger: Logger

  constructor(rules: BearerTokenRules, keys: JWTVerifyGetKey, clock: Clock, logger: Logger) {
    this.#rules = rules
    this.#keys = keys
    this.#clock = clock
    this.#logger = logger
  }

  async check(token: string): Promise<BearerTokenCheck> {
    const { issuer, audiences, algorithms, clockSkewSeconds, userClaim } = this.#rules
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience: [...audiences],
        algorithms: [...algorithms],
        clockTolerance: clockSkewSeconds,
        currentDate: new Date(this.#clock.now()),
        requiredClaims: ['exp', 'iss', 'aud', userClaim],
      })
      const user = payload[userClaim]
      if (typeof user !== 'string' || !isSound(user)) return { kind: 'refused' }
      return { kind: 'sound', user, expiresAtMs: (payload.exp ?? 0) * 1000 }
    } catch (cause) {
      // Wrong tokens are everyday; that the keys cannot be had is what an operator must know.
      if (!isTokensFault(cause)) {
        const err = cause instanceof Error ? cause.message : String(cause)
        this.#logger.error({ err }, 'the keys of OAUTHBEARER tokens cannot be had')
      }
      return { kind: 'refused' }
    }
  }
}

const MAX_USER_LENGTH = 1024

function isSound(name: string): boolean {
  if (name === '' || name.length > MAX_USER_LENGTH || !isUserName(name)) return false
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a name must not have
  return !/[\x00-\x1F\x7F]/.test(name)
}

function isTokensFault(cause: unknown): boolean {
  return (
    cause instanceof errors.JOSEError &&
    !(cause instanceof errors.JWKSTimeout) &&
    !(cause instanceof errors.JWKSInvalid) &&
    cause.constructor !== errors.JOSEError
  )
}

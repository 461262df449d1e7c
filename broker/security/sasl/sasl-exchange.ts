import type { ErrorName } from '../../../protocol/index.ts'
import type { Identity } from '../identity.ts'
import { userName } from '../identity.ts'
import type { SaslMechanism, SaslServer, SaslStep } from './sasl-server.ts'
import { isSaslMechanism } from './sasl-server.ts'

/** What a listener asks of those who log in. */
export interface SaslTerms {
  /** As a client is told them when it asks for another. */
  readonly mechanisms: readonly SaslMechanism[]
  /** `connections.max.reauth.ms`: longest session; 0 for as long as the credentials are valid. */
  readonly maxReauthMs: number
  begin(mechanism: SaslMechanism): SaslServer
  /** Wall-clock time. */
  now(): number
}

/** Told what comes of it. A session may begin anew on the same connection (KIP-368). */
export interface SaslListener {
  /** The session lasts `lifetimeMs`; null for as long as the connection. */
  authenticated(identity: Identity, lifetimeMs: number | null): void
  /** The connection is to be closed. */
  failed(failure: LoginFailure): void
}

export interface LoginFailure {
  readonly mechanism: string
  readonly message: string
  readonly claimedUser: string | null
}

export interface HandshakeAnswer {
  readonly error: ErrorName
  readonly mechanisms: readonly SaslMechanism[]
}

export interface TokenAnswer {
  readonly error: ErrorName
  readonly message: string | null
  readonly bytes: Buffer
  /** 0 while the exchange goes on, and for a session that does not end. */
  readonly sessionLifetimeMs: number
}

/** What may come next. */
type Phase =
  /** A handshake; only here may there be a token without one. */
  | 'new'
  /** Tokens without a header (SaslHandshake v0). */
  | 'raw-tokens'
  /** Tokens in SaslAuthenticate (SaslHandshake v1). */
  | 'tokens'
  | 'authenticated'
  | 'failed'

/** A client that logs in anew more often than this is up to something. */
const MIN_REAUTH_INTERVAL_MS = 1000

/** Largest token: all that is sent by honest clients is far below. */
const MAX_TOKEN_BYTES = 64 * 1024

const NO_BYTES = Buffer.alloc(0)

/**
 * The login of one connection, in all three generations: a token with nothing before it, handshake
 * v0 with tokens that have no header (KIP-43), handshake v1 with SaslAuthenticate (KIP-152), and
 * again on the same connection when the session ends (KIP-368). Knows nothing of sockets.
 */
export class SaslExchange {
  readonly #terms: SaslTerms
  readonly #listener: SaslListener
  #phase: Phase = 'new'
  #server: SaslServer | undefined
  #mechanism: SaslMechanism | undefined
  #identity: Identity | undefined
  /** Whether sessions of this connection end, so that it may log in again. */
  #hasEndingSession = false
  #lastReauthMs = 0
  /** Why a login that has begun anew cannot succeed. */
  #reauthFault: string | undefined

  constructor(terms: SaslTerms, listener: SaslListener) {
    this.#terms = terms
    this.#listener = listener
  }

  /** Whether the next frame is a token and not a request. */
  get expectsRawToken(): boolean {
    return this.#phase === 'raw-tokens'
  }

  /** Whether a frame that is no request may be the token of a client that knows of no handshake. */
  get mayBeginWithToken(): boolean {
    return this.#phase === 'new' && this.#terms.mechanisms.includes('PLAIN')
  }

  /** Whether a request of that API may be looked at now. */
  mayRequest(apiKey: number): boolean {
    switch (this.#phase) {
      case 'authenticated':
        return true
      case 'new':
        return apiKey === API_VERSIONS || apiKey === SASL_HANDSHAKE
      case 'tokens':
        return apiKey === SASL_AUTHENTICATE
      case 'raw-tokens':
      case 'failed':
        return false
    }
  }

  /** SaslHandshake. After an answer with an error the connection is to be closed, but for ILLEGAL_SASL_STATE. */
  handshake(name: string, version: number): HandshakeAnswer {
    const { mechanisms } = this.#terms
    if (this.#phase === 'authenticated' && !this.#beginsAnew(version)) {
      return { error: 'ILLEGAL_SASL_STATE', mechanisms: [] }
    }
    if (!isSaslMechanism(name) || !mechanisms.includes(name)) {
      const message = 'the client asked for a mechanism that is not enabled'
      this.#fail({ message, mechanism: 'unknown', claimedUser: null })
      return { error: 'UNSUPPORTED_SASL_MECHANISM', mechanisms }
    }
    if (this.#identity && name !== this.#identity.mechanism) {
      // As in Kafka the handshake is fine, and the token that follows is not.
      this.#reauthFault = `SASL mechanism '${name}' requested by client is not supported for re-authentication of mechanism '${this.#identity.mechanism}'`
    }
    this.#begin(name, version === 0 ? 'raw-tokens' : 'tokens')
    return { error: 'NONE', mechanisms }
  }

  /** SaslAuthenticate. After an answer with SASL_AUTHENTICATION_FAILED the connection is to be closed. */
  async authenticate(token: Buffer): Promise<TokenAnswer> {
    if (this.#phase === 'authenticated') {
      const message = 'SaslAuthenticate request received after successful authentication'
      return { error: 'ILLEGAL_SASL_STATE', message, bytes: NO_BYTES, sessionLifetimeMs: 0 }
    }
    return this.#take(token)
  }

  /** A token without a header. */
  async rawToken(token: Buffer): Promise<TokenAnswer> {
    if (this.#phase === 'new') this.#begin('PLAIN', 'raw-tokens')
    return this.#take(token)
  }

  #beginsAnew(version: number): boolean {
    const nowMs = this.#terms.now()
    const isTooSoon = nowMs - this.#lastReauthMs < MIN_REAUTH_INTERVAL_MS
    if (!this.#hasEndingSession || version === 0 || isTooSoon) return false
    this.#lastReauthMs = nowMs
    return true
  }

  #begin(mechanism: SaslMechanism, phase: Phase): void {
    this.#mechanism = mechanism
    this.#server = this.#terms.begin(mechanism)
    this.#phase = phase
  }

  async #take(token: Buffer): Promise<TokenAnswer> {
    const step = await this.#evaluate(token)
    switch (step.kind) {
      case 'challenge':
        return { error: 'NONE', message: null, bytes: step.bytes, sessionLifetimeMs: 0 }
      case 'authenticated':
        return this.#succeed(step)
      case 'failed':
        return this.#refuse(step.message, step.claimedUser)
    }
  }

  #evaluate(token: Buffer): SaslStep | Promise<SaslStep> {
    const refuse = (message: string): SaslStep => ({ kind: 'failed', message, claimedUser: null })
    if (this.#reauthFault !== undefined) return refuse(this.#reauthFault)
    if (token.length > MAX_TOKEN_BYTES)
      return refuse('Authentication failed: the token is too large')
    return (
      this.#server?.evaluate(token) ?? refuse('Authentication failed: no handshake came before')
    )
  }

  #succeed(step: Extract<SaslStep, { kind: 'authenticated' }>): TokenAnswer {
    const { identity, bytes, expiresAtMs } = step
    const previous = this.#identity?.principal
    if (previous !== undefined && previous !== identity.principal) {
      const message = `Cannot change principals during re-authentication from ${previous} to ${identity.principal}`
      return this.#refuse(message, userName(identity.principal))
    }
    const lifetimeMs = this.#lifetimeMs(expiresAtMs)
    if (lifetimeMs !== null && lifetimeMs <= 0) {
      const message = 'Authentication failed: the credentials have expired'
      return this.#refuse(message, userName(identity.principal))
    }
    this.#identity = identity
    this.#server = undefined
    this.#phase = 'authenticated'
    this.#hasEndingSession = lifetimeMs !== null
    this.#listener.authenticated(identity, lifetimeMs)
    return { error: 'NONE', message: null, bytes, sessionLifetimeMs: lifetimeMs ?? 0 }
  }

  /** The shorter of what the listener allows and what the credentials are good for. */
  #lifetimeMs(expiresAtMs: number | null): number | null {
    const { maxReauthMs } = this.#terms
    const ofCredentialsMs = expiresAtMs === null ? Infinity : expiresAtMs - this.#terms.now()
    const lifetimeMs = Math.min(ofCredentialsMs, maxReauthMs > 0 ? maxReauthMs : Infinity)
    return lifetimeMs === Infinity ? null : lifetimeMs
  }

  #refuse(message: string, claimedUser: string | null): TokenAnswer {
    this.#fail({ message, mechanism: this.#mechanism ?? 'unknown', claimedUser })
    const error = 'SASL_AUTHENTICATION_FAILED'
    return { error, message, bytes: NO_BYTES, sessionLifetimeMs: 0 }
  }

  #fail(failure: LoginFailure): void {
    this.#phase = 'failed'
    this.#server = undefined
    this.#listener.failed(failure)
  }
}

const SASL_HANDSHAKE = 17
const API_VERSIONS = 18
const SASL_AUTHENTICATE = 36

import type { Cancel, Clock, Timers } from '../../kit/index.ts'
import type { Identity, LoginFailure, SaslTerms } from '../security/index.ts'
import { SaslExchange } from '../security/index.ts'
import type { NetworkSettings } from './network-settings.ts'
import { MAX_FRAMES_BEFORE_LOGIN } from './network-settings.ts'

/** Who a client is when its connection is accepted, and how it will say who it is. */
export interface Arrival {
  /** Whose certificate it showed, or nobody in particular. */
  readonly identity: Identity
  /** Null when nobody logs in by SASL. */
  readonly sasl: SaslTerms | null
  /** When the socket was accepted, before any TLS handshake; by the clock of deadlines. */
  readonly acceptedAtMonotonicMs: number
}

export interface LoginHost {
  readonly settings: NetworkSettings
  readonly clock: Clock
  readonly timers: Timers
  /** Called for each login that succeeds (null), and for the one that fails. */
  onLogin(failure: LoginFailure | null): void
}

/** What a frame is to a client that has not logged in. */
export type FrameBeforeLogin = 'request' | 'token' | 'too-many'

/** What a client may still ask once its session is over: SaslHandshake and SaslAuthenticate. */
const LOGIN_APIS: ReadonlySet<number> = new Set([17, 36])

/** How far one connection has come in its login, and what it may do until then. */
export class ConnectionLogin {
  readonly exchange: SaslExchange | null
  identity: Identity
  /** Set when the login failed: the connection takes nothing more. */
  failure: LoginFailure | undefined
  readonly #host: LoginHost
  readonly #acceptedAtMs: number
  #isDone: boolean
  #frames = 0
  /** When the session ends and the client has to log in again (KIP-368). */
  #sessionEndsMs = Infinity
  #cancelLateEnd: Cancel = () => {}

  constructor({ identity, sasl, acceptedAtMonotonicMs }: Arrival, host: LoginHost) {
    this.identity = identity
    this.#host = host
    this.#acceptedAtMs = acceptedAtMonotonicMs
    this.#isDone = sasl === null
    this.exchange =
      sasl &&
      new SaslExchange(sasl, {
        authenticated: (who, lifetimeMs) => this.#succeed(who, lifetimeMs),
        failed: (failure) => {
          this.failure = failure
          host.onLogin(failure)
        },
      })
  }

  get isDone(): boolean {
    return this.#isDone
  }

  /** Bound of the frames that begin from now on. */
  get maxFrameBytes(): number {
    const { socketRequestMaxBytes, saslServerMaxReceiveSize } = this.#host.settings
    if (this.#isDone) return socketRequestMaxBytes
    return Math.min(socketRequestMaxBytes, saslServerMaxReceiveSize)
  }

  mayRequest(apiKey: number): boolean {
    return this.exchange === null || this.exchange.mayRequest(apiKey)
  }

  /** Looks at a frame that came before the login was done. `isRequest`: of an API that there is. */
  judge(isRequest: boolean): FrameBeforeLogin {
    if (++this.#frames > MAX_FRAMES_BEFORE_LOGIN) return 'too-many'
    const { exchange } = this
    if (exchange?.expectsRawToken) return 'token'
    // Before there was a handshake clients began with their token, which is no request of any API.
    return exchange?.mayBeginWithToken && !isRequest ? 'token' : 'request'
  }

  isOverdue(nowMs: number): boolean {
    return !this.#isDone && nowMs - this.#acceptedAtMs > this.#host.settings.glasslogLoginTimeoutMs
  }

  /** Whether the session is over, and the request is none that would begin another. */
  isTooLateFor(apiKey: number, nowMs: number): boolean {
    return nowMs > this.#sessionEndsMs && !LOGIN_APIS.has(apiKey)
  }

  /** Guessing is slowed down (KIP-306): runs `lastWords` after the delay of failed logins. */
  endLate(lastWords: () => void): void {
    const { settings, timers } = this.#host
    const delayMs = settings.connectionFailedAuthenticationDelayMs
    if (delayMs <= 0) lastWords()
    else this.#cancelLateEnd = timers.after(delayMs, lastWords)
  }

  /** The connection is gone. */
  close(): void {
    this.#cancelLateEnd()
  }

  #succeed(identity: Identity, lifetimeMs: number | null): void {
    this.identity = identity
    this.#isDone = true
    this.#sessionEndsMs = this.#host.clock.monotonicMs() + (lifetimeMs ?? Infinity)
    this.#host.onLogin(null)
  }
}

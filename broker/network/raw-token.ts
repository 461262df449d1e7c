import type { SaslExchange, TokenAnswer } from '../security/index.ts'
import type { PipelinedRequest } from './request-pipeline.ts'

/** What a token without a header needs of its connection. */
export interface RawTokenHost {
  settled(request: PipelinedRequest): void
  /** Sends a token, without a header as it came. */
  sendToken(bytes: Buffer): void
  /** The login has failed: there are no words for that in this form. */
  endFailedLogin(): void
  /** Ends the connection for a fault of ours. */
  failed(cause: unknown): void
}

/** A SASL token in a frame of its own, as clients up to 0.11 send it after SaslHandshake v0. */
export class RawToken implements PipelinedRequest {
  readonly stage = 'ordered'
  isSettled = false
  readonly #token: Buffer
  readonly #exchange: SaslExchange
  readonly #host: RawTokenHost
  #answer: TokenAnswer | undefined
  #cause: unknown
  #isAbandoned = false

  constructor(token: Buffer, exchange: SaslExchange, host: RawTokenHost) {
    this.#token = token
    this.#exchange = exchange
    this.#host = host
  }

  start(): void {
    this.#exchange.rawToken(this.#token).then(
      (answer) => this.#settle(answer),
      (cause) => this.#settle(undefined, cause),
    )
  }

  release(): void {
    if (this.#answer === undefined) this.#host.failed(this.#cause)
    else if (this.#answer.error === 'NONE') this.#host.sendToken(this.#answer.bytes)
    else this.#host.endFailedLogin()
  }

  abandon(): void {
    this.#isAbandoned = true
  }

  #settle(answer: TokenAnswer | undefined, cause?: unknown): void {
    if (this.#isAbandoned) return
    this.#answer = answer
    this.#cause = cause
    this.#host.settled(this)
  }
}

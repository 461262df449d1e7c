/** A silence, an acknowledgement or a ticket was asked for that cannot be; `unavailable`: not now. */
export class RequestError extends Error {
  override readonly name: string = 'RequestError'
  readonly code: 'invalid' | 'not-found' | 'too-many' | 'changed' | 'unavailable'

  constructor(code: RequestError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** For `Retry-After` (RFC 9110, 10.2.3) where something is `unavailable`: it waits for a broker that is away. */
export const RETRY_AFTER_SECONDS = 30

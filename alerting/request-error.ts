/** A silence, an acknowledgement or a ticket was asked for that cannot be. */
export class RequestError extends Error {
  override readonly name: string = 'RequestError'
  readonly code: 'invalid' | 'not-found' | 'too-many' | 'changed'

  constructor(code: RequestError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** `corrupt`: not what the codec writes. `too-large`: the output would pass the caller's cap. */
export type CompressionErrorKind = 'corrupt' | 'too-large'

/** The one error that decompression throws on bad bytes. */
export class CompressionError extends Error {
  override readonly name = 'CompressionError'
  readonly kind: CompressionErrorKind

  constructor(kind: CompressionErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

/** For codecs that learn it from the data. */
export function outputTooLarge(maxBytes: number): CompressionError {
  return new CompressionError('too-large', `more than ${maxBytes} bytes when decompressed`)
}

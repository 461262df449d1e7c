/**
 * Why bytes were refused as records, and the error a client is told:
 * - `corrupt`: checksum, length or compressed data is wrong (CORRUPT_MESSAGE);
 * - `invalid-record`: intact bytes that say what no client may say (INVALID_RECORD);
 * - `invalid-timestamp`: a time that is none, or one that only the broker may set (INVALID_TIMESTAMP);
 * - `unsupported-magic`: a message set of magic 0 or 1 where a batch of magic 2 is due (INVALID_RECORD);
 * - `unsupported-compression`: a codec that is unknown, or not allowed here (UNSUPPORTED_COMPRESSION_TYPE);
 * - `too-large`: over the given limit, compressed or not (MESSAGE_TOO_LARGE).
 */
export type RecordsErrorKind =
  | 'corrupt'
  | 'invalid-record'
  | 'invalid-timestamp'
  | 'unsupported-magic'
  | 'unsupported-compression'
  | 'too-large'

/** The one error that reading or converting records throws on bad bytes. */
export class RecordsError extends Error {
  override readonly name = 'RecordsError'
  readonly kind: RecordsErrorKind

  constructor(kind: RecordsErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

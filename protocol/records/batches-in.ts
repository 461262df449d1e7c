import { BATCH_HEADER_BYTES, batchSizeBytes, LOG_OVERHEAD_BYTES, magic } from './batch-header.ts'
import { RecordsError } from './records-error.ts'

/**
 * Where the batch that begins at `at` ends, or -1 when the bytes stop before (as the last batch of
 * a Fetch response may). Throws a RecordsError when no batch of magic 2 can begin there. Looks at
 * the length and the magic only.
 */
export function batchEnd(bytes: Uint8Array, at: number): number {
  if (bytes.length - at < LOG_OVERHEAD_BYTES) return -1
  const sizeBytes = batchSizeBytes(bytes, at)
  if (sizeBytes < BATCH_HEADER_BYTES) {
    throw new RecordsError('corrupt', `a batch cannot have ${sizeBytes} bytes`)
  }
  if (sizeBytes > bytes.length - at) return -1
  if (magic(bytes, at) !== 2) {
    throw new RecordsError('unsupported-magic', `magic ${magic(bytes, at)} in a log of magic 2`)
  }
  return at + sizeBytes
}

/** Views of the whole batches that lie one after the other in `bytes`; a partial one at the end is left out. */
export function* batchesIn(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  let at = 0
  for (let end = batchEnd(bytes, at); end !== -1; end = batchEnd(bytes, at)) {
    yield bytes.subarray(at, end)
    at = end
  }
}

import type { CompressionType } from '../compression/index.ts'
import { BatchBuilder } from './batch-builder.ts'
import { magic } from './batch-header.ts'
import { messagesIn, oldCodec } from './decode-message-set.ts'
import type { DecodeLimits } from './decompress-records.ts'
import { messageCompressionTypeId, messageEnd } from './message.ts'
import { RecordsError } from './records-error.ts'

/**
 * What Produce v0 to v2 carries, as one batch of magic 2 with the records in their order and offsets
 * from 0: plain messages, wrappers, or a mixture. The batch has the codec of the last wrapper, so that
 * it stays about as small as it was. Magic 0 knows no timestamps: its records have -1.
 *
 * A set that begins with magic 2 is answered as it is; like every answer, it is `validateBatch`'s to
 * check. Throws a RecordsError, also for a set that is empty or cut off: dropping a tail in silence
 * would acknowledge records that are not kept.
 */
export function fromMessageSet(set: Uint8Array, limits: DecodeLimits = {}): Uint8Array {
  if (set.length > 16 && magic(set) === 2) return set
  if (set.length === 0) throw new RecordsError('invalid-record', 'no messages')
  const builder = new BatchBuilder({ compression: lastCodec(set) })
  for (const { isLogAppendTime, timestampMs, key, value } of messagesIn(set, limits)) {
    if (isLogAppendTime) {
      throw new RecordsError('invalid-timestamp', 'only the broker sets LogAppendTime')
    }
    builder.append({ timestampMs, key, value })
  }
  return builder.build()
}

function lastCodec(set: Uint8Array): CompressionType {
  let codec: CompressionType = 'none'
  let at = 0
  while (at !== -1 && at < set.length) {
    const end = messageEnd(set, at)
    const id = end === -1 ? 0 : messageCompressionTypeId(set, at)
    if (id !== 0) codec = oldCodec(id)
    at = end
  }
  return codec
}

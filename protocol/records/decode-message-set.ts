import type { CompressionType } from '../compression/index.ts'
import { compressionTypeById } from '../compression/index.ts'
import { int64 } from './bytes.ts'
import type { DecodeLimits } from './decompress-records.ts'
import { decompressRecords } from './decompress-records.ts'
import type { KafkaRecord } from './kafka-record.ts'
import type { Message } from './message.ts'
import { messageEnd, readMessage } from './message.ts'
import { RecordsError } from './records-error.ts'

export interface MessageSetLimits extends DecodeLimits {
  /** Whether the set may end within a message, as in a Fetch response. False when left out. */
  readonly allowPartialTail?: boolean
}

/**
 * The records of a message set of magic 0 or 1, wrappers opened, offsets absolute. Messages of both
 * formats may follow each other. Throws a RecordsError: `corrupt` for a wrong checksum, at whatever
 * depth, `invalid-record` for a wrapper within a wrapper, which no client writes and Kafka refuses.
 */
export function* decodeMessageSet(
  set: Uint8Array,
  limits: MessageSetLimits = {},
): Generator<KafkaRecord, void, undefined> {
  for (const { offset, timestampMs, key, value } of messagesIn(set, limits)) {
    if (!Number.isSafeInteger(offset)) {
      throw new RecordsError('invalid-record', 'offset does not fit in 53 bits')
    }
    yield { offset, timestampMs, key, value, headers: [] }
  }
}

/** Like `decodeMessageSet`, as messages, with their own magic; offsets may be beyond 2^53. */
export function* messagesIn(
  set: Uint8Array,
  limits: MessageSetLimits,
): Generator<Message, void, undefined> {
  const bytes = Buffer.from(set.buffer, set.byteOffset, set.byteLength)
  for (const message of shallowMessages(bytes, limits.allowPartialTail ?? false)) {
    if (message.compressionTypeId === 0) yield message
    else yield* unwrap(message, limits)
  }
}

function* shallowMessages(
  set: Buffer,
  allowPartialTail: boolean,
): Generator<Message, void, undefined> {
  let at = 0
  while (at < set.length) {
    const end = messageEnd(set, at)
    if (end === -1) {
      if (allowPartialTail) return
      throw new RecordsError('corrupt', 'message set is cut off')
    }
    yield readMessage(set, at, end)
    at = end
  }
}

function* unwrap(wrapper: Message, limits: DecodeLimits): Generator<Message, void, undefined> {
  const inner = innerSet(wrapper, limits)
  const baseOffset = wrapper.magic === 0 ? 0 : innerBaseOffset(wrapper, inner)
  for (const message of shallowMessages(inner, false)) {
    if (message.magic !== wrapper.magic) {
      throw new RecordsError('invalid-record', 'message of another magic than its wrapper')
    }
    if (message.compressionTypeId !== 0) {
      throw new RecordsError('invalid-record', 'compressed message within a compressed message')
    }
    const offset = baseOffset + message.offset
    // The broker stamps its time on the wrapper only.
    yield wrapper.isLogAppendTime
      ? { ...message, offset, timestampMs: wrapper.timestampMs, isLogAppendTime: true }
      : { ...message, offset }
  }
}

function innerSet(wrapper: Message, limits: DecodeLimits): Buffer {
  if (wrapper.value === null) throw new RecordsError('invalid-record', 'wrapper without a value')
  const codec = oldCodec(wrapper.compressionTypeId)
  const inner = decompressRecords(codec, wrapper.value, limits, {
    lz4HeaderChecksum: wrapper.magic === 0 ? 'with-magic' : 'standard',
  })
  if (inner.length === 0) throw new RecordsError('invalid-record', 'wrapper of no messages')
  return inner
}

/** The codecs that existed before magic 2. Throws a RecordsError for others. */
export function oldCodec(id: number): CompressionType {
  const codec = compressionTypeById(id)
  if (codec === undefined || codec === 'zstd') {
    throw new RecordsError('unsupported-compression', `compression type ${id} in a message`)
  }
  return codec
}

/**
 * Magic 1 counts offsets within the wrapper, whose own offset is that of the last message (KIP-31).
 * Some clients leave the wrapper at 0 when they produce.
 */
function innerBaseOffset(wrapper: Message, inner: Buffer): number {
  if (wrapper.offset === 0) return 0
  const last = lastMessageAt(inner)
  const lastOffset = int64(inner, last)
  if (wrapper.offset < lastOffset) {
    throw new RecordsError('invalid-record', 'offset of a wrapper is below those within')
  }
  return wrapper.offset - lastOffset
}

function lastMessageAt(set: Buffer): number {
  let last = 0
  for (let at = 0; at < set.length && at !== -1; at = messageEnd(set, at)) last = at
  return last
}

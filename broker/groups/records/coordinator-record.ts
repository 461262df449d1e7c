import type { Uuid } from '../../../kit/index.ts'
import { ZERO_UUID } from '../../../kit/index.ts'
import type { Encodable, Message, TypeOf } from '../../../protocol/index.ts'
import { codec, ProtocolError, Reader, Writer } from '../../../protocol/index.ts'
import type { CommittedOffset } from '../port.ts'
import {
  GroupMetadataKey,
  GroupMetadataValue,
  OffsetCommitKey,
  OffsetCommitValue,
  PARKED_OFFSET_KEY,
  ParkedOffsetKey,
} from './formats.ts'

export type GroupMetadata = TypeOf<typeof GroupMetadataValue>

/** One change of the coordinator's state. A null value is a tombstone: what the key names is gone. */
export type CoordinatorRecord =
  | {
      readonly kind: 'offset'
      readonly groupId: string
      readonly topic: string
      readonly partition: number
      readonly value: CommittedOffset | null
    }
  /** Kept for a topic that was deleted, under its id, until it is restored or purged. */
  | {
      readonly kind: 'parked-offset'
      readonly groupId: string
      readonly topicId: Uuid
      readonly partition: number
      readonly value: CommittedOffset | null
    }
  | { readonly kind: 'group'; readonly groupId: string; readonly value: GroupMetadata | null }

export interface EncodedRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

const OFFSET_KEY_VERSION = 1
const GROUP_KEY_VERSION = 2
/** The newest version without tagged fields, which is what Kafka writes. */
const GROUP_VALUE_VERSION = 3
const OFFSET_VALUE_VERSION = 4
/** The only version that can say when an offset expires. */
const EXPIRING_OFFSET_VALUE_VERSION = 1

/** Longest text of the format, in UTF-8. */
const MAX_TEXT_BYTES = 0x7fff
/** One UTF-16 code unit takes no more. */
const MAX_UTF8_BYTES_PER_UNIT = 3

/**
 * Whether a record can hold the text. One that came over the wire need not fit: each byte of it
 * that was not UTF-8 has become a replacement character, and takes three bytes now.
 */
export function fitsRecord(text: string): boolean {
  if (text.length * MAX_UTF8_BYTES_PER_UNIT <= MAX_TEXT_BYTES) return true
  return Buffer.byteLength(text) <= MAX_TEXT_BYTES
}

/** Throws a ProtocolError when a text does not fit (`fitsRecord`). */
export function encodeRecord(record: CoordinatorRecord): EncodedRecord {
  const { groupId: group } = record
  if (record.kind === 'group') {
    return {
      key: encode(GroupMetadataKey, GROUP_KEY_VERSION, { group }),
      value: record.value && encode(GroupMetadataValue, GROUP_VALUE_VERSION, record.value),
    }
  }
  if (record.kind === 'parked-offset') {
    const { topicId, partition, value } = record
    return {
      key: encodeParkedKey({ group, topicId, partition }),
      value: value && encodeOffset(value),
    }
  }
  const { topic, partition, value } = record
  return {
    key: encode(OffsetCommitKey, OFFSET_KEY_VERSION, { group, topic, partition }),
    value: value && encodeOffset(value),
  }
}

function encodeOffset(value: CommittedOffset): Buffer {
  const expires = value.expiresAtMs >= 0
  const version = expires ? EXPIRING_OFFSET_VALUE_VERSION : OFFSET_VALUE_VERSION
  return encode(OffsetCommitValue, version, {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestamp: value.committedAtMs,
    expireTimestamp: value.expiresAtMs,
    topicId: value.topicId,
  })
}

/**
 * Reads a record of any version that Kafka wrote up to 4.1. Null for a kind of record that the
 * classic coordinator does not know (the newer kinds of groups have their own). Throws a
 * ProtocolError for a value of an unknown version, and for bytes that are not what they claim.
 */
export function decodeRecord(key: Buffer, value: Buffer | null): CoordinatorRecord | null {
  const keyReader = new Reader(key)
  const kind = keyReader.int16()
  if (kind === 0 || kind === 1) {
    const { group, topic, partition } = codec(OffsetCommitKey, kind).read(keyReader)
    return { kind: 'offset', groupId: group, topic, partition, value: value && decodeOffset(value) }
  }
  if (kind === GROUP_KEY_VERSION) {
    const { group } = codec(GroupMetadataKey, GROUP_KEY_VERSION).read(keyReader)
    return { kind: 'group', groupId: group, value: value && decode(GroupMetadataValue, value) }
  }
  if (kind === PARKED_OFFSET_KEY) {
    const { group, topicId, partition } = codec(ParkedOffsetKey, 0).read(keyReader)
    const offset = value && decodeOffset(value)
    return { kind: 'parked-offset', groupId: group, topicId, partition, value: offset }
  }
  return null
}

function encodeParkedKey(key: Encodable<typeof ParkedOffsetKey>): Buffer {
  const writer = new Writer()
  writer.int16(PARKED_OFFSET_KEY)
  codec(ParkedOffsetKey, 0).write(writer, key)
  return Buffer.concat(writer.finish())
}

function decodeOffset(bytes: Buffer): CommittedOffset {
  const value = decode(OffsetCommitValue, bytes)
  return {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    committedAtMs: value.commitTimestamp,
    expiresAtMs: value.expireTimestamp,
    topicId: value.topicId ?? ZERO_UUID,
  }
}

function encode<M extends Message>(message: M, version: number, value: Encodable<M>): Buffer {
  const writer = new Writer()
  writer.int16(version)
  codec<M['fields']>(message, version).write(writer, value)
  return Buffer.concat(writer.finish())
}

function decode<M extends Message>(message: M, bytes: Buffer): TypeOf<M> {
  const reader = new Reader(bytes)
  const version = reader.int16()
  if (version < message.versions.min || version > message.versions.max) {
    throw new ProtocolError(`${message.name} has no version ${version}`)
  }
  return codec<M['fields']>(message, version).read(reader)
}

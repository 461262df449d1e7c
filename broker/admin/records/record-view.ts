import { isUtf8 } from 'node:buffer'
import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { Json } from '../../../audit/index.ts'
import type { RecordHeader } from '../../../protocol/index.ts'
import { batchHeader, readEndTransactionMarker } from '../../../protocol/index.ts'
import { closed, isoTime, nullable, oneOf } from '../http/schema.ts'
import type { ShownValue } from './formats/value-codec.ts'
import type { ScannedRecord, UnreadableBatch } from './partition-scan.ts'

const shownFormat = nullable(
  Type.String({ description: 'How it is shown: text, json, hex, base64, avro or protobuf.' }),
)
const fault = Type.Optional(
  Type.String({ description: 'Why it is shown in hex and not in the format asked for.' }),
)
const anyJson = Type.Unsafe<Json>({})

export const recordSchema = closed(
  {
    kind: oneOf(['record', 'control', 'unreadable'], {
      description:
        '`control`: the end of a transaction, which consumers do not see. `unreadable`: a batch whose records cannot be read.',
    }),
    partition: Type.Integer(),
    offset: Type.Integer(),
    timestamp: nullable(
      Type.String({ format: 'date-time', description: 'Null when it has none.' }),
    ),
    timestampType: oneOf(['create', 'append'], { description: 'Whose clock it is from.' }),
    key: anyJson,
    keyFormat: shownFormat,
    keyFault: fault,
    value: anyJson,
    valueFormat: shownFormat,
    valueFault: fault,
    headers: Type.Array(
      closed({
        name: Type.String(),
        value: nullable(Type.String()),
        format: oneOf(['text', 'hex']),
      }),
      { description: 'In their order; names can repeat.' },
    ),
    sizeBytes: Type.Integer({ description: 'Bytes of key and value.' }),
    control: Type.Optional(
      closed({
        type: oneOf(['commit', 'abort', 'unknown']),
        coordinatorEpoch: Type.Integer(),
      }),
    ),
    fault: Type.Optional(Type.String({ description: 'Why the batch cannot be read.' })),
    batch: closed(
      {
        baseOffset: Type.Integer(),
        records: Type.Integer(),
        compression: Type.String(),
        leaderEpoch: Type.Integer(),
        producerId: nullable(Type.String({ description: 'Null without an idempotent producer.' })),
        producerEpoch: Type.Integer(),
        baseSequence: Type.Integer(),
        transactional: Type.Boolean(),
      },
      { title: 'RecordBatch', description: 'The batch that holds it.' },
    ),
  },
  { title: 'Record' },
)
export type RecordView = Static<typeof recordSchema>

const NOTHING = { key: null, keyFormat: null, value: null, valueFormat: null, headers: [] }

/** A record as the API shows it, with key and value decoded. */
export function viewRecord(
  { log, batch, record }: ScannedRecord,
  key: ShownValue | null,
  value: ShownValue | null,
): RecordView {
  return {
    kind: 'record',
    ...placeOf(log.partition, record.offset, record.timestampMs, batch),
    key: key?.data ?? null,
    keyFormat: key?.format ?? null,
    ...(key?.fault === undefined ? {} : { keyFault: key.fault }),
    value: value?.data ?? null,
    valueFormat: value?.format ?? null,
    ...(value?.fault === undefined ? {} : { valueFault: value.fault }),
    headers: record.headers.map(viewHeader),
    sizeBytes: (record.key?.length ?? 0) + (record.value?.length ?? 0),
    batch: viewBatch(batch),
  }
}

/** The record of a control batch: consumers never see it. */
export function viewControl({ log, batch, record }: ScannedRecord): RecordView {
  const marker = readEndTransactionMarker(record.key, record.value)
  return {
    kind: 'control',
    ...placeOf(log.partition, record.offset, record.timestampMs, batch),
    ...NOTHING,
    sizeBytes: (record.key?.length ?? 0) + (record.value?.length ?? 0),
    control: { type: marker?.kind ?? 'unknown', coordinatorEpoch: marker?.coordinatorEpoch ?? -1 },
    batch: viewBatch(batch),
  }
}

export function viewUnreadable({ log, batch, fault: reason }: UnreadableBatch): RecordView {
  const offset = batchHeader.baseOffset(batch)
  return {
    kind: 'unreadable',
    ...placeOf(log.partition, offset, batchHeader.maxTimestamp(batch), batch),
    ...NOTHING,
    sizeBytes: batch.length,
    fault: reason,
    batch: viewBatch(batch),
  }
}

function placeOf(partition: number, offset: number, timestampMs: number, batch: Uint8Array) {
  return {
    partition,
    offset,
    timestamp: timestampMs < 0 || timestampMs > LAST_TIME_MS ? null : isoTime(timestampMs),
    timestampType: batchHeader.isLogAppendTime(batch) ? ('append' as const) : ('create' as const),
  }
}

/** 9999-12-31: beyond it RFC 3339 has no years. */
const LAST_TIME_MS = 253_402_300_799_999

function viewHeader({ key, value }: RecordHeader): RecordView['headers'][number] {
  if (value === null) return { name: key, value: null, format: 'text' }
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
  return isUtf8(bytes)
    ? { name: key, value: bytes.toString('utf8'), format: 'text' }
    : { name: key, value: bytes.toString('hex'), format: 'hex' }
}

function viewBatch(batch: Uint8Array): RecordView['batch'] {
  return {
    baseOffset: batchHeader.baseOffset(batch),
    records: batchHeader.recordCount(batch),
    compression: batchHeader.compressionType(batch) ?? 'unknown',
    leaderEpoch: batchHeader.partitionLeaderEpoch(batch),
    producerId: batchHeader.hasProducerId(batch) ? String(batchHeader.producerId(batch)) : null,
    producerEpoch: batchHeader.producerEpoch(batch),
    baseSequence: batchHeader.baseSequence(batch),
    transactional: batchHeader.isTransactional(batch),
  }
}

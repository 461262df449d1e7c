import type { Uuid } from '../../../kit/index.ts'
import { uuidFromBytes, uuidToBytes } from '../../../kit/index.ts'
import { crc32c } from '../batch.ts'
import { LogStoreError } from '../errors.ts'
import type { EpochStart } from '../partition/leader-epochs.ts'
import type { Partition } from '../partition/partition.ts'
import type { ProducerKey } from '../partition/producer-key.ts'
import { toProducerKey } from '../partition/producer-key.ts'
import type { Producer } from '../partition/producer-table.ts'
import { newProducer } from '../partition/producer-table.ts'
import type { TransactionState } from '../partition/transaction-index.ts'
import type { SegmentFacts } from '../segments/segment.ts'
import type { ByteWriter } from './byte-writer.ts'
import { ByteReader } from './byte-writer.ts'

export const CHECKPOINT_FORMAT_VERSION = 1
const MAGIC = 0x474c_4350
/** magic, format version, CRC-32C of the body, bytes of the body. */
const HEADER_BYTES = 16

/** What a checkpoint says of a partition. */
export interface PartitionCheckpoint {
  readonly topicId: Uuid
  readonly partition: number
  readonly topicName: string
  readonly quarantined: boolean
  readonly logStartOffset: number
  /** Up to here the segments below are compacted. */
  readonly cleanedOffset: number
  /**
   * Producers, transactions and epochs are as of this offset. It was durable in the journal before
   * the checkpoint was written, so a recovered log never ends before it.
   */
  readonly stateOffset: number
  readonly epochs: readonly EpochStart[]
  /** All of their bytes are durable. */
  readonly segments: readonly SegmentFacts[]
  readonly producers: readonly (readonly [ProducerKey, Producer])[]
  readonly transactions: TransactionState
}

/** What must be known, beside the segments, to replay the journal. */
export interface Checkpoint {
  /** Epoch of the start that wrote it. */
  readonly leaderEpoch: number
  /** Frames with a lower sequence are in segments, or without effect. */
  readonly replayFrom: number
  /** No journal file ever had this id or a higher one. */
  readonly nextFileId: number
  /** Topics that were dropped, whose files may be there still. */
  readonly dropped: readonly Uuid[]
  readonly partitions: readonly PartitionCheckpoint[]
}

export interface CheckpointHead {
  readonly leaderEpoch: number
  readonly replayFrom: number
  readonly nextFileId: number
  readonly dropped: readonly Uuid[]
  readonly partitionCount: number
}

export function writeHead(writer: ByteWriter, head: CheckpointHead): void {
  writer.int32(head.leaderEpoch)
  writer.int53(head.replayFrom)
  writer.int53(head.nextFileId)
  writer.int32(head.dropped.length)
  for (const topicId of head.dropped) writer.raw(uuidToBytes(topicId))
  writer.int32(head.partitionCount)
}

/** Writes the partition as it is now. */
export function writePartition(writer: ByteWriter, partition: Partition): void {
  writer.raw(partition.topicIdBytes)
  writer.int32(partition.partition)
  writer.text(partition.topicName)
  writer.int8(partition.state === 'quarantined' ? 1 : 0)
  writer.int53(partition.logStartOffset)
  writer.int53(partition.cleanedOffset)
  writer.int53(partition.endOffset)
  writer.int32(partition.epochs.starts.length)
  for (const { epoch, startOffset } of partition.epochs.starts) {
    writer.int32(epoch)
    writer.int53(startOffset)
  }
  writeSegments(writer, partition)
  writeProducers(writer, partition)
  writeTransactions(writer, partition.transactions.snapshot())
}

function writeSegments(writer: ByteWriter, partition: Partition): void {
  const durable = partition.segments.filter((segment) => segment.syncedBytes > 0)
  writer.int32(durable.length)
  for (const segment of durable) {
    writer.int53(segment.baseOffset)
    writer.int32(segment.generation)
    writer.int53(segment.syncedOffset)
    writer.int53(segment.syncedBytes)
    writer.int53(segment.maxTimestampMs)
    writer.int53(segment.createdAtMs)
    writer.int53(segment.writtenAtMs)
  }
}

function writeProducers(writer: ByteWriter, partition: Partition): void {
  writer.int32(partition.producers.size)
  for (const [key, producer] of partition.producers.entries()) {
    writer.bigInt64(BigInt(key))
    writer.int16(producer.epoch)
    writer.int53(producer.lastAppendMs)
    writer.int32(producer.coordinatorEpoch)
    writer.int8(producer.count)
    writer.int8(producer.next)
    for (const value of producer.batches) writer.int53(value)
  }
}

function writeTransactions(writer: ByteWriter, state: TransactionState): void {
  writer.int32(state.open.length)
  for (const [key, firstOffset] of state.open) {
    writer.bigInt64(BigInt(key))
    writer.int53(firstOffset)
  }
  writer.int32(state.completed.length)
  for (const completed of state.completed) {
    writer.int53(completed.firstOffset)
    writer.int53(completed.lastOffset)
  }
  writer.int32(state.aborted.length)
  for (const range of state.aborted) {
    writer.bigInt64(BigInt(range.producer))
    writer.int53(range.firstOffset)
    writer.int53(range.lastOffset)
  }
}

/** The header to put before the body of a checkpoint file. */
export function checkpointHeader(body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(MAGIC, 0)
  header.writeUInt32BE(CHECKPOINT_FORMAT_VERSION, 4)
  header.writeUInt32BE(crc32c(body), 8)
  header.writeUInt32BE(body.length, 12)
  return header
}

/** Throws a LogStoreError when the bytes are damaged or of a newer format. */
export function readCheckpoint(file: Buffer): Checkpoint {
  const damaged = (what: string): LogStoreError =>
    new LogStoreError('corrupt', `the checkpoint file is damaged: ${what}`)
  if (file.length < HEADER_BYTES || file.readUInt32BE(0) !== MAGIC) throw damaged('no header')
  const version = file.readUInt32BE(4)
  if (version > CHECKPOINT_FORMAT_VERSION) {
    throw new LogStoreError(
      'newer-format',
      `the checkpoint has format ${version}; this program knows ${CHECKPOINT_FORMAT_VERSION}`,
    )
  }
  const body = file.subarray(HEADER_BYTES, HEADER_BYTES + file.readUInt32BE(12))
  if (body.length !== file.readUInt32BE(12)) throw damaged('it is too short')
  if (crc32c(body) !== file.readUInt32BE(8)) throw damaged('its checksum does not match')
  return readBody(new ByteReader(body))
}

function readBody(reader: ByteReader): Checkpoint {
  const leaderEpoch = reader.int32()
  const replayFrom = reader.int53()
  const nextFileId = reader.int53()
  const dropped = reader.list(() => uuidFromBytes(reader.raw(16)))
  const partitions = reader.list(() => readPartition(reader))
  return { leaderEpoch, replayFrom, nextFileId, dropped, partitions }
}

function readPartition(reader: ByteReader): PartitionCheckpoint {
  return {
    topicId: uuidFromBytes(reader.raw(16)),
    partition: reader.int32(),
    topicName: reader.text(),
    quarantined: reader.int8() === 1,
    logStartOffset: reader.int53(),
    cleanedOffset: reader.int53(),
    stateOffset: reader.int53(),
    epochs: reader.list(() => ({ epoch: reader.int32(), startOffset: reader.int53() })),
    segments: reader.list(() => readSegment(reader)),
    producers: reader.list(() => readProducer(reader)),
    transactions: readTransactions(reader),
  }
}

function readSegment(reader: ByteReader): SegmentFacts {
  return {
    baseOffset: reader.int53(),
    generation: reader.int32(),
    nextOffset: reader.int53(),
    sizeBytes: reader.int53(),
    maxTimestampMs: reader.int53(),
    createdAtMs: reader.int53(),
    writtenAtMs: reader.int53(),
  }
}

function readProducer(reader: ByteReader): readonly [ProducerKey, Producer] {
  const key = toProducerKey(reader.bigInt64())
  const producer = newProducer(reader.int16(), reader.int53())
  producer.coordinatorEpoch = reader.int32()
  producer.count = reader.int8()
  producer.next = reader.int8()
  for (let i = 0; i < producer.batches.length; i++) producer.batches[i] = reader.int53()
  return [key, producer]
}

function readTransactions(reader: ByteReader): TransactionState {
  return {
    open: reader.list(() => [toProducerKey(reader.bigInt64()), reader.int53()] as const),
    completed: reader.list(() => ({ firstOffset: reader.int53(), lastOffset: reader.int53() })),
    aborted: reader.list(() => ({
      producer: toProducerKey(reader.bigInt64()),
      firstOffset: reader.int53(),
      lastOffset: reader.int53(),
    })),
  }
}

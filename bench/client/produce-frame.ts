import { BatchBuilder, ProduceRequest } from '../../protocol/index.ts'
import { encodeFrame } from './request.ts'

/** The last version whose response has fixed places and that Kafka 4 still takes. */
const PRODUCE_VERSION = 7
const ALL_REPLICAS = -1
const TIMEOUT_MS = 30_000

/** Bytes of a partition's part of the response: index, error, offset, append time, start offset. */
const PARTITION_RESPONSE_BYTES = 30
const INT16_BYTES = 2
const INT32_BYTES = 4

export interface BatchShape {
  readonly recordBytes: number
  readonly recordsPerBatch: number
}

/** A Produce request that was encoded once and is sent many times. */
export interface ProduceFrame {
  readonly bytes: Buffer
  readonly partitions: readonly number[]
  readonly records: number
  /** Size of the records' values, without what the format adds. */
  readonly valueBytes: number
  /** The error code of the first partition that has one, in this frame's response; else 0. */
  errorCode(response: Buffer): number
}

/**
 * Encodes one Produce request (acks=all, no compression, no producer id) with one batch for each of
 * the partitions. `value` gives the bytes of every record and must be `recordBytes` long.
 */
export function encodeProduceFrame(
  topic: string,
  partitions: readonly number[],
  { recordBytes, recordsPerBatch }: BatchShape,
  value: (sizeBytes: number) => Buffer,
  timestampMs: number,
): ProduceFrame {
  const batch = new BatchBuilder()
  for (let i = 0; i < recordsPerBatch; i++) {
    batch.append({ key: null, value: value(recordBytes), headers: [], timestampMs })
  }
  const records = batch.build()
  const bytes = encodeFrame(ProduceRequest, PRODUCE_VERSION, {
    acks: ALL_REPLICAS,
    timeoutMs: TIMEOUT_MS,
    topicData: [{ name: topic, partitionData: partitions.map((index) => ({ index, records })) }],
  })
  const count = partitions.length * recordsPerBatch
  // Correlation id, topics, name, partitions, and then the index before the first error code.
  const firstErrorAt =
    INT32_BYTES * 2 + INT16_BYTES + Buffer.byteLength(topic) + INT32_BYTES + INT32_BYTES
  return {
    bytes,
    partitions,
    records: count,
    valueBytes: count * recordBytes,
    errorCode(response) {
      for (let i = 0; i < partitions.length; i++) {
        const code = response.readInt16BE(firstErrorAt + i * PARTITION_RESPONSE_BYTES)
        if (code !== 0) return code
      }
      return 0
    },
  }
}

import type { CompressionType, RecordInput } from '../../protocol/index.ts'
import { encodeBatch, ProduceRequest, ProduceResponse } from '../../protocol/index.ts'
import type { RawClient } from './client.ts'

/** A record with a text key and value. */
export function record(value: string, key: string | null = null, timestampMs = -1): RecordInput {
  return {
    timestampMs,
    key: key === null ? null : Buffer.from(key),
    value: Buffer.from(value),
  }
}

export interface BatchInput {
  readonly compression?: CompressionType
  readonly producer?: { readonly id: bigint; readonly epoch: number; readonly baseSequence: number }
}

/** One batch of records with these values, as a producer would send it. */
export function batchOf(values: readonly string[], options: BatchInput = {}): Buffer {
  return encodeBatch(
    values.map((value) => record(value, value)),
    options,
  )
}

/** Appends values to a partition by Produce v9 and acks=all; answers the partition's response. */
export async function produceValues(
  client: RawClient,
  topic: string,
  values: readonly string[],
  options: BatchInput & { readonly partition?: number } = {},
) {
  const answer = await client.send(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [
      {
        name: topic,
        partitionData: [{ index: options.partition ?? 0, records: batchOf(values, options) }],
      },
    ],
  })
  const partition = answer.responses[0]?.partitionResponses[0]
  if (!partition) throw new Error('no answer for the partition')
  return partition
}

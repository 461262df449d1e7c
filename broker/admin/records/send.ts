import type { Json } from '../../../audit/index.ts'
import type { CompressionType, RecordHeader, RecordInput } from '../../../protocol/index.ts'
import { encodeBatch } from '../../../protocol/index.ts'
import type { Topic } from '../../control/index.ts'
import type { BrokerServices } from '../../handlers/index.ts'
import { checkBatch } from '../../handlers/index.ts'
import type { AppendEntry, AppendResult, PartitionLog } from '../../log/index.ts'
import type { QuotaClient } from '../../quotas/index.ts'
import { kafkaProblem } from '../http/kafka-problems.ts'
import { Problem } from '../http/problem.ts'
import { isoTime } from '../http/schema.ts'
import { throttled } from '../http/throttled.ts'
import type { FormatChoice } from './formats/codec-of.ts'
import { codecOf } from './formats/codec-of.ts'
import type { ValueCodec } from './formats/value-codec.ts'
import { UnfitValue } from './formats/value-codec.ts'
import { openLog } from './open-log.ts'
import { partitionOfKey } from './partitioner.ts'

export interface NewRecord {
  readonly key?: Json
  readonly value?: Json
  readonly headers?: readonly { readonly name: string; readonly value: string | null }[]
  readonly partition?: number
  /** RFC 3339. */
  readonly timestamp?: string
}

export interface SendRequest {
  /** Whose quota it counts against. */
  readonly sender: QuotaClient
  /** Check everything, store nothing. */
  readonly dryRun: boolean
  readonly records: readonly NewRecord[]
  readonly compression: CompressionType
  readonly keyFormat: FormatChoice
  readonly valueFormat: FormatChoice
}

export interface SentRecord {
  readonly partition: number
  /** -1 for a dry run. */
  readonly offset: number
  readonly timestamp: string
}

/** As which version of Produce batches are checked: one that may carry all codecs. */
const PRODUCE_VERSION = 9

/** A batch in the making: records of one partition, and where they stood in the request. */
interface PartitionBatch {
  readonly log: PartitionLog
  readonly positions: number[]
  readonly records: RecordInput[]
}

/**
 * Stores records as a producer with acks=all would: the same checks, the same configurations, one
 * batch for each partition, the same quotas. Throws a Problem when they are refused, an UnfitValue
 * when a key or value does not fit its format.
 */
export async function sendRecords(
  broker: BrokerServices,
  topic: Topic,
  request: SendRequest,
): Promise<SentRecord[]> {
  refuseTopic(broker, topic)
  refuseThrottled(broker, topic, request.sender)
  const batches = batchesOf(broker, topic, request)
  const entries = batches.map((batch) => entryOf(broker, topic, batch, request.compression))
  if (request.dryRun) return sentOf(batches, () => -1)

  countSent(broker, topic, request.sender, entries)
  const results = await broker.log.append(entries, { acks: 'durable' })
  const traffic = broker.traffic.of(topic.id)
  traffic.produceRequests++
  for (const [index, { records }] of batches.entries()) {
    if (results[index]?.kind !== 'appended') continue
    traffic.messagesIn += records.length
    traffic.bytesIn += entries[index]?.batch.length ?? 0
  }
  const baseOffsets = results.map((result, index) => baseOffsetOf(result, batches[index]))
  return sentOf(batches, (index) => baseOffsets[index] ?? -1)
}

function refuseTopic({ control }: BrokerServices, topic: Topic): void {
  if (topic.internal) {
    const problem = kafkaProblem('INVALID_TOPIC_EXCEPTION')
    throw new Problem(problem, `${topic.name} belongs to the broker, and nobody else writes to it`)
  }
  if (control.topicConfig(topic.name).minInsyncReplicas > 1) {
    const problem = kafkaProblem('NOT_ENOUGH_REPLICAS')
    throw new Problem(problem, 'min.insync.replicas asks for more replicas than there are')
  }
}

/** Nothing can be held back on this door, so who has a debt is refused until it is paid back. */
function refuseThrottled({ quotas }: BrokerServices, topic: Topic, sender: QuotaClient): void {
  const ofSender = quotas.areSet ? quotas.of(sender, null).produceWaitMs : 0
  const ofTopic = quotas.ofTopic(topic)?.produceWaitMs ?? 0
  const waitMs = Math.max(ofSender, ofTopic)
  if (waitMs === 0) return
  const whose = ofSender >= ofTopic ? 'your producer_byte_rate' : `the throttle of ${topic.name}`
  throw throttled(waitMs, `${whose} is used up`)
}

function countSent(
  { quotas }: BrokerServices,
  topic: Topic,
  sender: QuotaClient,
  entries: readonly AppendEntry[],
): void {
  const sizeBytes = entries.reduce((sum, { batch }) => sum + batch.length, 0)
  if (quotas.areSet) quotas.of(sender, null).produced(sizeBytes)
  quotas.ofTopic(topic)?.produced(sizeBytes)
}

/** Records by partition, in the order of the request. */
function batchesOf(broker: BrokerServices, topic: Topic, request: SendRequest): PartitionBatch[] {
  const keyCodec = codecOf(request.keyFormat)
  const valueCodec = codecOf(request.valueFormat)
  const nowMs = broker.clock.now()
  // Records without a key go together: one batch is cheaper than many.
  const keyless = partitionOfKey(broker.random.bytes(4), topic.partitionCount)
  const byPartition = new Map<number, PartitionBatch>()
  for (const [position, record] of request.records.entries()) {
    const key = encoded(keyCodec, record.key, position, 'key')
    const value = encoded(valueCodec, record.value, position, 'value')
    const chosen = key === null ? keyless : partitionOfKey(key, topic.partitionCount)
    const partition = record.partition ?? chosen
    let batch = byPartition.get(partition)
    if (!batch) {
      batch = { log: openLog(broker, topic, partition), positions: [], records: [] }
      byPartition.set(partition, batch)
    }
    batch.positions.push(position)
    batch.records.push({
      timestampMs: timeOf(record, nowMs),
      key,
      value,
      headers: headersOf(record),
    })
  }
  return [...byPartition.values()]
}

function timeOf({ timestamp }: NewRecord, nowMs: number): number {
  return timestamp === undefined ? nowMs : Date.parse(timestamp)
}

function headersOf({ headers = [] }: NewRecord): RecordHeader[] {
  return headers.map(({ name, value }) => ({
    key: name,
    value: value === null ? null : Buffer.from(value),
  }))
}

function encoded(
  codec: ValueCodec,
  value: Json | undefined,
  position: number,
  what: string,
): Buffer | null {
  if (value === undefined || value === null) return null
  try {
    return codec.encode(value)
  } catch (cause) {
    if (!(cause instanceof UnfitValue)) throw cause
    throw new UnfitValue(`records/${position}/${what}: ${cause.message}`)
  }
}

function entryOf(
  { control, clock, traffic }: BrokerServices,
  topic: Topic,
  { log, records }: PartitionBatch,
  compression: CompressionType,
): AppendEntry {
  const batch = encodeBatch(records, { compression })
  const config = control.topicConfig(topic.name)
  const checked = checkBatch(batch, PRODUCE_VERSION, config, clock.now())
  if (checked.kind === 'sound') return { log, batch: checked.batch }
  traffic.of(topic.id).bytesRejected += batch.length
  const faults = checked.records.map(
    ({ batchIndex, batchIndexErrorMessage }) => `${batchIndex}: ${batchIndexErrorMessage}`,
  )
  const detail = [checked.message, ...faults].join('; ')
  throw new Problem(kafkaProblem(checked.error), `partition ${log.partition}: ${detail}`)
}

function baseOffsetOf(result: AppendResult | undefined, batch: PartitionBatch | undefined): number {
  if (result?.kind === 'appended') return result.baseOffset
  const reason = result?.kind === 'failed' ? result.reason : 'unknown-outcome'
  const place = `partition ${batch?.log.partition}`
  const isGone = reason === 'dropped'
  throw new Problem(
    kafkaProblem(isGone ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'KAFKA_STORAGE_ERROR'),
    isGone ? `${place} was deleted meanwhile` : `${place}: nothing could be stored (${reason})`,
  )
}

/** What became of each record, in the order of the request. */
function sentOf(
  batches: readonly PartitionBatch[],
  baseOffsetAt: (batch: number) => number,
): SentRecord[] {
  const sent: SentRecord[] = []
  for (const [index, { log, positions, records }] of batches.entries()) {
    const baseOffset = baseOffsetAt(index)
    for (const [delta, position] of positions.entries()) {
      sent[position] = {
        partition: log.partition,
        offset: baseOffset < 0 ? -1 : baseOffset + delta,
        timestamp: isoTime(records[delta]?.timestampMs ?? 0),
      }
    }
  }
  return sent
}

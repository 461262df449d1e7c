import type { Encodable, ErrorName } from '../../protocol/index.ts'
import { batchHeader, errors, ProduceRequest, ProduceResponse } from '../../protocol/index.ts'
import type { Topic } from '../control/index.ts'
import type { AppendEntry, AppendResult } from '../log/index.ts'
import { isAllowed } from './authorize.ts'
import type { RequestContext } from './handler.ts'
import { CloseConnection, defineHandler } from './handler.ts'
import { findPartition } from './partitions.ts'
import type { Refusal } from './produce/check-batch.ts'
import { checkBatch } from './produce/check-batch.ts'
import type { RecordContext } from './record-tracing.ts'
import type { BrokerServices, TopicTraffic } from './services.ts'
import { throttleProduce, throttleProduceTo } from './throttling.ts'

type Answer = Encodable<typeof ProduceResponse>
type TopicAnswer = Answer['responses'][number]
type PartitionAnswer = TopicAnswer['partitionResponses'][number]
type AskedTopic = ProduceRequest['topicData'][number]
type AskedPartition = AskedTopic['partitionData'][number]

/** What comes in older versions are message sets, which are converted. */
const FIRST_WITH_BATCHES = 3
const FIRST_WITH_TOPIC_IDS = 13
/** Clients before take KAFKA_STORAGE_ERROR for something that cannot be retried. */
const FIRST_WITH_STORAGE_ERROR = 4
const NO_OFFSET = -1

const ACKS: ReadonlyMap<number, 'none' | 'written' | 'durable'> = new Map([
  [0, 'none'],
  [1, 'written'],
  [-1, 'durable'],
])

/**
 * Produce v0-v13 (KIP-98, KIP-110, KIP-467, KIP-516, KIP-951): appends one batch to each partition,
 * in one call of the log, so that the batches of a connection keep their order. Message sets of v0
 * to v2 are converted to one batch. A batch that is refused fails alone.
 *
 * acks=all answers when the batches are on the disk, acks=1 when they are in the journal's file.
 * acks=0 gets no answer; when something went wrong the connection is closed, which is how such a
 * client finds out. `min.insync.replicas` above 1 refuses acks=all, as there is one replica.
 */
export const produce = defineHandler(
  ProduceRequest,
  ProduceResponse,
  {
    versions: '0-13',
    stage: 'append',
    permissions: [
      { operation: 'WRITE', resource: 'TOPIC' },
      { operation: 'WRITE', resource: 'TRANSACTIONAL_ID' },
    ],
    skipped: [
      'Transactional batches: INVALID_PRODUCER_ID_MAPPING, as from a coordinator that does not know the producer.',
      'timeoutMs: the answer comes when the journal has the batches, however long that takes.',
    ],
  },
  (request, context, broker) => {
    throttleProduce(context, broker)
    const acks = ACKS.get(request.acks)
    if (acks === undefined) return refuseAll(request, 'INVALID_REQUIRED_ACKS')
    const call = new ProduceCall(request, context, broker)
    if (call.entries.length === 0) return call.answer([])
    return broker.log.append(call.entries, { acks }).then((results) => call.answer(results))
  },
)

function refuseAll({ topicData }: ProduceRequest, error: ErrorName): Answer {
  const errorCode = errors[error].code
  return {
    responses: topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({
        index,
        errorCode,
        baseOffset: NO_OFFSET,
      })),
    })),
  }
}

/** A partition's answer that is known before the append, or which entry of the append it waits for. */
type Pending =
  | { readonly kind: 'answered'; readonly answer: PartitionAnswer }
  | {
      readonly kind: 'appending'
      readonly index: number
      readonly entry: number
      readonly topic: Topic
      readonly recordCount: number
      readonly sizeBytes: number
      readonly compression: number
      /** The trace that a record of it belongs to, where somebody looked. */
      readonly found: RecordContext | null
    }

type Appending = Extract<Pending, { readonly kind: 'appending' }>

interface PendingTopic {
  readonly asked: AskedTopic
  readonly partitions: readonly Pending[]
}

/** One request between its checks and its answer. */
class ProduceCall {
  readonly entries: AppendEntry[] = []
  readonly #request: ProduceRequest
  readonly #apiVersion: number
  readonly #context: RequestContext
  readonly #broker: BrokerServices
  readonly #topics: readonly PendingTopic[]

  constructor(request: ProduceRequest, context: RequestContext, broker: BrokerServices) {
    this.#request = request
    this.#apiVersion = context.apiVersion
    this.#context = context
    this.#broker = broker
    this.#topics = request.topicData.map((asked) => this.#checkTopic(asked))
  }

  /** The response, given what became of `entries`; none for acks=0. */
  answer(results: readonly AppendResult[]): Answer | null {
    let hasError = false
    const responses = this.#topics.map(({ asked, partitions }): TopicAnswer => {
      const partitionResponses = partitions.map((pending) => {
        const answer = this.#answerOf(pending, results)
        if (answer.errorCode !== errors.NONE.code) hasError = true
        return answer
      })
      return { name: asked.name, topicId: asked.topicId, partitionResponses }
    })
    if (this.#request.acks !== 0) return { responses }
    if (hasError) throw new CloseConnection('a Produce request with acks=0 failed')
    return null
  }

  #checkTopic(asked: AskedTopic): PendingTopic {
    const { state } = this.#broker.control
    const byId = this.#apiVersion >= FIRST_WITH_TOPIC_IDS
    const topic = byId ? state.topicsById.get(asked.topicId) : state.topics.get(asked.name)
    const traffic = topic && this.#broker.traffic.of(topic.id)
    if (traffic) traffic.produceRequests++
    // Who may not write to a topic does not learn whether there is one of that name.
    const isDenied =
      (topic || !byId) &&
      !isAllowed(this.#context, this.#broker, 'WRITE', 'TOPIC', topic?.name ?? asked.name)
    const partitions = asked.partitionData.map((partition) => {
      const pending = isDenied
        ? this.#refused(partition.index, 'TOPIC_AUTHORIZATION_FAILED')
        : this.#checkPartition(topic, partition, traffic)
      if (pending.kind === 'answered' && traffic) {
        traffic.failedProduceRequests++
        traffic.bytesRejected += partition.records?.length ?? 0
      }
      return pending
    })
    return { asked, partitions }
  }

  #checkPartition(
    topic: Topic | undefined,
    { index, records }: AskedPartition,
    traffic: TopicTraffic | undefined,
  ): Pending {
    if (!topic) {
      const byId = this.#apiVersion >= FIRST_WITH_TOPIC_IDS
      return this.#refused(index, byId ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION')
    }
    if (topic.internal) return this.#refused(index, internalTopicError(topic.name))
    const log = findPartition(this.#broker, topic, index)
    if (typeof log === 'string') return this.#refused(index, log)
    const config = this.#broker.control.topicConfig(topic.name)
    if (this.#request.acks === -1 && config.minInsyncReplicas > 1) {
      return this.#refused(index, 'NOT_ENOUGH_REPLICAS')
    }
    const nowMs = this.#broker.clock.now()
    const checked = checkBatch(records, this.#apiVersion, config, nowMs)
    if (checked.kind === 'refused') return this.#refused(index, checked.error, checked)
    if (batchHeader.isTransactional(checked.batch)) {
      const { transactionalId: id } = this.#request
      const isTheirs =
        id !== null && isAllowed(this.#context, this.#broker, 'WRITE', 'TRANSACTIONAL_ID', id)
      const error = isTheirs
        ? 'INVALID_PRODUCER_ID_MAPPING'
        : 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
      return this.#refused(index, error)
    }
    const { batch } = checked
    if (topic.quota) throttleProduceTo(topic, batch.length, this.#context, this.#broker)
    const { recordTracing } = this.#broker
    const found = recordTracing?.contextIn(batch, this.#context.receivedAtMs) ?? null
    const entry = this.entries.push({ log, batch }) - 1
    const recordCount = batchHeader.recordCount(batch)
    if (traffic) this.#broker.traffic.compression.offer(traffic, batch, nowMs)
    return {
      kind: 'appending',
      index,
      entry,
      topic,
      recordCount,
      sizeBytes: batch.length,
      compression: batchHeader.compressionTypeId(batch),
      found,
    }
  }

  #answerOf(pending: Pending, results: readonly AppendResult[]): PartitionAnswer {
    if (pending.kind === 'answered') return pending.answer
    const { index } = pending
    const result = results[pending.entry]
    const traffic = this.#broker.traffic.of(pending.topic.id)
    if (result?.kind !== 'appended' && result?.kind !== 'duplicate') {
      traffic.failedProduceRequests++
      return this.#failed(index, errorOf(result))
    }
    if (result.kind === 'appended') {
      traffic.messagesIn += pending.recordCount
      traffic.bytesIn += pending.sizeBytes
      traffic.batches[pending.compression] = (traffic.batches[pending.compression] ?? 0) + 1
      if (this.#apiVersion < FIRST_WITH_BATCHES) traffic.produceConversions += pending.recordCount
      if (pending.found) this.#follow(pending, pending.found, result.baseOffset)
    }
    return {
      index,
      errorCode: errors.NONE.code,
      baseOffset: result.baseOffset,
      logAppendTimeMs: result.logAppendTimeMs,
      logStartOffset: result.logStartOffset,
    }
  }

  #follow(
    { topic, index, recordCount }: Appending,
    found: RecordContext,
    baseOffset: number,
  ): void {
    const batch = { topicId: topic.id, topicName: topic.name, partition: index }
    const appended = { ...batch, baseOffset, recordCount }
    this.#broker.recordTracing?.appended(this.#context, appended, found)
  }

  #refused(index: number, error: ErrorName, refusal?: Refusal): Pending {
    return { kind: 'answered', answer: this.#failed(index, error, refusal) }
  }

  #failed(index: number, error: ErrorName, refusal?: Refusal): PartitionAnswer {
    return {
      index,
      errorCode: errors[this.#translate(error)].code,
      baseOffset: NO_OFFSET,
      errorMessage: refusal?.message ?? null,
      ...(refusal ? { recordErrors: refusal.records } : {}),
    }
  }

  #translate(error: ErrorName): ErrorName {
    if (error === 'KAFKA_STORAGE_ERROR' && this.#apiVersion < FIRST_WITH_STORAGE_ERROR) {
      return 'NOT_LEADER_OR_FOLLOWER'
    }
    return error
  }
}

/** Kafka's own internal topics are told from ours, which no client may ever write. */
function internalTopicError(name: string): ErrorName {
  return name === '__consumer_offsets' || name === '__transaction_state'
    ? 'INVALID_TOPIC_EXCEPTION'
    : 'TOPIC_AUTHORIZATION_FAILED'
}

type Failure = Exclude<AppendResult, { readonly kind: 'appended' | 'duplicate' }>

function errorOf(result: Failure | undefined): ErrorName {
  switch (result?.kind) {
    case 'out-of-order-sequence':
      return 'OUT_OF_ORDER_SEQUENCE_NUMBER'
    case 'fenced-producer-epoch':
      return 'INVALID_PRODUCER_EPOCH'
    case 'failed':
      switch (result.reason) {
        case 'dropped':
          return 'UNKNOWN_TOPIC_OR_PARTITION'
        case 'stopping':
          return 'NOT_LEADER_OR_FOLLOWER'
        case 'disk-full':
        case 'storage-error':
        case 'unknown-outcome':
          return 'KAFKA_STORAGE_ERROR'
      }
      break
    // The entries of a Produce request neither stand together nor name an offset.
    case 'refused-with-others':
    case 'unexpected-offset':
    case undefined:
      return 'UNKNOWN_SERVER_ERROR'
  }
  return 'UNKNOWN_SERVER_ERROR'
}

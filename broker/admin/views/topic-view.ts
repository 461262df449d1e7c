import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { DeletedTopic, Topic } from '../../control/index.ts'
import type { PartitionLog } from '../../log/index.ts'
import type { AdminServices } from '../admin-services.ts'
import { closed, isoTime, nullable, oneOf, time, wholeNumber } from '../http/schema.ts'

/** Configurations that are set, by name. */
export const configMap = Type.Record(Type.String(), Type.String(), {
  description: 'Only what is set; GET /v1/configs shows what is in effect.',
})

const byteRate = nullable(Type.Integer({ description: 'Bytes each second; null is no limit.' }))

const topicQuota = closed(
  { producerByteRate: byteRate, consumerByteRate: byteRate },
  { title: 'TopicQuota', description: 'Throttles of the topic, whoever uses it.' },
)

const topicMembers = {
  name: Type.String(),
  id: Type.String({ description: 'Never used twice, as Kafka writes ids.' }),
  partitions: Type.Integer({ description: 'Number of partitions.' }),
  replicationFactor: Type.Integer(),
  internal: Type.Boolean({ description: 'Belongs to the broker: clients cannot change it.' }),
  configs: configMap,
  quota: topicQuota,
  createdAt: time('When it was created.'),
}

export const topicSchema = closed(topicMembers, { title: 'Topic' })

const rates = closed(
  {
    bytesIn: Type.Number(),
    bytesOut: Type.Number(),
    messagesIn: Type.Number(),
    produceRequests: Type.Number(),
    fetchRequests: Type.Number(),
  },
  { title: 'TopicRates', description: 'Each second, averaged over the last minute or so.' },
)

const measuredMembers = {
  ...topicMembers,
  sizeBytes: wholeNumber('Bytes of the record batches that are kept.'),
  rates,
}

export const topicSummarySchema = closed(measuredMembers, { title: 'TopicSummary' })

const partition = closed(
  {
    partition: Type.Integer(),
    state: oneOf(['open', 'quarantined', 'offline'], {
      description: '`quarantined`: its data cannot be trusted. `offline`: it has no log yet.',
    }),
    logStartOffset: Type.Integer({ description: 'First offset that can be read; -1 offline.' }),
    highWatermark: Type.Integer({ description: 'Readers see offsets below this; -1 offline.' }),
    lastStableOffset: Type.Integer({
      description: 'Readers of committed data see offsets below this; -1 offline.',
    }),
    endOffset: Type.Integer({ description: 'Offset that the next record gets; -1 offline.' }),
    leaderEpoch: Type.Integer({ description: '-1 offline.' }),
    sizeBytes: wholeNumber('Bytes of the record batches that are kept.'),
  },
  { title: 'Partition' },
)

export const topicDetailsSchema = closed(
  {
    ...measuredMembers,
    effectiveRetentionMs: Type.Integer({
      description:
        'For how long records are kept at present: its retention.ms, or less while the disk policy says so; -1 is for ever.',
    }),
    partitionStates: Type.Array(partition),
  },
  { title: 'TopicDetails' },
)

export const deletedTopicSchema = closed(
  {
    ...topicMembers,
    sizeBytes: wholeNumber('Bytes of record batches that are kept, which a purge would give back.'),
    deletedAt: time('When it was deleted.'),
    purgeAt: time('When its space is given back; it can be restored until then.'),
  },
  { title: 'DeletedTopic' },
)

/** A topic as it was made or changed. */
export function viewTopic(topic: Topic): Static<typeof topicSchema> {
  return {
    name: topic.name,
    id: topic.id,
    partitions: topic.partitionCount,
    replicationFactor: 1,
    internal: topic.internal,
    configs: { ...topic.configs },
    quota: {
      producerByteRate: topic.quota?.producerByteRate ?? null,
      consumerByteRate: topic.quota?.consumerByteRate ?? null,
    },
    createdAt: isoTime(topic.createdAtMs),
  }
}

/** A topic with what goes on in it. */
export function summarizeTopic(
  topic: Topic,
  { broker, rates: topicRates }: AdminServices,
): Static<typeof topicSummarySchema> {
  const sizeBytes = sizeOf(topic, broker.log)
  return { ...viewTopic(topic), sizeBytes, rates: { ...topicRates.of(topic.id) } }
}

function sizeOf(
  { id, partitionCount }: Topic | DeletedTopic,
  log: AdminServices['broker']['log'],
): number {
  let sizeBytes = 0
  for (let index = 0; index < partitionCount; index++) {
    sizeBytes += log.find(id, index)?.sizeBytes ?? 0
  }
  return sizeBytes
}

export function describeTopic(
  topic: Topic,
  services: AdminServices,
): Static<typeof topicDetailsSchema> {
  const { control, log } = services.broker
  const partitionStates = Array.from({ length: topic.partitionCount }, (_, index) =>
    viewPartition(index, log.find(topic.id, index)),
  )
  const effectiveRetentionMs = control.topicConfig(topic.name).log.retentionMs
  return { ...summarizeTopic(topic, services), effectiveRetentionMs, partitionStates }
}

export function viewDeletedTopic(
  topic: DeletedTopic,
  { broker }: AdminServices,
): Static<typeof deletedTopicSchema> {
  return {
    ...viewTopic(topic),
    sizeBytes: sizeOf(topic, broker.log),
    deletedAt: isoTime(topic.deletedAtMs),
    purgeAt: isoTime(topic.purgeAtMs),
  }
}

const OFFLINE = {
  state: 'offline',
  logStartOffset: -1,
  highWatermark: -1,
  lastStableOffset: -1,
  endOffset: -1,
  leaderEpoch: -1,
  sizeBytes: 0,
} as const

function viewPartition(index: number, log: PartitionLog | undefined): Static<typeof partition> {
  if (!log || log.state === 'dropped') return { partition: index, ...OFFLINE }
  const { state, logStartOffset, highWatermark, lastStableOffset, endOffset } = log
  const offsets = { logStartOffset, highWatermark, lastStableOffset, endOffset }
  return {
    partition: index,
    state,
    ...offsets,
    leaderEpoch: log.leaderEpoch,
    sizeBytes: log.sizeBytes,
  }
}

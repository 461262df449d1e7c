import { COMPRESSION_TYPES } from '../../../protocol/index.ts'
import type { TopicTraffic, Traffic } from '../../handlers/index.ts'
import type { PartitionLog } from '../../log/index.ts'
import type { Family, Sample } from '../family.ts'
import { joinLabels, labelText } from '../family.ts'
import { RowSamples } from '../row-samples.ts'
import { OTHER } from '../settings.ts'
import type { TopicView } from '../view/topic-view.ts'

interface TopicSources {
  readonly traffic: Traffic
  readonly topicView: TopicView
}

const MOVED_BY = 'test/e2e/metrics.test.ts'
/** They come with time. */
const SEGMENTS = 'kafka_log_log_numlogsegments'
const SEGMENTS_MOVED_BY = 'broker/telemetry/families/group-lag.test.ts'
const OTHER_LABELS = labelText({ topic: OTHER })

/** Bytes, messages, batches and requests by topic (jmx_exporter's names), sizes and offsets by partition. */
export function topicFamilies(sources: TopicSources): readonly Family[] {
  return [
    ...COUNTERS.map(([name, help, read]) =>
      trafficFamily(sources, `kafka_server_brokertopicmetrics_${name}_total`, help, read),
    ),
    batches(sources),
    compressionRatio(sources),
    ...partitionFamilies(sources),
  ]
}

type Read = (of: TopicTraffic) => number

/** What is counted by topic, by the name of Kafka's meter: others have it under their own names. */
export const COUNTERS: readonly (readonly [name: string, help: string, Read])[] = [
  ['messagesin', 'Records appended by producers.', (of) => of.messagesIn],
  ['bytesin', 'Bytes of record batches appended by producers, as sent.', (of) => of.bytesIn],
  ['bytesout', 'Bytes of record batches sent to consumers.', (of) => of.bytesOut],
  ['bytesrejected', 'Bytes of record batches that were refused.', (of) => of.bytesRejected],
  ['totalproducerequests', 'Produce requests, by topic named in them.', (of) => of.produceRequests],
  ['totalfetchrequests', 'Fetch requests, by topic named in them.', (of) => of.fetchRequests],
  ['failedproducerequests', 'Produce requests that failed.', (of) => of.failedProduceRequests],
  ['failedfetchrequests', 'Fetch requests that failed.', (of) => of.failedFetchRequests],
  [
    'producemessageconversions',
    'Records that came in message formats 0 and 1 and were converted.',
    (of) => of.produceConversions,
  ],
  [
    'fetchmessageconversions',
    'Records that were converted to message formats 0 and 1 for old consumers.',
    (of) => of.fetchConversions,
  ],
]

function trafficFamily(sources: TopicSources, name: string, help: string, read: Read): Family {
  const samples = trafficSamples(sources, read)
  return {
    name,
    type: 'counter',
    help,
    labels: ['topic'],
    movedBy: MOVED_BY,
    dialect: 'total',
    samples,
  }
}

/** A number by topic; those of topics beyond the bound are added up. */
export function trafficSamples(
  { traffic, topicView }: TopicSources,
  read: Read,
): () => Iterable<Sample> {
  return function* () {
    let others = 0
    for (const of of traffic.all()) {
      const labels = topicView.labelsOf(of.topicId)
      if (labels) yield { labels, value: read(of) }
      else others += read(of)
    }
    if (topicView.otherCount > 0) yield { labels: OTHER_LABELS, value: others }
  }
}

function batches({ traffic, topicView }: TopicSources): Family {
  return {
    name: 'glasslog_topic_batches_total',
    type: 'counter',
    help: 'Record batches appended by producers, by their compression.',
    labels: ['topic', 'compression'],
    movedBy: MOVED_BY,
    *samples(): Iterable<Sample> {
      for (const of of traffic.all()) {
        const topic = topicView.labelsOf(of.topicId)
        if (!topic) continue
        for (const [id, compression] of COMPRESSION_TYPES.entries()) {
          const value = of.batches[id] ?? 0
          if (value > 0) yield { labels: joinLabels(topic, labelText({ compression })), value }
        }
      }
    },
  }
}

function compressionRatio({ traffic, topicView }: TopicSources): Family {
  return {
    name: 'glasslog_topic_compression_ratio',
    type: 'gauge',
    help: 'How many times larger the batches of a topic would be without compression, of a few that are looked at now and then.',
    labels: ['topic'],
    movedBy: MOVED_BY,
    *samples(): Iterable<Sample> {
      for (const { topicId, sampledBytes, sampledPlainBytes } of traffic.all()) {
        const labels = topicView.labelsOf(topicId)
        if (labels && sampledBytes > 0) yield { labels, value: sampledPlainBytes / sampledBytes }
      }
    },
  }
}

/** There is one replica of each partition, and it leads. */
const ONE_REPLICA = 'One broker holds the one replica of each partition.'

const PARTITION_GAUGES: readonly (readonly [
  name: string,
  help: string,
  read: (log: PartitionLog) => number,
  constant?: string,
])[] = [
  [
    'kafka_topic_partition_current_offset',
    'High watermark of a partition: the offset after the last record that consumers may read.',
    (log) => log.highWatermark,
  ],
  [
    'kafka_topic_partition_oldest_offset',
    'First offset of a partition that can be read.',
    (log) => log.logStartOffset,
  ],
  ['kafka_topic_partition_in_sync_replica', 'Replicas that are in sync.', () => 1, ONE_REPLICA],
  ['kafka_topic_partition_replicas', 'Replicas of a partition.', () => 1, ONE_REPLICA],
  ['kafka_topic_partition_leader', 'Id of the broker that leads.', () => NODE_ID, ONE_REPLICA],
  [
    'kafka_topic_partition_leader_is_preferred',
    '1 when the preferred broker leads.',
    () => 1,
    ONE_REPLICA,
  ],
  [
    'kafka_topic_partition_under_replicated_partition',
    '1 when replicas are behind.',
    () => 0,
    ONE_REPLICA,
  ],
  ['kafka_log_log_size', 'Bytes of record batches that a partition keeps.', (log) => log.sizeBytes],
  ['kafka_log_log_logstartoffset', 'First offset of a partition.', (log) => log.logStartOffset],
  [
    'kafka_log_log_logendoffset',
    'Offset that the next record of a partition gets.',
    (log) => log.endOffset,
  ],
  [SEGMENTS, 'Segment files of a partition.', (log) => log.segmentCount],
  ['kafka_cluster_partition_replicascount', 'Replicas of a partition.', () => 1, ONE_REPLICA],
  [
    'kafka_cluster_partition_insyncreplicascount',
    'Replicas that are in sync.',
    () => 1,
    ONE_REPLICA,
  ],
  ['kafka_cluster_partition_underreplicated', '1 when replicas are behind.', () => 0, ONE_REPLICA],
]

/** The id of the one broker. */
export const NODE_ID = 1

function partitionFamilies(sources: TopicSources): readonly Family[] {
  const { topicView } = sources
  return [
    {
      name: 'kafka_topic_partitions',
      type: 'gauge',
      help: 'Partitions of a topic.',
      labels: ['topic'],
      movedBy: MOVED_BY,
      dialect: 'total',
      *samples(): Iterable<Sample> {
        for (const { topic, labels } of topicView.topics) {
          yield { labels, value: topic.partitionCount }
        }
      },
    },
    ...PARTITION_GAUGES.map(([name, help, read, constant]) => ({
      ...partitionGauge(topicView, name, help, read),
      ...(constant === undefined ? {} : { constant }),
      ...(name === SEGMENTS ? { movedBy: SEGMENTS_MOVED_BY } : {}),
    })),
  ]
}

function partitionGauge(
  topicView: TopicView,
  name: string,
  help: string,
  read: (log: PartitionLog) => number,
): Family {
  return {
    name,
    type: 'gauge',
    help,
    labels: ['topic', 'partition'],
    movedBy: MOVED_BY,
    dialect: 'total',
    samples: () => partitionSamples(topicView, read),
  }
}

/** A number by partition. */
export function partitionSamples(
  topicView: TopicView,
  read: (log: PartitionLog) => number,
): Iterable<Sample> {
  return new RowSamples(
    topicView.partitions(),
    ({ labels }) => labels,
    ({ log }) => read(log),
  )
}

import type { ControlPlane, Topic } from '../../control/index.ts'
import type { TopicTraffic, Traffic } from '../../handlers/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'
import type { Family, Sample } from '../family.ts'

interface TopicSources {
  readonly control: ControlPlane
  readonly traffic: Traffic
  readonly log: LogStore
}

const MOVED_BY = 'test/e2e/metrics.test.ts'

/** Bytes, messages and requests by topic (jmx_exporter's names), sizes and offsets by partition (kafka_exporter's). */
export function topicFamilies(sources: TopicSources): readonly Family[] {
  return [...trafficFamilies(sources), ...partitionFamilies(sources)]
}

const COUNTERS: readonly (readonly [name: string, help: string, (of: TopicTraffic) => number])[] = [
  ['messagesin', 'Records appended by producers.', (of) => of.messagesIn],
  ['bytesin', 'Bytes of record batches appended by producers, as sent.', (of) => of.bytesIn],
  ['bytesout', 'Bytes of record batches sent to consumers.', (of) => of.bytesOut],
  ['bytesrejected', 'Bytes of record batches that were refused.', (of) => of.bytesRejected],
  ['totalproducerequests', 'Produce requests, by topic named in them.', (of) => of.produceRequests],
  ['totalfetchrequests', 'Fetch requests, by topic named in them.', (of) => of.fetchRequests],
  ['failedproducerequests', 'Produce requests that failed.', (of) => of.failedProduceRequests],
  ['failedfetchrequests', 'Fetch requests that failed.', (of) => of.failedFetchRequests],
]

function trafficFamilies({ control, traffic }: TopicSources): readonly Family[] {
  return COUNTERS.map(([name, help, read]) => ({
    name: `kafka_server_brokertopicmetrics_${name}_total`,
    type: 'counter',
    help,
    labels: ['topic'],
    movedBy: MOVED_BY,
    *samples(): Iterable<Sample> {
      for (const of of traffic.all()) {
        const topic = control.state.topicsById.get(of.topicId)
        if (topic) yield { labels: { topic: topic.name }, value: read(of) }
      }
    },
  }))
}

function partitionFamilies(sources: TopicSources): readonly Family[] {
  const { control } = sources
  return [
    {
      name: 'kafka_topic_partitions',
      type: 'gauge',
      help: 'Partitions of a topic.',
      labels: ['topic'],
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        for (const topic of control.state.topics.values()) {
          yield { labels: { topic: topic.name }, value: topic.partitionCount }
        }
      },
    },
    partitionGauge(
      sources,
      'kafka_topic_partition_current_offset',
      'High watermark of a partition: the offset after the last record that consumers may read.',
      (log) => log.highWatermark,
    ),
    partitionGauge(
      sources,
      'kafka_topic_partition_oldest_offset',
      'First offset of a partition that can be read.',
      (log) => log.logStartOffset,
    ),
    partitionGauge(
      sources,
      'kafka_log_log_size',
      'Bytes of record batches that a partition keeps.',
      (log) => log.sizeBytes,
    ),
  ]
}

function partitionGauge(
  { control, log }: TopicSources,
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
    *samples(): Iterable<Sample> {
      for (const topic of control.state.topics.values()) {
        for (const partition of logsOf(log, topic)) {
          const labels = { topic: topic.name, partition: partition.partition }
          yield { labels, value: read(partition) }
        }
      }
    },
  }
}

function* logsOf(store: LogStore, topic: Topic): Iterable<PartitionLog> {
  for (let partition = 0; partition < topic.partitionCount; partition++) {
    const log = store.find(topic.id, partition)
    if (log) yield log
  }
}

import { performance } from 'node:perf_hooks'
import type { ControlPlane, EffectiveTopicConfig } from '../../control/index.ts'
import type { LogStore } from '../../log/index.ts'
import type { Family, Sample } from '../family.ts'
import type { TopicView } from '../view/topic-view.ts'
import { numberFamily } from './number-family.ts'
import { NODE_ID, partitionSamples } from './topics.ts'

interface ClusterSources {
  readonly control: Pick<ControlPlane, 'state' | 'topicConfig'>
  readonly log: Pick<LogStore, 'logs'>
  readonly topicView: TopicView
  /** Where clients are told to find the broker. */
  readonly advertised: () => { readonly host: string; readonly port: number }
}

const MOVED_BY = 'test/e2e/metrics.test.ts'
const OFFLINE_MOVED_BY = 'broker/telemetry/families/cluster.test.ts'
const ONE_BROKER = 'There is one broker, and it is the controller.'
const ONE_REPLICA = 'One broker holds the one replica of each partition.'
/** Kafka's state of a broker that serves clients. */
const RUNNING = 3

/** What dashboards of Kafka clusters show of brokers, controllers and replicas. */
export function clusterFamilies(sources: ClusterSources): readonly Family[] {
  return [
    gauge('kafka_brokers', 'Brokers of the cluster.', () => 1, ONE_BROKER),
    {
      name: 'kafka_broker_info',
      type: 'gauge',
      help: 'Where clients find the broker.',
      labels: ['id', 'address'],
      movedBy: MOVED_BY,
      dialect: 'total',
      constant: ONE_BROKER,
      *samples(): Iterable<Sample> {
        const { host, port } = sources.advertised()
        yield { labels: { id: NODE_ID, address: `${host}:${port}` }, value: 1 }
      },
    },
    ...replicaFamilies(sources),
    ...controllerFamilies(sources),
    ...processFamilies(),
    minInsyncFamily(
      sources,
      'atminisr',
      '1 when one replica fewer would refuse acks=all.',
      (config) => (config.minInsyncReplicas === 1 ? 1 : 0),
    ),
    minInsyncFamily(
      sources,
      'underminisr',
      '1 when acks=all is refused, because the topic asks for more replicas than there are.',
      (config) => (config.minInsyncReplicas > 1 ? 1 : 0),
    ),
  ]
}

function replicaFamilies({ control, log, topicView }: ClusterSources): readonly Family[] {
  const name = (meter: string): string => `kafka_server_replicamanager_${meter}`
  const countTopics = (isCounted: (config: EffectiveTopicConfig) => boolean): number => {
    let count = 0
    for (const { topic, partitions } of topicView.topics) {
      if (isCounted(control.topicConfig(topic.name))) count += partitions.length
    }
    return count
  }
  return [
    gauge(name('partitioncount'), 'Partitions on this broker.', () => partitionsOf(control)),
    gauge(name('leadercount'), 'Partitions that this broker leads.', () => partitionsOf(control)),
    {
      ...gauge(
        name('offlinereplicacount'),
        'Partitions whose data cannot be trusted or read.',
        () => quarantinedIn(log),
      ),
      movedBy: OFFLINE_MOVED_BY,
    },
    gauge(name('underminisrpartitioncount'), 'Partitions that refuse acks=all.', () =>
      countTopics((config) => config.minInsyncReplicas > 1),
    ),
    gauge(
      name('atminisrpartitioncount'),
      'Partitions that would refuse acks=all with one replica fewer.',
      () => countTopics((config) => config.minInsyncReplicas === 1),
    ),
    gauge(
      name('underreplicatedpartitions'),
      'Partitions whose replicas are behind.',
      () => 0,
      ONE_REPLICA,
    ),
    counter(name('isrshrinks_total'), 'Replicas that fell behind.', ONE_REPLICA),
    counter(name('isrexpands_total'), 'Replicas that caught up.', ONE_REPLICA),
  ]
}

function controllerFamilies({ control, log }: ClusterSources): readonly Family[] {
  const name = (meter: string): string => `kafka_controller_kafkacontroller_${meter}`
  return [
    gauge(name('activecontrollercount'), 'Controllers that are active.', () => 1, ONE_BROKER),
    gauge(name('activebrokercount'), 'Brokers that serve clients.', () => 1, ONE_BROKER),
    gauge(name('fencedbrokercount'), 'Brokers that do not.', () => 0, ONE_BROKER),
    {
      ...gauge(
        name('offlinepartitionscount'),
        'Partitions that nobody leads: their data cannot be trusted or read.',
        () => quarantinedIn(log),
      ),
      movedBy: OFFLINE_MOVED_BY,
    },
    gauge(name('globaltopiccount'), 'Topics of the cluster.', () => control.state.topics.size),
    gauge(name('globalpartitioncount'), 'Partitions of the cluster.', () => partitionsOf(control)),
    gauge(
      name('preferredreplicaimbalancecount'),
      'Partitions that another than the preferred broker leads.',
      () => 0,
      ONE_BROKER,
    ),
    counter(
      'kafka_controller_controllerstats_uncleanleaderelections_total',
      'Elections of a leader that had not all data.',
      ONE_BROKER,
    ),
  ]
}

function processFamilies(): readonly Family[] {
  const idle = new IdleShare()
  return [
    gauge(
      'kafka_server_kafkaserver_brokerstate',
      'State of the broker; 3 is running.',
      () => RUNNING,
      'A broker that answers is running.',
    ),
    gauge(
      'kafka_log_logmanager_offlinelogdirectorycount',
      'Directories of data that cannot be used.',
      () => 0,
      'A broker whose directory fails ends.',
    ),
    gauge(
      'kafka_server_kafkaserver_linux_disk_read_bytes',
      'Bytes that the process had read from disks.',
      () => process.resourceUsage().fsRead * 512,
    ),
    gauge(
      'kafka_server_kafkaserver_linux_disk_write_bytes',
      'Bytes that the process had written to disks.',
      () => process.resourceUsage().fsWrite * 512,
    ),
    gauge(
      'kafka_network_socketserver_networkprocessoravgidle_percent',
      'Idle share of the event loop, 0 to 1, over the last minute or two.',
      () => idle.read(),
    ),
    gauge(
      'kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent',
      "The same: one loop does the work of both of Kafka's pools.",
      () => idle.read(),
    ),
  ]
}

/** Over so much time idle shares are averaged. */
const WINDOW_MS = 60_000

/** Idle share of the event loop between one and two windows ago and now. */
class IdleShare {
  #older = { idle: 0, active: 0 }
  #newer = { idle: 0, active: 0 }

  read(): number {
    const now = performance.eventLoopUtilization()
    if (now.idle + now.active - this.#newer.idle - this.#newer.active >= WINDOW_MS) {
      this.#older = this.#newer
      this.#newer = now
    }
    const idle = now.idle - this.#older.idle
    const total = idle + now.active - this.#older.active
    return total > 0 ? idle / total : 1
  }
}

function minInsyncFamily(
  { control, topicView }: ClusterSources,
  meter: string,
  help: string,
  read: (config: EffectiveTopicConfig) => number,
): Family {
  return {
    name: `kafka_cluster_partition_${meter}`,
    type: 'gauge',
    help,
    labels: ['topic', 'partition'],
    movedBy: MOVED_BY,
    dialect: 'total',
    samples: () =>
      partitionSamples(topicView, ({ topicName }) => read(control.topicConfig(topicName))),
  }
}

function partitionsOf({ state }: Pick<ControlPlane, 'state'>): number {
  let count = 0
  for (const { partitionCount } of state.topics.values()) count += partitionCount
  return count
}

function quarantinedIn(log: Pick<LogStore, 'logs'>): number {
  let count = 0
  for (const { state } of log.logs()) if (state === 'quarantined') count++
  return count
}

function gauge(name: string, help: string, read: () => number, constant?: string): Family {
  const why = constant === undefined ? {} : { constant }
  const type = 'gauge' as const
  return numberFamily({ name, type, help, movedBy: MOVED_BY, dialect: 'total', ...why }, read)
}

/** A counter that one broker never moves. */
function counter(name: string, help: string, constant: string): Family {
  const type = 'counter' as const
  return numberFamily({ name, type, help, movedBy: MOVED_BY, dialect: 'total', constant }, () => 0)
}

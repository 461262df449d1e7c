import type { ControlPlane, Topic } from '../../control/index.ts'
import type { Family } from '../family.ts'
import type { GroupsView } from '../view/group-view.ts'
import type { PartitionRow, TopicView } from '../view/topic-view.ts'
import { kminionFamily as family } from './kminion-family.ts'
import { kminionGroupFamilies } from './kminion-groups.ts'
import { NODE_ID } from './topics.ts'

interface KminionSources {
  readonly control: Pick<ControlPlane, 'state' | 'topicConfig'>
  readonly topicView: TopicView
  readonly groupsView: GroupsView
  readonly advertised: () => { readonly host: string; readonly port: number }
  readonly rack: string | null
  readonly version: string
}

/** What kminion's dashboards read, under its names. */
export function kminionFamilies(sources: KminionSources): readonly Family[] {
  return [...clusterFamilies(sources), ...topicFamilies(sources), ...kminionGroupFamilies(sources)]
}

function clusterFamilies({
  control,
  topicView,
  advertised,
  rack,
  version,
}: KminionSources): readonly Family[] {
  const broker = NODE_ID
  return [
    alone(
      'broker_info',
      ['broker_id', 'address', 'port', 'rack_id', 'is_controller'],
      'Where clients find the broker.',
      function* () {
        const { host, port } = advertised()
        const labels = {
          broker_id: broker,
          address: host,
          port,
          rack_id: rack ?? '',
          is_controller: 'true',
        }
        yield { labels, value: 1 }
      },
    ),
    alone(
      'cluster_info',
      ['cluster_id', 'cluster_version', 'broker_count', 'controller_id'],
      'The cluster.',
      function* () {
        const { clusterId } = control.state
        const labels = {
          cluster_id: clusterId,
          cluster_version: version,
          broker_count: 1,
          controller_id: broker,
        }
        yield { labels, value: 1 }
      },
    ),
    family(
      'broker_log_dir_size_total_bytes',
      ['broker_id'],
      'Bytes of record batches that the broker keeps.',
      function* () {
        let value = 0
        for (const { log } of topicView.partitions()) value += log.sizeBytes
        yield { labels: { broker_id: broker }, value }
      },
    ),
  ]
}

function topicFamilies({ control, topicView }: KminionSources): readonly Family[] {
  return [
    family(
      'topic_info',
      ['topic_name', 'partition_count', 'replication_factor', 'cleanup_policy'],
      'A topic and its policy.',
      function* () {
        for (const { topic } of topicView.topics) {
          const { cleanup } = control.topicConfig(topic.name).log
          const policies = [cleanup.compact ? 'compact' : '', cleanup.delete ? 'delete' : '']
          const labels = {
            ...{ topic_name: topic.name, partition_count: topic.partitionCount },
            ...{ replication_factor: 1, cleanup_policy: policies.filter(Boolean).join(',') },
          }
          yield { labels, value: 1 }
        }
      },
    ),
    topicSum(
      topicView,
      'topic_log_dir_size_total_bytes',
      'Bytes of record batches of a topic.',
      ({ log }) => log.sizeBytes,
    ),
    topicSum(
      topicView,
      'topic_low_water_mark_sum',
      'First offsets, over the partitions of a topic.',
      ({ log }) => log.logStartOffset,
    ),
    topicSum(
      topicView,
      'topic_high_water_mark_sum',
      'High watermarks, over the partitions of a topic.',
      ({ log }) => log.highWatermark,
    ),
    byPartition(
      topicView,
      'topic_partition_low_water_mark',
      'First offset of a partition.',
      ({ log }) => log.logStartOffset,
    ),
    byPartition(
      topicView,
      'topic_partition_high_water_mark',
      'High watermark of a partition.',
      ({ log }) => log.highWatermark,
    ),
  ]
}

/** What it says is in its labels. */
function alone(...given: Parameters<typeof family>): Family {
  return { ...family(...given), constant: 'There is one broker; what it is, its labels say.' }
}

function topicSum(
  view: TopicView,
  name: string,
  help: string,
  read: (row: PartitionRow) => number,
): Family {
  return family(name, ['topic_name'], help, function* () {
    for (const { topic, partitions } of view.topics) {
      let value = 0
      for (const row of partitions) value += read(row)
      yield { labels: nameLabels(topic), value }
    }
  })
}

function byPartition(
  view: TopicView,
  name: string,
  help: string,
  read: (row: PartitionRow) => number,
): Family {
  return family(name, ['topic_name', 'partition_id'], help, function* () {
    for (const { topic, partitions } of view.topics) {
      for (const row of partitions) {
        const labels = { ...nameLabels(topic), partition_id: row.log.partition }
        yield { labels, value: read(row) }
      }
    }
  })
}

function nameLabels({ name }: Topic): { readonly topic_name: string } {
  return { topic_name: name }
}

import type { ControlPlane } from '../../control/index.ts'
import type { CommittedOffset, GroupCoordinator, GroupView } from '../../groups/index.ts'
import type { LogStore } from '../../log/index.ts'
import type { Family, Sample } from '../family.ts'

interface GroupSources {
  readonly control: ControlPlane
  readonly groups: GroupCoordinator
  readonly log: LogStore
}

const MOVED_BY = 'test/e2e/metrics.test.ts'

/** Consumer groups under kafka_exporter's names. */
export function groupFamilies(sources: GroupSources): readonly Family[] {
  return [
    {
      name: 'kafka_consumergroup_members',
      type: 'gauge',
      help: 'Members of a group.',
      labels: ['consumergroup'],
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        for (const group of sources.groups.list().groups) {
          yield { labels: { consumergroup: group.groupId }, value: group.memberCount }
        }
      },
    },
    {
      name: 'kafka_consumergroup_current_offset',
      type: 'gauge',
      help: 'Offset that a group committed for a partition.',
      labels: ['consumergroup', 'topic', 'partition'],
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        for (const { group, topic, partition, committed } of commits(sources)) {
          const labels = { consumergroup: group.groupId, topic, partition }
          yield { labels, value: committed.offset }
        }
      },
    },
    {
      name: 'kafka_consumergroup_lag',
      type: 'gauge',
      help: 'Records between the offset that a group committed and the end of the partition.',
      labels: ['consumergroup', 'topic', 'partition'],
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        for (const { group, topic, partition, lag } of commits(sources)) {
          yield { labels: { consumergroup: group.groupId, topic, partition }, value: lag }
        }
      },
    },
    {
      name: 'kafka_consumergroup_lag_sum',
      type: 'gauge',
      help: 'Records that a group is behind on all partitions of a topic.',
      labels: ['consumergroup', 'topic'],
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        const sums = new Map<string, Map<string, number>>()
        for (const { group, topic, lag } of commits(sources)) {
          const topics = sums.get(group.groupId) ?? new Map<string, number>()
          sums.set(group.groupId, topics.set(topic, (topics.get(topic) ?? 0) + lag))
        }
        for (const [consumergroup, topics] of sums) {
          for (const [topic, value] of topics) yield { labels: { consumergroup, topic }, value }
        }
      },
    },
  ]
}

interface Commit {
  readonly group: GroupView
  readonly topic: string
  readonly partition: number
  readonly committed: CommittedOffset
  readonly lag: number
}

/** Every committed offset of a partition that still exists, with how far it is behind. */
function* commits({ control, groups, log }: GroupSources): Iterable<Commit> {
  for (const group of groups.list().groups) {
    for (const [topic, partitions] of group.offsets) {
      const id = control.state.topics.get(topic)?.id
      if (id === undefined) continue
      for (const [partition, committed] of partitions) {
        const end = log.find(id, partition)
        if (!end) continue
        // Records that retention already took are not work that waits (redpanda #30624).
        const next = Math.max(committed.offset, end.logStartOffset)
        const lag = Math.max(0, end.highWatermark - next)
        yield { group, topic, partition, committed, lag }
      }
    }
  }
}

import type { Family, Sample } from '../family.ts'
import { RowSamples } from '../row-samples.ts'
import type { LagRow, TopicSum } from '../view/group-topic.ts'
import type { GroupsView } from '../view/group-view.ts'

interface LagSources {
  readonly groupsView: GroupsView
}

const MOVED_BY = 'broker/telemetry/families/group-lag.test.ts'

/** How late groups are, under kafka_exporter's names and in seconds and bytes under ours. */
export function groupLagFamilies(sources: LagSources): readonly Family[] {
  return [
    ...[
      kafka(
        sources,
        'kafka_consumergroup_current_offset',
        'Offset that a group committed for a partition.',
        (row) => row.committedOffset,
      ),
      kafka(
        sources,
        'kafka_consumergroup_lag',
        'Records between the offset that a group committed and the end of the partition.',
        (row) => row.records,
      ),
      sum(
        sources,
        'kafka_consumergroup_current_offset_sum',
        'Sum of the offsets that a group committed for the partitions of a topic.',
        (of) => of.committedOffsets,
      ),
      sum(
        sources,
        'kafka_consumergroup_lag_sum',
        'Records that a group is behind on all partitions of a topic.',
        (of) => of.records,
      ),
    ],
    own(
      sources,
      'glasslog_group_lag_seconds',
      'Age of the oldest record that a group has not committed, by the time of its append; 0 when there is none.',
      (row) => row.seconds,
    ),
    own(
      sources,
      'glasslog_group_lag_bytes',
      'Bytes of record batches that a group has not committed.',
      (row) => row.bytes,
    ),
    own(
      sources,
      'glasslog_group_retention_left_seconds',
      'Time until retention may take the oldest record that a group has not committed; absent where nothing waits, or nothing is taken by age.',
      (row) => row.retentionLeftSeconds,
    ),
    own(
      sources,
      'glasslog_group_retention_left_ratio',
      'What is left of retention.ms or retention.bytes, whichever is less, until records are lost that a group has not committed: 1 is all, 0 is nothing.',
      (row) => row.retentionLeftRatio,
    ),
  ]
}

/** NaN where there is nothing to tell. */
type Read = (row: LagRow) => number

function kafka({ groupsView }: LagSources, name: string, help: string, read: Read): Family {
  const labels = ['consumergroup', 'topic', 'partition']
  const samples = () => new RowSamples(groupsView.rows, (row) => row.consumerLabels, read)
  return { name, type: 'gauge', help, labels, movedBy: MOVED_BY, dialect: 'total', samples }
}

function own({ groupsView }: LagSources, name: string, help: string, read: Read): Family {
  const samples = () => new RowSamples(groupsView.rows, (row) => row.labels, read)
  return {
    name,
    type: 'gauge',
    help,
    labels: ['group', 'topic', 'partition'],
    movedBy: MOVED_BY,
    samples,
  }
}

function sum(
  { groupsView }: LagSources,
  name: string,
  help: string,
  read: (of: TopicSum) => number,
): Family {
  return {
    ...{ name, type: 'gauge', help, labels: ['consumergroup', 'topic'] },
    ...{ movedBy: MOVED_BY, dialect: 'total' },
    *samples(): Iterable<Sample> {
      for (const of of groupsView.sums) {
        yield { labels: { consumergroup: of.group, topic: of.topic }, value: read(of) }
      }
    },
  }
}

import { abbreviate } from '../../../kit/index.ts'
import type { GroupCoordinator, GroupCounters, GroupView } from '../../groups/index.ts'
import { countsSample } from '../counts-sample.ts'
import type { Family, HistogramSample, Sample } from '../family.ts'
import { MAX_LABEL_LENGTH } from '../settings.ts'
import type { GroupsView } from '../view/group-view.ts'
import { numberFamily } from './number-family.ts'

interface GroupSources {
  readonly groups: Pick<GroupCoordinator, 'counters'>
  readonly groupsView: GroupsView
}

const MOVED_BY = 'test/e2e/metrics.test.ts'
const COORDINATOR_MOVED_BY = 'broker/telemetry/families/groups.test.ts'

/** What groups are and do; how late they are is in `group-lag.ts`. */
export function groupFamilies(sources: GroupSources): readonly Family[] {
  return [
    byGroup(
      sources,
      'glasslog_group_members',
      'gauge',
      'Members of a group.',
      (group) => group.memberCount,
    ),
    {
      ...byGroup(
        sources,
        'kafka_consumergroup_members',
        'gauge',
        'Members of a group.',
        (group) => group.memberCount,
        'consumergroup',
      ),
      dialect: 'total',
    },
    {
      name: 'glasslog_group_info',
      type: 'gauge',
      help: 'State of a group, and what its members agreed on.',
      labels: ['group', 'state', 'protocol_type', 'protocol'],
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        for (const { groupId, state, protocolType, protocolName } of sources.groupsView.groups) {
          const labels = {
            group: groupId,
            state,
            protocol_type: abbreviate(protocolType, MAX_LABEL_LENGTH),
            protocol: abbreviate(protocolName, MAX_LABEL_LENGTH),
          }
          yield { labels, value: 1 }
        }
      },
    },
    byGroup(
      sources,
      'glasslog_group_rebalances_total',
      'counter',
      'Rebalances of a group that began.',
      (group) => group.activity.rebalances,
    ),
    byGroup(
      sources,
      'glasslog_group_offset_commits_total',
      'counter',
      'Offsets that the consumers of a group committed, one for each partition.',
      (group) => group.activity.offsetCommits,
    ),
    byGroup(
      sources,
      'glasslog_group_last_commit_timestamp_seconds',
      'gauge',
      'When a group last committed; 0 when it has not since the start of the broker.',
      (group) => group.activity.lastCommitMs / 1000,
    ),
    tailLatency(sources),
    statesFamily(sources),
    ...coordinatorFamilies(sources),
    ...managerFamilies(sources),
  ]
}

function byGroup(
  { groupsView }: GroupSources,
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  read: (group: GroupView) => number,
  label = 'group',
): Family {
  return {
    ...{ name, type, help, labels: [label], movedBy: MOVED_BY },
    *samples(): Iterable<Sample> {
      for (const group of groupsView.groups) {
        yield { labels: { [label]: group.groupId }, value: read(group) }
      }
    },
  }
}

function tailLatency({ groupsView }: GroupSources): Family {
  return {
    name: 'glasslog_group_tail_latency_seconds',
    type: 'histogram',
    help: 'From the append of the last record that a commit covers to the commit, of commits that went forward.',
    labels: ['group'],
    movedBy: MOVED_BY,
    *samples(): Iterable<HistogramSample> {
      for (const { groupId, activity } of groupsView.groups) {
        if (activity.tail) yield countsSample({ group: groupId }, activity.tail)
      }
    },
  }
}

const STATES = ['Empty', 'PreparingRebalance', 'CompletingRebalance', 'Stable'] as const

function countIn({ groupsView }: GroupSources, state: string): number {
  let count = 0
  for (const group of groupsView.groups) if (group.state === state) count++
  return count
}

function statesFamily(sources: GroupSources): Family {
  return {
    name: 'glasslog_groups',
    type: 'gauge',
    help: 'Groups by state, of those within the bound.',
    labels: ['state'],
    movedBy: MOVED_BY,
    samples: () => STATES.map((state) => ({ labels: { state }, value: countIn(sources, state) })),
  }
}

const COUNTERS: readonly (readonly [keyof GroupCounters, name: string, help: string])[] = [
  ['joins', 'joins', 'JoinGroup requests.'],
  ['syncs', 'syncs', 'SyncGroup requests.'],
  ['heartbeats', 'heartbeats', 'Heartbeats.'],
  ['leaves', 'leaves', 'LeaveGroup requests.'],
  ['rebalances', 'rebalances', 'Rebalances that began.'],
  ['completedRebalances', 'completed_rebalances', 'Rebalances that came to their end.'],
  [
    'expiredMembers',
    'expired_members',
    'Members removed because a session or a rebalance timed out.',
  ],
  ['offsetCommits', 'offset_commits', 'Offsets committed, one for each partition.'],
  ['offsetExpirations', 'expired_offsets', 'Offsets that nobody used for too long.'],
  ['offsetDeletions', 'deleted_offsets', 'Offsets deleted on request or with their topic.'],
  ['deletedGroups', 'deleted_groups', 'Groups deleted.'],
  ['appends', 'appends', 'Appends to __consumer_offsets.'],
  ['appendedRecords', 'appended_records', 'Records appended to __consumer_offsets.'],
  ['failedAppends', 'failed_appends', 'Appends to __consumer_offsets that failed.'],
  ['shardLoads', 'shard_loads', 'Partitions of __consumer_offsets that were loaded.'],
]

function coordinatorFamilies({ groups }: GroupSources): readonly Family[] {
  return COUNTERS.map(([counter, name, help]) =>
    numberFamily(
      {
        name: `glasslog_coordinator_${name}_total`,
        type: 'counter',
        help,
        movedBy: COORDINATOR_MOVED_BY,
      },
      () => groups.counters[counter],
    ),
  )
}

/** What jmx_exporter shows of Kafka's GroupMetadataManager. */
function managerFamilies(sources: GroupSources): readonly Family[] {
  const family = (name: string, help: string, read: () => number): Family =>
    numberFamily(
      {
        ...{ name: `kafka_coordinator_group_groupmetadatamanager_${name}`, type: 'gauge', help },
        ...{ movedBy: MOVED_BY, dialect: 'total' },
      },
      read,
    )
  return [
    family('numgroups', 'Groups.', () => sources.groupsView.groupCount),
    family('numoffsets', 'Committed offsets.', () => {
      const { rows, otherPartitionCount } = sources.groupsView
      return rows.length + otherPartitionCount
    }),
    ...STATES.map((state) => ({
      ...family(`numgroups${state.toLowerCase()}`, `Groups in state ${state}.`, () =>
        countIn(sources, state),
      ),
      movedBy: state === 'Stable' ? MOVED_BY : COORDINATOR_MOVED_BY,
    })),
  ]
}

import { abbreviate } from '../../../kit/index.ts'
import type { ControlPlane } from '../../control/index.ts'
import type { GroupView } from '../../groups/index.ts'
import { assignedPartitions } from '../../groups/index.ts'
import type { Family } from '../family.ts'
import { MAX_LABEL_LENGTH } from '../settings.ts'
import type { GroupsView } from '../view/group-view.ts'
import { kminionFamily as family } from './kminion-family.ts'
import { NODE_ID } from './topics.ts'

interface KminionGroupSources {
  readonly control: Pick<ControlPlane, 'state'>
  readonly groupsView: GroupsView
}

const ASSIGNMENTS_MOVED_BY = 'broker/telemetry/families/kminion-groups.test.ts'
const CONSUMERS = 'consumer'
const OF_TOPIC = ['group_id', 'topic_name']

/** Groups, as kminion shows them. */
export function kminionGroupFamilies(sources: KminionGroupSources): readonly Family[] {
  const { groupsView } = sources
  const info = ['group_id', 'coordinator_id', 'protocol', 'protocol_type', 'state']
  return [
    family(
      'consumer_group_info',
      info,
      'A group and its state: 1 when it is stable, otherwise 0.',
      function* () {
        for (const { groupId, protocolName, protocolType, state } of groupsView.groups) {
          const labels = {
            ...{ group_id: groupId, coordinator_id: NODE_ID, state },
            protocol: abbreviate(protocolName, MAX_LABEL_LENGTH),
            protocol_type: abbreviate(protocolType, MAX_LABEL_LENGTH),
          }
          yield { labels, value: state === 'Stable' ? 1 : 0 }
        }
      },
    ),
    family('consumer_group_members', ['group_id'], 'Members of a group.', function* () {
      for (const { groupId, memberCount } of groupsView.groups) {
        yield { labels: { group_id: groupId }, value: memberCount }
      }
    }),
    {
      ...family(
        'consumer_group_empty_members',
        ['group_id'],
        'Members of a group that were given no partitions.',
        function* () {
          for (const group of groupsView.groups) {
            yield { labels: { group_id: group.groupId }, value: emptyMembers(group) }
          }
        },
      ),
      movedBy: ASSIGNMENTS_MOVED_BY,
    },
    byAssignment(
      sources,
      'consumer_group_topic_members',
      'Members of a group that were given partitions of a topic.',
      () => 1,
    ),
    byAssignment(
      sources,
      'consumer_group_topic_assigned_partitions',
      'Partitions of a topic that the members of a group were given.',
      (partitions) => partitions.length,
    ),
    {
      ...family(
        'consumer_group_offset_commits_total',
        ['group_id'],
        'Offsets that a group committed.',
        function* () {
          for (const { groupId, activity } of groupsView.groups) {
            yield { labels: { group_id: groupId }, value: activity.offsetCommits }
          }
        },
      ),
      type: 'counter',
    },
    family(
      'consumer_group_topic_offset_sum',
      OF_TOPIC,
      'Committed offsets, over the partitions of a topic.',
      function* () {
        for (const { group, topic, committedOffsets } of groupsView.sums) {
          yield { labels: { group_id: group, topic_name: topic }, value: committedOffsets }
        }
      },
    ),
    family(
      'consumer_group_topic_lag',
      OF_TOPIC,
      'Records that a group is behind in a topic.',
      function* () {
        for (const { group, topic, records } of groupsView.sums) {
          yield { labels: { group_id: group, topic_name: topic }, value: records }
        }
      },
    ),
    family(
      'consumer_group_topic_partition_lag',
      [...OF_TOPIC, 'partition_id'],
      'Records that a group is behind in a partition.',
      function* () {
        for (const { group, topic, partition, records } of groupsView.rows) {
          yield {
            labels: { group_id: group, topic_name: topic, partition_id: partition },
            value: records,
          }
        }
      },
    ),
  ]
}

/** Of groups of consumers; what others are given, such as the tasks of connectors, has no topics. */
function byAssignment(
  { control, groupsView }: KminionGroupSources,
  name: string,
  help: string,
  read: (partitions: readonly number[]) => number,
): Family {
  const samples = function* () {
    for (const group of groupsView.groups) {
      const values = new Map<string, number>()
      for (const { topic, partitions } of given(group)) {
        // Members write down what they like: only names of topics become labels.
        if (!control.state.topics.has(topic)) continue
        values.set(topic, (values.get(topic) ?? 0) + read(partitions))
      }
      for (const [topic, value] of values) {
        yield { labels: { group_id: group.groupId, topic_name: topic }, value }
      }
    }
  }
  return { ...family(name, OF_TOPIC, help, samples), movedBy: ASSIGNMENTS_MOVED_BY }
}

function* given({ protocolType, members }: GroupView) {
  if (protocolType !== CONSUMERS) return
  for (const { assignment } of members) yield* assignedPartitions(assignment) ?? []
}

/** As kminion has it: while a group rebalances, nobody has partitions. */
function emptyMembers({ protocolType, members }: GroupView): number {
  let count = 0
  for (const { assignment } of members) {
    const isEmpty =
      assignment.length === 0 ||
      (protocolType === CONSUMERS && assignedPartitions(assignment)?.length === 0)
    if (isEmpty) count++
  }
  return count
}

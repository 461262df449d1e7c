import type { GroupDetails } from '../../cluster/index.ts'
import { sumsBy } from '../../cluster/index.ts'
import type { Check, InspectedCluster, Remedy } from '../check.ts'
import { LAG_CHECKS, lagging } from './lag.ts'
import { fact, ofGroup, pathOf, rounded } from './words.ts'

const REBALANCES = 5
const MANY_TOPICS = 5
const UNEVEN_FACTOR = 3

export const GROUP_CHECKS: readonly Check[] = [
  {
    id: 'rebalance-storm',
    title: 'A group rebalances again and again',
    area: 'groups',
    severity: 'important',
    looksAt: `Groups with at least ${REBALANCES} rebalances.`,
    verify: 'glasslog_group_rebalances_total of the group stands still.',
    *inspect({ readings, groups }) {
      for (const [group, rebalances] of sumsBy(readings.rebalances, 'group')) {
        if (rebalances < REBALANCES) continue
        const member = groups.find((one) => one.group === group)?.memberList[0]
        yield {
          resource: ofGroup(group),
          summary: `${group} rebalanced ${rounded(rebalances)} times.`,
          facts: [
            fact('rebalances', rebalances),
            fact('sessionTimeoutMs', member?.sessionTimeoutMs ?? 0, 'ms'),
            fact('rebalanceTimeoutMs', member?.rebalanceTimeoutMs ?? 0, 'ms'),
          ],
          chart: {
            ...{ title: `Rebalances of ${group}`, unit: 'rebalances', reading: 'rebalances' },
            labels: { group },
          },
          cause:
            'Members come and go: they crash, are started anew one by one, or take longer between two polls than max.poll.interval.ms lets them.',
          remedy: {
            steps: [
              'See which member leaves and why: GET /v1/events?kind=group-rebalance, and the log of the application.',
              'Slow processing: raise max.poll.interval.ms or lower max.poll.records.',
              'Long pauses: raise session.timeout.ms. Restarts: give members a group.instance.id (static membership).',
              'Use the cooperative-sticky assignor, so that a rebalance does not stop everybody.',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'idle-members',
    title: 'Members of a group have nothing to do',
    area: 'groups',
    severity: 'advice',
    looksAt: 'Stable groups with more members than partitions to share.',
    verify: 'Every member of the group has a partition: GET /v1/groups/{group}.',
    *inspect(cluster) {
      for (const group of cluster.groups) {
        if (group.state !== 'Stable' || group.memberList.length < 2) continue
        const idle = group.memberList.filter((member) => assigned(member) === 0)
        const shared = group.memberList.reduce((sum, member) => sum + assigned(member), 0)
        if (idle.length === 0 || shared >= group.memberList.length || shared === 0) continue
        yield {
          resource: ofGroup(group.group),
          summary: `${idle.length} of ${group.members} members of ${group.group} have no partition: there are ${shared} to share.`,
          facts: [
            fact('members', group.members),
            fact('idle', idle.length),
            fact('partitions', shared),
          ],
          chart: null,
          cause: 'More instances were started than the topics have partitions.',
          remedy: {
            steps: [
              'Stop the instances that have nothing to do, if they are not meant as a reserve.',
              'If they are to work, give the topic more partitions.',
            ],
            action: morePartitions(cluster, group, group.memberList.length),
          },
        }
      }
    },
  },
  {
    id: 'uneven-assignment',
    title: 'Partitions are shared unevenly in a group',
    area: 'skew',
    severity: 'advice',
    looksAt: `Stable groups in which one member has ${UNEVEN_FACTOR} times the partitions of another, though all could have some.`,
    verify: 'Members have about as many partitions each: GET /v1/groups/{group}.',
    *inspect({ groups }) {
      for (const group of groups) {
        if (group.state !== 'Stable' || group.memberList.length < 2) continue
        const counts = group.memberList.map(assigned)
        const most = Math.max(...counts)
        const least = Math.min(...counts)
        const total = counts.reduce((sum, count) => sum + count, 0)
        if (total < counts.length * 2 || most < Math.max(1, least) * UNEVEN_FACTOR) continue
        yield {
          resource: ofGroup(group.group),
          summary: `One member of ${group.group} has ${most} partitions, another ${least}.`,
          facts: [fact('most', most), fact('least', least), fact('members', counts.length)],
          chart: null,
          cause: `The assignor (${group.protocol || 'unknown'}) shares each topic by itself, or members subscribe to different topics.`,
          remedy: {
            steps: [
              'Use an assignor that looks at all topics together: cooperative-sticky or roundrobin instead of range.',
              'Let all members of a group subscribe to the same topics.',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'too-few-partitions',
    title: 'A group cannot grow: every partition has its consumer, and lag grows',
    area: 'groups',
    severity: 'important',
    looksAt: 'Stable groups with one member for each partition whose lag only grew (WARN).',
    verify: 'The lag of the group falls: GET /v1/lag/{group}.',
    *inspect(cluster) {
      for (const { lag, group } of lagging(cluster, ['WARN'])) {
        const shared = group.memberList.reduce((sum, member) => sum + assigned(member), 0)
        if (group.state !== 'Stable' || group.memberList.length < shared || shared === 0) continue
        yield {
          resource: ofGroup(group.group),
          summary: `${group.group} has a member for each of ${shared} partitions and falls behind: ${lag.lagRecords} records.`,
          facts: [
            fact('members', group.members),
            fact('partitions', shared),
            fact('lag', lag.lagRecords, 'records'),
          ],
          chart: null,
          cause:
            'A partition is read by one member of a group, and one cannot keep up with what a partition gets.',
          remedy: {
            steps: [
              'Give the topic twice the partitions, then start more members. Records of a key may move to another partition.',
              'Or make processing of a record faster: batches, parallel work within a member.',
            ],
            action: morePartitions(cluster, group, shared * 2),
          },
        }
      }
    },
  },
  {
    id: 'group-many-topics',
    title: 'One group consumes many topics',
    area: 'groups',
    severity: 'advice',
    looksAt: `Groups whose members read ${MANY_TOPICS} topics or more.`,
    verify: 'GET /v1/groups/{group} shows members with few topics.',
    *inspect({ groups }) {
      for (const group of groups) {
        const topics = new Set(
          group.memberList.flatMap(({ assignment }) => assignment.map(({ topic }) => topic)),
        )
        if (topics.size < MANY_TOPICS) continue
        yield {
          resource: ofGroup(group.group),
          summary: `${group.group} reads ${topics.size} topics.`,
          facts: [fact('topics', topics.size), fact('members', group.members)],
          chart: null,
          cause:
            'Several applications or tasks share a group id: a change of one makes all of them rebalance, and one slow topic holds up the others.',
          remedy: {
            steps: [
              'Give each application, and each independent task, a group id of its own.',
              'Bring over the committed offsets: read them from this group, then PUT /v1/groups/{group}/offsets for the new one.',
            ],
            action: null,
          },
        }
      }
    },
  },
  ...LAG_CHECKS,
]

function assigned({ assignment }: GroupDetails['memberList'][number]): number {
  return assignment.reduce((sum, { partitions }) => sum + partitions.length, 0)
}

/** More partitions for the topic of a group that reads just one; which of several it needs is for people to say. */
function morePartitions(
  { topics }: InspectedCluster,
  group: GroupDetails,
  wanted: number,
): Remedy['action'] {
  const read = new Set(
    group.memberList.flatMap(({ assignment }) => assignment.map(({ topic }) => topic)),
  )
  const [name] = read
  const topic = topics.find((one) => one.name === name)
  if (read.size !== 1 || topic === undefined || topic.partitions >= wanted) return null
  return {
    description: `Give ${topic.name} ${wanted} partitions instead of ${topic.partitions}. They cannot be taken away again.`,
    ...{ method: 'PATCH', path: pathOf('topics', topic.name), body: { partitions: wanted } },
    reversible: false,
  }
}

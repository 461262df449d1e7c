import type { GroupDetails } from '../cluster/index.ts'
import { sumOf } from '../cluster/index.ts'
import type { InspectedCluster } from '../inspections/index.ts'
import { percent, rounded } from '../inspections/index.ts'
import type { GroupLag, PartitionStatus } from '../lag/index.ts'
import { accelerationOf } from './acceleration.ts'
import type { Cause, Verdict } from './cause.ts'
import { ramp } from './cause.ts'
import { busyBroker, coldReads, fullDisk, heldUp } from './shared-causes.ts'

const MANY_REBALANCES = 3
const SKEWED_SHARE = 0.7

interface Seen {
  readonly group: GroupDetails
  readonly lag: GroupLag
}

/** Judges a group that exists and is behind; a group that is not needs no cause. */
function ofLagging(
  judge: (seen: Seen, cluster: InspectedCluster) => Verdict | null,
): Cause<'group'>['judge'] {
  return ({ name }, cluster) => {
    const group = cluster.groups.find((one) => one.group === name)
    const lag = cluster.lags.find((one) => one.group === name)
    if (group === undefined || lag === undefined || lag.lagRecords === 0) return null
    return judge({ group, lag }, cluster)
  }
}

/** Why a group lags. */
export const GROUP_CAUSES: readonly Cause<'group'>[] = [
  {
    id: 'no-members',
    title: 'Nobody is reading: the group has no members',
    judge: ofLagging(({ group }) =>
      group.members > 0
        ? null
        : {
            score: 0.98,
            evidence: [`${group.group} is ${group.state} since ${group.stateSince}.`],
            remedy: ['Start the application; its log says why it ended.'],
          },
    ),
  },
  {
    id: 'consumer-stopped',
    title: 'A member hangs: it is in the group and commits no more',
    judge: ofLagging(({ group, lag }) =>
      group.members === 0 ? null : statusVerdict(lag, 'STOP', 0.93, 'has not committed for long'),
    ),
  },
  {
    id: 'stuck-record',
    title: 'A member cannot get past a record: it commits the same offset again',
    judge: ofLagging(({ lag }) =>
      statusVerdict(lag, 'STALL', 0.92, 'commits the same offset again and again'),
    ),
  },
  {
    id: 'offsets-rewound',
    title: 'The group went back and reads records a second time',
    judge: ofLagging(({ lag }) => statusVerdict(lag, 'REWIND', 0.91, 'committed a lower offset')),
  },
  {
    id: 'rebalancing',
    title: 'The group keeps rebalancing and reads little in between',
    judge: ofLagging(({ group }, { readings }) => {
      const count = sumOf(readings.rebalances, { group: group.group })
      const isRebalancing = /Rebalance/.test(group.state)
      if (count < MANY_REBALANCES && !isRebalancing) return null
      return {
        score: Math.max(isRebalancing ? 0.6 : 0, 0.6 + 0.36 * ramp(count, MANY_REBALANCES, 10)),
        evidence: [`${rounded(count)} rebalances; the group is ${group.state}.`],
        remedy: [
          'Raise max.poll.interval.ms or lower max.poll.records where processing is slow.',
          'Use static membership and the cooperative-sticky assignor.',
        ],
      }
    }),
  },
  {
    id: 'client-throttled',
    title: 'Consumers are held up by a quota',
    // Holds are counted by user, and a group does not tell the users of its members.
    judge: ofLagging((_, cluster) =>
      heldUp(cluster, (quota) => quota === 'consumer_byte_rate' || quota === 'request_percentage'),
    ),
  },
  {
    id: 'skewed-partition',
    title: 'One partition gets most of the records, and one member has to read them',
    judge: ofLagging(({ lag }) => {
      const [most] = [...lag.partitions].sort((a, b) => (b.lagRecords ?? 0) - (a.lagRecords ?? 0))
      if (most === undefined || lag.partitions.length < 2) return null
      const share = (most.lagRecords ?? 0) / lag.lagRecords
      const appended = lag.partitions.reduce((sum, one) => sum + (one.appendedPerSecond ?? 0), 0)
      const inflow = appended === 0 ? 0 : (most.appendedPerSecond ?? 0) / appended
      // A partition that is behind alone, without more coming in, has another reason.
      if (share < SKEWED_SHARE || inflow < SKEWED_SHARE) return null
      return {
        score: 0.76 + 0.1 * ramp(inflow, SKEWED_SHARE, 0.95),
        evidence: [
          `${most.topic}-${most.partition} has ${percent(share)} of the lag and gets ${percent(inflow)} of the records.`,
        ],
        remedy: ['Choose keys with more values, so that records spread over partitions.'],
      }
    }),
  },
  {
    id: 'burst',
    title: 'Much more is produced than before',
    judge: ofLagging(({ lag }, { diskUsage }) => {
      const growth = growthOf(lag, diskUsage)
      if (growth === null || growth.ratio < 2) return null
      return {
        score: 0.5 + 0.28 * ramp(growth.ratio, 2, 6),
        evidence: [
          `${growth.topic} grew ${rounded(growth.ratio)} times as fast in the last hour as before.`,
        ],
        remedy: [
          'Wait if it will pass: the lag shrinks once it is over.',
          'Else start more members, up to one for each partition.',
        ],
      }
    }),
  },
  {
    id: 'too-few-partitions',
    title: 'Every partition has its member, and one member cannot read one fast enough',
    judge: ofLagging(({ group, lag }) => {
      const assigned = assignedTo(group)
      if (!isOutpaced(lag) || assigned === 0 || group.members < assigned) return null
      return {
        score: 0.68,
        evidence: [`${group.members} members share ${assigned} partitions.`, paceOf(lag)],
        remedy: ['Give the topic more partitions and start more members.'],
      }
    }),
  },
  {
    id: 'too-few-members',
    title: 'The members cannot read as fast as is produced',
    judge: ofLagging(({ group, lag }) => {
      const assigned = assignedTo(group)
      if (!isOutpaced(lag) || group.members === 0 || group.members >= assigned) return null
      return {
        score: 0.66,
        evidence: [`${group.members} members share ${assigned} partitions.`, paceOf(lag)],
        remedy: [
          `Start more members: there is work for ${assigned}.`,
          'Or make processing faster.',
        ],
      }
    }),
  },
  {
    id: 'catching-up',
    title: 'The group is catching up',
    judge: ofLagging(({ lag }) =>
      lag.trend === 'shrinking'
        ? {
            score: 0.45,
            evidence: [paceOf(lag)],
            remedy: ['Wait; see when it is done: GET /v1/lag.'],
          }
        : null,
    ),
  },
  {
    id: 'cold-reads',
    title: 'It reads old records from the disk',
    judge: ofLagging((_, cluster) =>
      coldReads(
        cluster,
        0.3,
        'A faster disk, or more memory for the page cache, lets it catch up sooner.',
      ),
    ),
  },
  {
    id: 'busy-broker',
    title: 'The broker has no time left',
    judge: ofLagging((_, cluster) => busyBroker(cluster)),
  },
  {
    id: 'full-disk',
    title: 'The disk is full, so offsets cannot be committed',
    judge: ofLagging((_, cluster) => fullDisk(cluster)),
  },
]

function statusVerdict(
  lag: GroupLag,
  status: PartitionStatus,
  score: number,
  what: string,
): Verdict | null {
  const partitions = lag.partitions.filter((one) => one.status === status)
  const [first] = partitions
  if (first === undefined) return null
  return {
    // When most partitions are fine, the few that are not explain less.
    score: score - 0.1 * (1 - partitions.length / lag.partitions.length),
    evidence: [
      `${lag.group} ${what} at ${first.topic}-${first.partition} (offset ${first.committedOffset}), and at ${partitions.length - 1} more.`,
      `Its last commit there was at ${first.committedAt}.`,
    ],
    remedy: [
      `Look at the record: GET /v1/topics/${first.topic}/records?partition=${first.partition}&offset=${first.committedOffset}&limit=1.`,
      'Look at the log and the threads of the application.',
    ],
  }
}

function assignedTo({ memberList }: GroupDetails): number {
  return memberList.reduce(
    (sum, { assignment }) =>
      sum + assignment.reduce((count, { partitions }) => count + partitions.length, 0),
    0,
  )
}

const ratesOf = (lag: GroupLag) => ({
  appended: lag.partitions.reduce((sum, one) => sum + (one.appendedPerSecond ?? 0), 0),
  consumed: lag.partitions.reduce((sum, one) => sum + (one.consumedPerSecond ?? 0), 0),
})

/** It reads, and less than comes in. */
function isOutpaced(lag: GroupLag): boolean {
  const { appended, consumed } = ratesOf(lag)
  return consumed > 0 && appended > consumed * 1.02
}

function paceOf(lag: GroupLag): string {
  const { appended, consumed } = ratesOf(lag)
  return `${rounded(appended)} records a second come in, ${rounded(consumed)} are read.`
}

/** How much faster a topic of the group grows in the last hour than it did before. */
function growthOf(lag: GroupLag, usage: InspectedCluster['diskUsage']) {
  const topics = new Set(lag.partitions.map(({ topic }) => topic))
  let fastest: { topic: string; ratio: number } | null = null
  for (const { labels, points } of usage) {
    const { topic } = labels
    if (topic === undefined || !topics.has(topic)) continue
    const ratio = accelerationOf(points)
    if (ratio !== null && ratio > (fastest?.ratio ?? 0)) fastest = { topic, ratio }
  }
  return fastest
}

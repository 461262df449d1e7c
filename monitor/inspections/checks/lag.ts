import type { GroupDetails, Topic } from '../../cluster/index.ts'
import { retentionBytes, retentionMs } from '../../cluster/index.ts'
import type { GroupLag, PartitionLag, PartitionStatus } from '../../lag/index.ts'
import { isProbeGroup } from '../../probe/index.ts'
import type { Check, InspectedCluster, Observation, Remedy, Severity } from '../check.ts'
import { bytes, duration, fact, ofGroup, pathOf } from './words.ts'

/** As long as ConsumersGone waits, so that the finding is there with the alert. */
const MEMBERS_GONE_MS = 15_000
/** Less than this and the first record that waits may be gone before anybody looks. */
const OVERTAKEN_SECONDS = 6 * 3_600
const WEEK_MS = 7 * 86_400_000

/** Groups that do not get on with what they read. */
export const LAG_CHECKS: readonly Check[] = [
  {
    id: 'consumer-stopped',
    title: 'A consumer has stopped committing',
    area: 'groups',
    severity: 'critical',
    looksAt: 'Groups with members and a partition whose status is STOP.',
    verify: 'The status of the group is OK: GET /v1/lag/{group}.',
    *inspect(cluster) {
      for (const { lag, group } of lagging(cluster, ['STOP'])) {
        if (group.members === 0) continue
        yield lagObservation(lag, ['STOP'], {
          severity: 'critical',
          what: 'has stopped committing',
          cause:
            'The application hangs, blocks on another system, or fails on a record and tries it without end; its heartbeats go on in another thread.',
          remedy: {
            steps: [
              'Look at the log and the threads of the application at that partition and offset.',
              'A record that it cannot process: see it with GET /v1/topics/{topic}/records?partition=&offset=, then mend the application, or stop it and shift the offset by one.',
              'Start the application anew if it hangs.',
            ],
            action: null,
          },
        })
      }
    },
  },
  {
    id: 'group-without-members',
    title: 'A group with lag has no members',
    area: 'groups',
    severity: 'critical',
    looksAt: `Groups that had members or offsets, have none since ${duration(MEMBERS_GONE_MS)} or more, and are behind; but for those to which somebody commits without being a member, and those of probes.`,
    verify: 'The group has members again, or is gone: GET /v1/groups.',
    *inspect({ groups, atMs, windowMs }) {
      for (const group of groups) {
        const sinceMs = atMs - Date.parse(group.stateSince)
        if (group.members > 0 || group.lag <= 0 || sinceMs < MEMBERS_GONE_MS) continue
        if (isProbeGroup(group.group)) continue
        if (isCommittedToWithoutMembers(group, atMs - windowMs)) continue
        yield {
          resource: ofGroup(group.group),
          summary: `${group.group} has no members since ${duration(sinceMs)} and is ${group.lag} records behind.`,
          facts: [fact('lag', group.lag, 'records'), fact('sinceMs', sinceMs, 'ms')],
          chart: null,
          cause:
            'The application was stopped, crashed and does not come back, or was given another group id.',
          remedy: {
            steps: [
              'Start the application, and see in its log why it ended.',
              'If nobody needs the group any more, delete it: its offsets stay in the history and can be brought back.',
            ],
            action: {
              description: `Delete the group ${group.group} and its offsets.`,
              ...{ method: 'DELETE', path: pathOf('groups', group.group), reversible: true },
            },
          },
        }
      }
    },
  },
  {
    id: 'consumer-stalled',
    title: 'A consumer commits and does not get on',
    area: 'groups',
    severity: 'important',
    looksAt: 'Groups with a partition whose status is STALL.',
    verify: 'Committed offsets of the group rise: GET /v1/lag/{group}.',
    *inspect(cluster) {
      for (const { lag } of lagging(cluster, ['STALL'])) {
        yield lagObservation(lag, ['STALL'], {
          severity: 'important',
          what: 'commits the same offset again and again',
          cause:
            'The application polls but does not process: it is paused, waits for another system, or fails on one record and rolls back.',
          remedy: {
            steps: [
              'Look at the record where it stands: GET /v1/topics/{topic}/records?partition=&offset=.',
              'Mend or skip what cannot be processed: stop the members, then PUT /v1/groups/{group}/offsets with to: shift.',
            ],
            action: null,
          },
        })
      }
    },
  },
  {
    id: 'consumer-falling-behind',
    title: 'A consumer falls behind',
    area: 'groups',
    severity: 'important',
    looksAt:
      'Groups with a partition whose status is WARN: lag never fell over its last commits, and grows.',
    verify: 'The trend of the group is shrinking: GET /v1/lag/{group}.',
    *inspect(cluster) {
      for (const { lag } of lagging(cluster, ['WARN'])) {
        if (lag.trend !== 'growing') continue
        yield lagObservation(lag, ['WARN'], {
          severity: 'important',
          what: 'falls behind',
          cause:
            'More is produced than the members process: a burst, slow processing, or too few members.',
          remedy: {
            steps: [
              'See whether it is a burst that will pass: GET /v1/lag/{group} tells both rates.',
              'Start more members, up to one for each partition.',
              'Look for what makes processing slow: glasslog diagnose group NAME.',
            ],
            action: null,
          },
        })
      }
    },
  },
  {
    id: 'offsets-rewound',
    title: 'A consumer went back',
    area: 'groups',
    severity: 'important',
    looksAt: 'Groups with a partition whose status is REWIND.',
    verify: 'The status of the group is OK once it has caught up.',
    *inspect(cluster) {
      for (const { lag } of lagging(cluster, ['REWIND'])) {
        yield lagObservation(lag, ['REWIND'], {
          severity: 'important',
          what: 'committed a lower offset than before, and is reading again',
          cause:
            'Somebody has reset the offsets, a member that was thought dead committed late, or auto.offset.reset went to the beginning.',
          remedy: {
            steps: [
              'See whether a reset was meant: GET /v1/audit?operation=group.offsets*&resource=GROUP.',
              'If it was not: stop the members and put the offsets back (glasslog audit rewind --undo SEQ for a recorded reset).',
              'If it was, wait: records are processed a second time until the group has caught up.',
            ],
            action: null,
          },
        })
      }
    },
  },
  {
    id: 'retention-overtakes',
    title: 'Retention will take records that a group has not read',
    area: 'groups',
    severity: 'critical',
    looksAt: `Groups whose first unread record will be gone within ${duration(OVERTAKEN_SECONDS * 1000)} at the present pace; but for those of probes.`,
    verify: 'overtakenInSeconds of the group is null or far away: GET /v1/lag/{group}.',
    *inspect({ lags, topics, configs, windowMs }) {
      for (const lag of lags) {
        if (isProbeGroup(lag.group)) continue
        const first = soonestOvertaken(lag.partitions)
        const left = first?.overtakenInSeconds
        if (first === null || left === null || left === undefined || left > OVERTAKEN_SECONDS)
          continue
        const topic = topics.find(({ name }) => name === first.topic)
        const longer = topic === undefined ? null : longerRetention(topic, configs)
        yield {
          resource: ofGroup(lag.group),
          summary: `In ${duration(left * 1000)} retention takes records of ${first.topic}-${first.partition} that ${lag.group} has not read.`,
          facts: [
            fact('overtakenIn', left, 'seconds'),
            fact('lag', lag.lagRecords, 'records'),
            fact('lagSeconds', lag.lagSeconds ?? 0, 'seconds'),
            fact('lookedBack', windowMs / 1000, 'seconds'),
          ],
          chart: null,
          cause:
            'The group is so far behind that its next record is about as old as the topic keeps records.',
          remedy: {
            steps: [
              'Keep the records for longer until the group has caught up.',
              'Start the consumer or give it more members: GET /v1/lag/{group} tells what holds it up.',
            ],
            action:
              topic === undefined || longer === null
                ? null
                : {
                    description: `Keep records of ${topic.name} for ${longer.description}.`,
                    ...{ method: 'PATCH', path: pathOf('topics', topic.name), reversible: true },
                    body: { configs: longer.configs },
                  },
          },
        }
      }
    },
  },
]

/** Twice of what bounds a topic now, by itself or by the broker's default; null where nothing does. */
function longerRetention(
  topic: Topic,
  configs: InspectedCluster['configs'],
): { readonly description: string; readonly configs: Readonly<Record<string, string>> } | null {
  const keptMs = retentionMs(topic, configs)
  const keptBytes = retentionBytes(topic, configs)
  if (keptMs === null && keptBytes === null) return null
  const longerMs = keptMs === null ? null : Math.max(keptMs * 2, WEEK_MS)
  const said = [
    ...(longerMs === null ? [] : [duration(longerMs)]),
    ...(keptBytes === null ? [] : [`${bytes(keptBytes * 2)} of each partition`]),
  ]
  return {
    description: said.join(', up to '),
    configs: {
      ...(longerMs === null ? {} : { 'retention.ms': String(longerMs) }),
      ...(keptBytes === null ? {} : { 'retention.bytes': String(keptBytes * 2) }),
    },
  }
}

/** Stream processors keep their offsets in a group that they never join: it is in use though it has no members. */
function isCommittedToWithoutMembers({ offsets, stateSince }: GroupDetails, sinceMs: number) {
  const emptySinceMs = Date.parse(stateSince)
  return offsets.some(({ committedAt }) => {
    const committedAtMs = Date.parse(committedAt)
    return committedAtMs > emptySinceMs && committedAtMs > sinceMs
  })
}

/** Groups whose worst partition has one of these statuses. */
export function lagging(
  { lags, groups }: InspectedCluster,
  statuses: readonly PartitionStatus[],
): readonly { readonly lag: GroupLag; readonly group: GroupDetails }[] {
  return lags.flatMap((lag) => {
    const group = groups.find((one) => one.group === lag.group)
    return group !== undefined && statuses.includes(lag.worst) ? [{ lag, group }] : []
  })
}

function lagObservation(
  lag: GroupLag,
  statuses: readonly PartitionStatus[],
  told: {
    readonly severity: Severity
    readonly what: string
    readonly cause: string
    readonly remedy: Remedy
  },
): Observation {
  const partitions = lag.partitions.filter(({ status }) => statuses.includes(status))
  const [first] = [...partitions].sort((a, b) => (b.lagRecords ?? 0) - (a.lagRecords ?? 0))
  const where = first === undefined ? '' : ` at ${first.topic}-${first.partition}`
  return {
    resource: ofGroup(lag.group),
    severity: told.severity,
    summary: `${lag.group} ${told.what}${where}: ${lag.lagRecords} records behind.`,
    facts: [
      fact('lag', lag.lagRecords, 'records'),
      fact('partitions', partitions.length),
      fact('committedOffset', first?.committedOffset ?? 0),
      fact('lagSeconds', lag.lagSeconds ?? 0, 'seconds'),
    ],
    chart: null,
    cause: told.cause,
    remedy: told.remedy,
  }
}

function soonestOvertaken(partitions: readonly PartitionLag[]): PartitionLag | null {
  const known = partitions.filter(({ overtakenInSeconds }) => overtakenInSeconds !== null)
  const [first] = known.sort((a, b) => (a.overtakenInSeconds ?? 0) - (b.overtakenInSeconds ?? 0))
  return first ?? null
}

import type { ReadingName } from '../cluster/index.ts'
import { onlyValue, sumOf } from '../cluster/index.ts'
import type { InspectedCluster } from '../inspections/index.ts'
import { percent, rounded } from '../inspections/index.ts'
import type { Verdict } from './cause.ts'
import { ramp } from './cause.ts'

/** A loop that is busy for longer than that answers late. */
const BUSY_LOOP = 0.7
const SLOW_FSYNC_SECONDS = 0.05

/** The thread that serves requests has no time left. */
export function busyBroker({ readings }: InspectedCluster): Verdict | null {
  const active = onlyValue(readings.loopActive) ?? 0
  if (active < BUSY_LOOP) return null
  return {
    score: 0.55 + 0.3 * ramp(active, BUSY_LOOP, 0.98),
    evidence: [`The thread that serves requests was busy ${percent(active)} of the time.`],
    remedy: [
      'See which clients send most requests: glasslog_client_requests_total.',
      'Larger batches and longer waits of consumers make fewer requests of the same records.',
      'Hold the greediest by request_percentage (PUT /v1/quotas).',
    ],
  }
}

/** Every acknowledged write waits for the disk. */
export function slowDisk({ readings }: InspectedCluster): Verdict | null {
  const seconds = onlyValue(readings.fsyncSeconds) ?? 0
  if (seconds < SLOW_FSYNC_SECONDS) return null
  return {
    score: 0.6 + 0.35 * ramp(seconds, SLOW_FSYNC_SECONDS, 0.5),
    evidence: [`One of 100 fdatasyncs of the journal takes ${rounded(seconds * 1000)} ms or more.`],
    remedy: [
      'See who else writes to the disk (iostat -x 1, iotop) and move it away.',
      'Use a faster disk, or raise the IOPS of the volume.',
    ],
  }
}

/** Half of the reads or more are of records that are not in memory. */
export function coldReads(
  { readings }: InspectedCluster,
  leastScore: number,
  remedy: string,
): Verdict | null {
  const cold = sumOf(readings.coldReads)
  const share = cold / Math.max(1, cold + sumOf(readings.hotReads))
  if (cold < 100 || share < 0.5) return null
  return {
    score: leastScore + 0.25 * share,
    evidence: [`${percent(share)} of reads come from segment files.`],
    remedy: [remedy],
  }
}

/** The disk takes no records, or soon will not. */
export function fullDisk({ cluster }: InspectedCluster): Verdict | null {
  if (cluster.disk.state === 'ok') return null
  return {
    score: 0.99,
    evidence: [`The disk is ${cluster.disk.state}: records are refused.`],
    remedy: [
      'Give the broker room: delete what nobody needs, shorten retention, or enlarge the disk.',
      'GET /v1/diagnose?disk says what fills it.',
    ],
  }
}

/** Clients are held up by their quotas. `isMeant` says whose and which. */
export function heldUp(
  { readings }: InspectedCluster,
  isMeant: (quota: string, entity: string) => boolean,
): Verdict | null {
  const held = readings.throttled.filter(
    ({ labels, value }) => value >= 5 && isMeant(labels.quota ?? '', labels.entity ?? ''),
  )
  const holds = sumOf(held)
  if (holds < 5) return null
  return {
    score: 0.7 + 0.25 * ramp(holds, 5, 60),
    evidence: held.map(
      ({ labels, value }) =>
        `${labels.entity} was held up ${rounded(value)} times by ${labels.quota}.`,
    ),
    remedy: ['Raise the quota if the machine has room (PUT /v1/quotas), or ask for less at once.'],
  }
}

/** A topic's own throttle, for one way of going. */
export function heldTopic({ readings }: InspectedCluster, topic: string): Verdict | null {
  const name: ReadingName = 'topicThrottled'
  const holds = sumOf(readings[name], { topic })
  if (holds < 5) return null
  return {
    score: 0.72 + 0.25 * ramp(holds, 5, 60),
    evidence: [`Clients of ${topic} were held up ${rounded(holds)} times by its throttle.`],
    remedy: [`Raise or remove the throttle: PUT /v1/topics/${topic}/quota.`],
  }
}

import { deletesOldRecords, onlyValue, retentionBytes, sumOf } from '../../cluster/index.ts'
import type { UsagePoint } from '../../disk/index.ts'
import { forecast } from '../../disk/index.ts'
import type { Check, InspectedCluster } from '../check.ts'
import { capacityOf } from '../disk-usage.ts'
import { bytes, duration, fact, pathOf, rounded } from './words.ts'

const DAY_MS = 86_400_000
const FULL_SOON_MS = 14 * DAY_MS
const FULL_NOW_MS = 2 * DAY_MS
/** A line that explains less than this of the growth foretells nothing. */
const LEAST_FIT = 0.5
/** What a broker does in its first hours, or after a change, says nothing of its days. */
const LEAST_OBSERVED_MS = DAY_MS / 4
const SLOW_FSYNC_SECONDS = 0.1
const FEW_FSYNCS = 20

export const DISK_CHECKS: readonly Check[] = [
  {
    id: 'disk-forecast',
    title: 'The disk will be full soon',
    area: 'disk',
    severity: 'important',
    looksAt: `A straight line through the usage of the last day: full within ${duration(FULL_SOON_MS)}; critical within ${duration(FULL_NOW_MS)}. Of less than ${duration(LEAST_OBSERVED_MS)} it says nothing.`,
    verify: 'The forecast says later, or never: GET /v1/disk.',
    *inspect(cluster) {
      const capacity = capacityOf(cluster.disk)
      if (capacity === null) return
      const usage = usageOf(cluster)
      const ahead = forecast(usage, capacity, cluster.atMs)
      if (ahead === null || ahead.fullAtMs === null || ahead.fitRatio < LEAST_FIT) return
      if (ahead.observedMs < LEAST_OBSERVED_MS) return
      const leftMs = ahead.fullAtMs - cluster.atMs
      if (leftMs > FULL_SOON_MS) return
      const [fastest] = fastestGrowing(cluster)
      yield {
        resource: { kind: 'disk', name: 'data' },
        severity: leftMs < FULL_NOW_MS ? 'critical' : 'important',
        summary: `At ${bytes(ahead.growthBytesPerDay)} a day the disk is full in ${duration(leftMs)}.`,
        facts: [
          fact('daysUntilFull', leftMs / DAY_MS, 'days'),
          fact('growthPerDay', ahead.growthBytesPerDay, 'bytes'),
          fact('fit', ahead.fitRatio),
          fact('capacityBytes', capacity, 'bytes'),
        ],
        chart: null,
        cause:
          fastest === undefined
            ? 'More comes in than retention takes away.'
            : `More comes in than retention takes away, most of all into ${fastest.topic} (${bytes(fastest.bytesPerDay)} a day).`,
        remedy: {
          steps: [
            'Keep fewer records of what grows most: retention.ms or retention.bytes.',
            'Let producers compress.',
            'Or let the disk policy shorten retention or grow the capacity by itself: PUT /v1/disk-policy.',
          ],
          action:
            fastest === undefined
              ? null
              : {
                  description: `Keep at most ${bytes(fastest.keepBytes)} in each partition of ${fastest.topic}. Older records go.`,
                  ...{ method: 'PATCH', path: pathOf('topics', fastest.topic), reversible: false },
                  body: { configs: { 'retention.bytes': String(fastest.keepBytes) } },
                },
        },
      }
    },
  },
  {
    id: 'slow-fsync',
    title: 'The disk is slow to make writes durable',
    area: 'disk',
    severity: 'important',
    looksAt: `fdatasync of the journal: the slowest of 100 takes more than ${SLOW_FSYNC_SECONDS * 1000} ms.`,
    verify: 'The 99th percentile of glasslog_journal_fsync_duration_seconds is below 100 ms.',
    *inspect({ readings }) {
      const seconds = onlyValue(readings.fsyncSeconds)
      if (seconds === null || sumOf(readings.fsyncs) < FEW_FSYNCS) return
      if (seconds < SLOW_FSYNC_SECONDS) return
      yield {
        resource: { kind: 'disk', name: 'journal' },
        severity: seconds >= 1 ? 'critical' : 'important',
        summary: `One of 100 fdatasyncs of the journal takes ${rounded(seconds * 1000)} ms or more; every acks=all write waits for it.`,
        facts: [fact('fsyncP99', seconds * 1000, 'ms'), fact('fsyncs', sumOf(readings.fsyncs))],
        chart: {
          ...{ title: '99th percentile of fdatasync', unit: 'seconds' },
          ...{ reading: 'fsyncSeconds', labels: {} },
        },
        cause:
          'A disk without a write cache that survives power loss, a cloud volume at its IOPS limit, or another program that writes to the same disk.',
        remedy: {
          steps: [
            'See who else writes: iostat -x 1, iotop. Move it to another disk.',
            'Cloud volume: raise its IOPS and throughput. Own disk: use an SSD with power-loss protection.',
          ],
          action: null,
        },
      }
    },
  },
]

/** The sum of all topics at each time. */
function usageOf({ diskUsage, disk, atMs }: InspectedCluster): readonly UsagePoint[] {
  const sums = new Map<number, number>()
  for (const { points } of diskUsage)
    for (const [timeMs, value] of points) sums.set(timeMs, (sums.get(timeMs) ?? 0) + value)
  const points = [...sums].map(([pointMs, usedBytes]) => ({ atMs: pointMs, usedBytes }))
  const last = points.at(-1)
  // What is in use is more than record batches: the journal too. Only its growth counts.
  const beside = last === undefined ? 0 : Math.max(0, disk.usedBytes - last.usedBytes)
  return points.map((point) => ({
    atMs: Math.min(point.atMs, atMs),
    usedBytes: point.usedBytes + beside,
  }))
}

/** Topics that could keep less: those that are compacted only keep what they have whatever is said. */
function fastestGrowing({ diskUsage, topics, configs }: InspectedCluster) {
  const byName = new Map(topics.map((topic) => [topic.name, topic]))
  return diskUsage
    .flatMap(({ labels, points }) => {
      const topic = byName.get(labels.topic ?? '')
      const first = points[0]
      const last = points.at(-1)
      if (topic === undefined || topic.internal || !first || !last || last[0] === first[0])
        return []
      const bytesPerDay = ((last[1] - first[1]) / (last[0] - first[0])) * DAY_MS
      const keepBytes = Math.max(1024 * 1024, Math.round(last[1] / 2 / topic.partitions))
      const isLess = keepBytes < (retentionBytes(topic, configs) ?? Number.POSITIVE_INFINITY)
      return bytesPerDay > 0 && isLess && deletesOldRecords(topic, configs)
        ? [{ topic: topic.name, bytesPerDay, keepBytes }]
        : []
    })
    .sort((a, b) => b.bytesPerDay - a.bytesPerDay)
}

import type { Topic } from '../cluster/index.ts'
import { deletesOldRecords, retentionBytes, retentionMs } from '../cluster/index.ts'
import type { InspectedCluster } from '../inspections/index.ts'
import { bytes, duration, percent, rounded } from '../inspections/index.ts'
import { accelerationOf } from './acceleration.ts'
import type { Cause } from './cause.ts'
import { ramp } from './cause.ts'

const DAY_MS = 86_400_000

interface Growth {
  readonly topic: Topic
  readonly bytesPerDay: number
  /** Part of what all topics together grow by. */
  readonly share: number
  /** How much faster than before; null when it is not known. */
  readonly acceleration: number | null
}

/** Why a disk fills. */
export const DISK_CAUSES: readonly Cause<'disk'>[] = [
  {
    id: 'unlimited-retention',
    title: 'A topic keeps everything for ever',
    judge(_, cluster) {
      const [found] = growthsOf(cluster).filter(
        ({ topic }) =>
          deletesOldRecords(topic, cluster.configs) &&
          retentionMs(topic, cluster.configs) === null &&
          retentionBytes(topic, cluster.configs) === null,
      )
      if (found === undefined || found.share < 0.2) return null
      return {
        score: 0.6 + 0.35 * ramp(found.share, 0.2, 0.8),
        evidence: [
          `${found.topic.name} has no retention and grows by ${bytes(found.bytesPerDay)} a day.`,
          `That is ${percent(found.share)} of all growth.`,
        ],
        remedy: [`Set retention.ms or retention.bytes of ${found.topic.name}.`],
      }
    },
  },
  {
    id: 'traffic-growth',
    title: 'Traffic into a topic has grown',
    judge(_, cluster) {
      const [found] = growthsOf(cluster).filter(({ acceleration }) => (acceleration ?? 0) >= 2)
      if (found === undefined || found.share < 0.2) return null
      return {
        score: 0.55 + 0.3 * ramp(found.acceleration ?? 0, 2, 8) * ramp(found.share, 0.2, 0.7),
        evidence: [
          `${found.topic.name} grew ${rounded(found.acceleration ?? 0)} times as fast in the last hour as before.`,
        ],
        remedy: [
          'See which producer it is: glasslog_client_received_bytes_total.',
          `Keep fewer records of ${found.topic.name} until it is over, or hold the producer by a quota.`,
        ],
      }
    },
  },
  {
    id: 'retention-too-long',
    title: 'Topics are to keep more than the disk has',
    judge(_, cluster) {
      const capacity = cluster.disk.usedBytes + (cluster.disk.freeBytes ?? 0)
      const [found] = growthsOf(cluster).flatMap((growth) => {
        const keptMs = retentionMs(growth.topic, cluster.configs)
        const kept = retentionBytes(growth.topic, cluster.configs)
        if (keptMs === null || kept !== null) return []
        const neededBytes = (growth.bytesPerDay / DAY_MS) * keptMs
        return neededBytes > capacity * 0.8 ? [{ ...growth, keptMs, neededBytes }] : []
      })
      if (found === undefined) return null
      return {
        score: 0.62 + 0.16 * ramp(found.neededBytes / capacity, 0.8, 3) * found.share,
        evidence: [
          `${found.topic.name} grows by ${bytes(found.bytesPerDay)} a day and keeps ${duration(found.keptMs)}: ${bytes(found.neededBytes)}.`,
        ],
        remedy: [`Lower retention.ms of ${found.topic.name}, or enlarge the disk.`],
      }
    },
  },
  {
    id: 'deleted-topics',
    title: 'Deleted topics still hold their space',
    judge(_, { deletedTopics, disk }) {
      const held = deletedTopics.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      const share = held / Math.max(1, disk.usedBytes)
      if (share < 0.2) return null
      return {
        score: 0.6 + 0.35 * ramp(share, 0.2, 0.7),
        evidence: [
          `${deletedTopics.length} deleted topics hold ${bytes(held)}, ${percent(share)} of what is in use.`,
        ],
        remedy: ['Give their space back: DELETE /v1/deleted-topics/{id}.'],
      }
    },
  },
  {
    id: 'large-topic',
    title: 'One topic holds most of the disk',
    judge(_, { topics, disk }) {
      const [largest] = [...topics].sort((a, b) => b.sizeBytes - a.sizeBytes)
      const share = (largest?.sizeBytes ?? 0) / Math.max(1, disk.usedBytes)
      if (largest === undefined || share < 0.5) return null
      return {
        score: 0.35 + 0.2 * share,
        evidence: [`${largest.name} holds ${bytes(largest.sizeBytes)}, ${percent(share)}.`],
        remedy: [`Keep fewer records of ${largest.name}, or compact it.`],
      }
    },
  },
  {
    id: 'other-files',
    title: 'Something beside the broker fills the file system',
    judge(_, { cluster, disk }) {
      const { totalBytes, freeBytes } = cluster.disk
      const others = totalBytes - freeBytes - disk.usedBytes
      const share = others / Math.max(1, totalBytes)
      if (share < 0.4 || disk.usedBytes > others) return null
      return {
        score: 0.5 + 0.4 * ramp(share, 0.4, 0.8),
        evidence: [
          `${bytes(others)} of ${bytes(totalBytes)} are in use by others, ${bytes(disk.usedBytes)} by the broker.`,
        ],
        remedy: ['See what it is: du -x on the file system. Give the broker a volume of its own.'],
      }
    },
  },
]

/** Topics that grow, the fastest first. */
function growthsOf({ diskUsage, topics }: InspectedCluster): readonly Growth[] {
  const growths = diskUsage.flatMap(({ labels, points }) => {
    const topic = topics.find(({ name }) => name === labels.topic)
    const first = points[0]
    const last = points.at(-1)
    if (topic === undefined || !first || !last || last[0] <= first[0]) return []
    const bytesPerDay = ((last[1] - first[1]) / (last[0] - first[0])) * DAY_MS
    return bytesPerDay > 0 ? [{ topic, bytesPerDay, acceleration: accelerationOf(points) }] : []
  })
  const total = growths.reduce((sum, { bytesPerDay }) => sum + bytesPerDay, 0)
  return growths
    .map((growth) => ({ ...growth, share: growth.bytesPerDay / total }))
    .sort((a, b) => b.bytesPerDay - a.bytesPerDay)
}

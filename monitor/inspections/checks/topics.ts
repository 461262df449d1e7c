import type { Topic } from '../../cluster/index.ts'
import {
  deletesOldRecords,
  retentionBytes,
  retentionMs,
  sumOf,
  sumsBy,
} from '../../cluster/index.ts'
import type { Check } from '../check.ts'
import { capacityOf } from '../disk-usage.ts'
import { bytes, duration, fact, ofTopic, pathOf, percent, rounded } from './words.ts'

const DAY_MS = 86_400_000
/** A topic that is younger may just not be in use yet. */
const UNUSED_AGE_MS = DAY_MS
const BUSY_BYTES_PER_SECOND = 100 * 1024
const BUSY_RECORDS_PER_SECOND = 500
const LARGE_RECORD_BYTES = 600 * 1024
const SKEW_SHARE = 0.75
const SKEW_RECORDS = 1_000
const MANY_PARTITIONS = 48
const WEEK_MS = 7 * DAY_MS

const usersOf = (topics: readonly Topic[]) =>
  topics.filter(({ internal, name }) => !internal && !name.startsWith('__'))

export const TOPIC_CHECKS: readonly Check[] = [
  {
    id: 'partition-skew',
    title: 'One partition gets nearly everything',
    area: 'skew',
    severity: 'important',
    looksAt: `Topics with several partitions that got at least ${SKEW_RECORDS} records, more than ${percent(SKEW_SHARE)} of them in one.`,
    verify: 'Partitions of the topic grow alike.',
    *inspect({ readings, topics }) {
      const byTopic = Map.groupBy(readings.partitionAppended, ({ labels }) => labels.topic)
      for (const topic of usersOf(topics)) {
        if (topic.partitions < 2) continue
        const own = byTopic.get(topic.name) ?? []
        const total = sumOf(own)
        const [most] = [...own].sort((a, b) => b.value - a.value)
        // With two partitions three quarters are no rarity.
        const share = most === undefined ? 0 : most.value / total
        if (total < SKEW_RECORDS || most === undefined) continue
        if (share <= Math.max(SKEW_SHARE, 1.5 / topic.partitions)) continue
        yield {
          resource: ofTopic(topic.name),
          summary: `Partition ${most.labels.partition} of ${topic.name} got ${percent(share)} of ${rounded(total)} records.`,
          facts: [fact('share', share * 100, 'percent'), fact('records', total)],
          chart: {
            ...{ title: `Records of ${topic.name}-${most.labels.partition}`, unit: 'records' },
            reading: 'partitionAppended',
            labels: { topic: topic.name, partition: most.labels.partition ?? '' },
          },
          cause: 'Most records have the same key, or the producer names the partition itself.',
          remedy: {
            steps: [
              'Choose a key with more values, or add to the common one (a part of an id) where order allows.',
              'Records that need no order need no key: the client then spreads them.',
              'Look for a partitioner of your own, or a fixed partition, in the producer.',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'unused-topic',
    title: 'Nobody uses a topic',
    area: 'topics',
    severity: 'advice',
    looksAt: `Topics older than ${duration(UNUSED_AGE_MS)} without any traffic and without a group that has read them.`,
    verify: 'The topic is gone, or has traffic.',
    *inspect({ readings, topics, groups, atMs }) {
      const read = new Set(groups.flatMap(({ offsets }) => offsets.map(({ topic }) => topic)))
      const produced = sumsBy(readings.produceRequests, 'topic')
      const fetched = sumsBy(readings.fetchRequests, 'topic')
      for (const topic of usersOf(topics)) {
        const traffic = (produced.get(topic.name) ?? 0) + (fetched.get(topic.name) ?? 0)
        if (traffic > 0 || read.has(topic.name)) continue
        if (atMs - Date.parse(topic.createdAt) < UNUSED_AGE_MS) continue
        yield {
          resource: ofTopic(topic.name),
          summary: `${topic.name} holds ${bytes(topic.sizeBytes)} and nobody produces to it or reads it.`,
          facts: [fact('bytes', topic.sizeBytes, 'bytes'), fact('partitions', topic.partitions)],
          chart: null,
          cause:
            'Left over from a test or an application that is gone, or created by a misspelt name.',
          remedy: {
            steps: [
              'Ask who it belongs to: GET /v1/audit?operation=topic.create&resource=NAME says who created it.',
              'Delete it; until topic.undelete.retention.ms is over it can be restored.',
            ],
            action: {
              description: `Delete ${topic.name}. It can be restored until its space is given back.`,
              ...{ method: 'DELETE', path: pathOf('topics', topic.name), reversible: true },
            },
          },
        }
      }
    },
  },
  {
    id: 'single-partition-topic',
    title: 'A busy topic has one partition',
    area: 'topics',
    severity: 'advice',
    looksAt: `Topics with one partition that get more than ${bytes(BUSY_BYTES_PER_SECOND)} or ${BUSY_RECORDS_PER_SECOND} records a second.`,
    verify: 'The topic has more partitions: GET /v1/topics/{topic}.',
    *inspect({ readings, topics, windowMs }) {
      const seconds = windowMs / 1000
      const bytesIn = sumsBy(readings.bytesIn, 'topic')
      const messagesIn = sumsBy(readings.messagesIn, 'topic')
      for (const topic of usersOf(topics)) {
        if (topic.partitions !== 1) continue
        const perSecond = (bytesIn.get(topic.name) ?? 0) / seconds
        const records = (messagesIn.get(topic.name) ?? 0) / seconds
        if (perSecond < BUSY_BYTES_PER_SECOND && records < BUSY_RECORDS_PER_SECOND) continue
        yield {
          resource: ofTopic(topic.name),
          summary: `${topic.name} gets ${bytes(perSecond)} and ${rounded(records)} records a second in one partition.`,
          facts: [fact('bytesPerSecond', perSecond, 'bytes/s'), fact('recordsPerSecond', records)],
          chart: {
            ...{ title: `Bytes into ${topic.name}`, unit: 'bytes', reading: 'bytesIn' },
            labels: { topic: topic.name },
          },
          cause:
            'Created with the default number of partitions: only one member of a group can read it.',
          remedy: {
            steps: [
              'Give it as many partitions as consumers shall work at once, 6 for instance.',
              'Records of a key may move to another partition: let consumers catch up first where order matters.',
            ],
            action: {
              description: `Give ${topic.name} 6 partitions. They cannot be taken away again.`,
              ...{ method: 'PATCH', path: pathOf('topics', topic.name), body: { partitions: 6 } },
              reversible: false,
            },
          },
        }
      }
    },
  },
  {
    id: 'retention-against-growth',
    title: 'A topic will need more disk than there is',
    area: 'topics',
    severity: 'important',
    looksAt: 'Topics whose growth, kept for their retention, takes more than 80 % of the capacity.',
    verify: 'Growth times retention of the topic is less than the capacity.',
    *inspect({ readings, topics, configs, disk, windowMs }) {
      const capacity = capacityOf(disk)
      if (capacity === null) return
      const growth = sumsBy(readings.bytesIn, 'topic')
      for (const topic of usersOf(topics)) {
        const keptMs = retentionMs(topic, configs)
        const keptBytes = retentionBytes(topic, configs)
        const perMs = (growth.get(topic.name) ?? 0) / windowMs
        if (keptMs === null || perMs === 0 || !deletesOldRecords(topic, configs)) continue
        const byTime = perMs * keptMs
        const needed = keptBytes === null ? byTime : Math.min(byTime, keptBytes * topic.partitions)
        if (needed <= capacity * 0.8) continue
        const fits = Math.max(60_000, Math.floor((capacity * 0.5) / perMs / 60_000) * 60_000)
        yield {
          resource: ofTopic(topic.name),
          summary: `${topic.name} grows by ${bytes(perMs * 3_600_000)} an hour and keeps ${duration(keptMs)}: that will be ${bytes(needed)}, and the disk has ${bytes(capacity)}.`,
          facts: [
            fact('growthPerHour', perMs * 3_600_000, 'bytes'),
            fact('retentionMs', keptMs, 'ms'),
            fact('neededBytes', needed, 'bytes'),
            fact('capacityBytes', capacity, 'bytes'),
          ],
          chart: {
            ...{ title: `Bytes into ${topic.name}`, unit: 'bytes', reading: 'bytesIn' },
            labels: { topic: topic.name },
          },
          cause: 'Traffic has grown, or the retention was chosen without it.',
          remedy: {
            steps: [
              `Keep records for ${duration(fits)} only, or set retention.bytes.`,
              'Let producers compress; it is often a quarter of the bytes.',
              'Or give the broker a larger disk.',
            ],
            action: {
              description: `Keep records of ${topic.name} for ${duration(fits)}. Older ones go.`,
              ...{ method: 'PATCH', path: pathOf('topics', topic.name), reversible: false },
              body: { configs: { 'retention.ms': String(fits) } },
            },
          },
        }
      }
    },
  },
  {
    id: 'oversized-messages',
    title: 'Messages are very large',
    area: 'topics',
    severity: 'advice',
    looksAt: `Topics whose records are larger than ${bytes(LARGE_RECORD_BYTES)} on average.`,
    verify: 'Bytes for each record of the topic go down.',
    *inspect({ readings }) {
      const sent = sumsBy(readings.bytesIn, 'topic')
      for (const [topic, records] of sumsBy(readings.messagesIn, 'topic')) {
        const each = (sent.get(topic) ?? 0) / records
        if (records < 1 || !(each > LARGE_RECORD_BYTES)) continue
        yield {
          resource: ofTopic(topic),
          summary: `Records of ${topic} have ${bytes(each)} on average.`,
          facts: [fact('bytesPerRecord', each, 'bytes'), fact('records', records)],
          chart: {
            ...{ title: `Bytes into ${topic}`, unit: 'bytes', reading: 'bytesIn' },
            labels: { topic },
          },
          cause: 'Files, images or whole documents are sent as records.',
          remedy: {
            steps: [
              'Keep the content in an object store and send its address and checksum.',
              'Or split it into parts with a common key; consumers put them together.',
              'At least compress: compression.type=zstd.',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'unlimited-retention',
    title: 'A topic keeps everything for ever',
    area: 'topics',
    severity: 'important',
    looksAt:
      'Topics that delete old records by policy but have neither retention.ms nor retention.bytes, and grow.',
    verify: 'The topic has a retention: GET /v1/topics/{topic}.',
    *inspect({ readings, topics, configs }) {
      const bytesIn = sumsBy(readings.bytesIn, 'topic')
      for (const topic of usersOf(topics)) {
        const growth = bytesIn.get(topic.name) ?? 0
        if (growth <= 0 || !deletesOldRecords(topic, configs)) continue
        if (retentionMs(topic, configs) !== null || retentionBytes(topic, configs) !== null)
          continue
        yield {
          resource: ofTopic(topic.name),
          summary: `${topic.name} has no retention and grew by ${bytes(growth)}.`,
          facts: [
            fact('growthBytes', growth, 'bytes'),
            fact('sizeBytes', topic.sizeBytes, 'bytes'),
          ],
          chart: {
            ...{ title: `Bytes into ${topic.name}`, unit: 'bytes', reading: 'bytesIn' },
            labels: { topic: topic.name },
          },
          cause:
            'retention.ms is -1, so nothing is ever deleted; sooner or later the disk is full.',
          remedy: {
            steps: [
              'Keep records for as long as somebody reads them, a week for instance.',
              'If the last value of each key is what counts, use cleanup.policy=compact.',
            ],
            action: {
              description: `Keep records of ${topic.name} for ${duration(WEEK_MS)}. Older ones go.`,
              ...{ method: 'PATCH', path: pathOf('topics', topic.name), reversible: false },
              body: { configs: { 'retention.ms': String(WEEK_MS) } },
            },
          },
        }
      }
    },
  },
  {
    id: 'empty-partitions',
    title: 'A topic has far more partitions than traffic',
    area: 'topics',
    severity: 'advice',
    looksAt: `Topics with at least ${MANY_PARTITIONS} partitions of which fewer than one in ten have any record.`,
    verify: 'The topic was created anew with fewer partitions, or is in use.',
    *inspect({ readings, topics }) {
      const byTopic = Map.groupBy(readings.partitionEnd, ({ labels }) => labels.topic)
      for (const topic of usersOf(topics)) {
        if (topic.partitions < MANY_PARTITIONS) continue
        const used = (byTopic.get(topic.name) ?? []).filter(({ value }) => value > 0).length
        if (used * 10 >= topic.partitions || used === 0) continue
        yield {
          resource: ofTopic(topic.name),
          summary: `${used} of ${topic.partitions} partitions of ${topic.name} have ever had a record.`,
          facts: [fact('partitions', topic.partitions), fact('used', used)],
          chart: null,
          cause: 'Created with many partitions in reserve, or with keys of few values.',
          remedy: {
            steps: [
              'Partitions cannot be taken away: create a topic with fewer and move producers, then consumers.',
              'If keys have few values, partitions beyond their number stay empty.',
            ],
            action: null,
          },
        }
      }
    },
  },
]

import { sumOf } from '../cluster/index.ts'
import { bytes, percent, rounded } from '../inspections/index.ts'
import type { Cause } from './cause.ts'
import { ramp } from './cause.ts'
import { busyBroker, coldReads, fullDisk, heldTopic, heldUp, slowDisk } from './shared-causes.ts'

const MANY_REQUESTS = 300

/** Why it is slow to produce to a topic, or to read it. */
export const TOPIC_CAUSES: readonly Cause<'topic'>[] = [
  {
    id: 'full-disk',
    title: 'The disk takes no records',
    judge: (_, cluster) => fullDisk(cluster),
  },
  {
    id: 'topic-throttled',
    title: 'The topic is held up by its own throttle',
    judge: ({ name }, cluster) => heldTopic(cluster, name),
  },
  {
    id: 'client-throttled',
    title: 'Clients are held up by their quotas',
    judge: (_, cluster) => heldUp(cluster, (quota) => quota !== 'connection_creation_rate'),
  },
  {
    id: 'slow-fsync',
    title: 'The disk is slow to make writes durable',
    judge: ({ name }, cluster) =>
      // Who does not wait for the disk is not slowed by it.
      cluster.topics.find((topic) => topic.name === name)?.configs['glasslog.durability'] === 'os'
        ? null
        : slowDisk(cluster),
  },
  {
    id: 'failing-requests',
    title: 'Requests fail and are tried again',
    judge({ name: topic }, { readings }) {
      const failed = sumOf(readings.failedProduceRequests, { topic })
      const all = Math.max(failed, sumOf(readings.produceRequests, { topic }))
      if (failed < 5 || failed / all < 0.02) return null
      return {
        score: 0.6 + 0.3 * ramp(failed / all, 0.02, 0.3),
        evidence: [`${rounded(failed)} of ${rounded(all)} produce requests failed.`],
        remedy: ['See which error it is: glasslog_response_errors_total by api and error.'],
      }
    },
  },
  {
    id: 'tiny-batches',
    title: 'Producers send records one by one',
    judge({ name: topic }, { readings }) {
      const requests = sumOf(readings.produceRequests, { topic })
      const each = sumOf(readings.messagesIn, { topic }) / Math.max(1, requests)
      if (requests < MANY_REQUESTS || each >= 3) return null
      return {
        score: 0.5 + 0.2 * ramp(3 - each, 0, 2),
        evidence: [`${rounded(requests)} requests carried ${rounded(each)} records each.`],
        remedy: ['Set linger.ms and batch.size in the producers; do not wait for each send.'],
      }
    },
  },
  {
    id: 'hot-partition',
    title: 'One partition takes nearly all of the traffic',
    judge({ name: topic }, { readings, topics }) {
      const own = readings.partitionAppended.filter(({ labels }) => labels.topic === topic)
      const total = sumOf(own)
      const most = Math.max(0, ...own.map(({ value }) => value))
      const partitions = topics.find(({ name }) => name === topic)?.partitions ?? 1
      if (partitions < 2 || total < 1_000 || most / total < 0.75) return null
      return {
        score: 0.58 + 0.15 * ramp(most / total, 0.75, 1),
        evidence: [`${percent(most / total)} of ${rounded(total)} records went to one partition.`],
        remedy: ['Choose keys with more values, or none where order does not matter.'],
      }
    },
  },
  {
    id: 'large-messages',
    title: 'Messages are very large',
    judge({ name: topic }, { readings }) {
      const records = sumOf(readings.messagesIn, { topic })
      const each = sumOf(readings.bytesIn, { topic }) / Math.max(1, records)
      if (records < 1 || each < 300 * 1024) return null
      return {
        score: 0.5 + 0.15 * ramp(each, 300 * 1024, 900 * 1024),
        evidence: [`Records have ${bytes(each)} on average.`],
        remedy: ['Keep the content in an object store and send its address.'],
      }
    },
  },
  {
    id: 'conversion',
    title: 'Messages are converted for old clients',
    judge({ name: topic }, { readings }) {
      const records = sumOf(readings.conversions, { topic })
      if (records < 1_000) return null
      return {
        score: 0.45 + 0.15 * ramp(records, 1_000, 100_000),
        evidence: [`${rounded(records)} records were converted between message formats.`],
        remedy: ['Update clients from before 0.11.'],
      }
    },
  },
  {
    id: 'busy-broker',
    title: 'The broker has no time left',
    judge: (_, cluster) => busyBroker(cluster),
  },
  {
    id: 'cold-reads',
    title: 'Consumers read old records from the disk',
    judge: (_, cluster) =>
      coldReads(
        cluster,
        0.35,
        'Let consumers keep up, or give the machine more memory for its page cache.',
      ),
  },
]

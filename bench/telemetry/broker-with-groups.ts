import { Kafka, logLevel } from 'kafkajs'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/index.ts'
import type { BrokerOn } from '../audit/broker-on.ts'
import { startBrokerOn } from '../audit/broker-on.ts'
import { withConnections } from '../client/connections.ts'
import { ask } from '../client/request.ts'
import { readProcessUsage } from '../measure/process-usage.ts'
import { sleep } from '../run/run-context.ts'

const PARTITIONS = 10
/** Topics that each group has committed offsets of. */
const TOPICS_PER_GROUP = 5
const QUIET_DEADLINE_MS = 60_000

interface Counts {
  readonly topicCount: number
  readonly groupCount: number
}

/** A broker with records in every partition of many topics, and groups that have read half of them; it is at rest. */
export async function startBrokerWithGroups(
  directory: string,
  counts: Counts,
  nodeFlags: readonly string[] = [],
): Promise<BrokerOn> {
  const broker = await startBrokerOn(directory, [], nodeFlags)
  try {
    await fill(broker, counts)
    await untilQuiet(broker.pid)
  } catch (error) {
    await broker.stop()
    throw error
  }
  const { topicCount, groupCount } = counts
  console.log(`${topicCount} topics of ${PARTITIONS} partitions, ${groupCount} groups`)
  return broker
}

async function fill(broker: BrokerOn, { topicCount, groupCount }: Counts): Promise<void> {
  const { host, port } = broker.kafka
  const kafka = new Kafka({ brokers: [`${host}:${port}`], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const names = Array.from({ length: topicCount }, (_, n) => `topic-${n}`)
  for (let n = 0; n < names.length; n += 100) {
    const topics = names.slice(n, n + 100).map((topic) => ({ topic, numPartitions: PARTITIONS }))
    await admin.createTopics({ topics })
  }
  const producer = kafka.producer()
  await producer.connect()
  for (let n = 0; n < names.length; n += 50) {
    const topicMessages = names.slice(n, n + 50).map((topic) => ({
      topic,
      messages: Array.from({ length: PARTITIONS * 2 }, (_, at) => ({
        partition: at % PARTITIONS,
        value: 'a record',
      })),
    }))
    await producer.sendBatch({ topicMessages })
  }
  await producer.disconnect()
  await admin.disconnect()
  await withConnections(broker.kafka, { count: 1, limitMs: 120_000 }, async ([connection]) => {
    for (let group = 0; connection && group < groupCount; group++) {
      const first = group * TOPICS_PER_GROUP
      const own = Array.from(
        { length: TOPICS_PER_GROUP },
        (_, n) => names[(first + n) % names.length] ?? '',
      )
      await ask(
        connection,
        OffsetCommitRequest,
        OffsetCommitResponse,
        2,
        commitOf(`group-${group}`, own),
      )
    }
  })
}

/** One record of each partition read. */
function commitOf(groupId: string, names: readonly string[]) {
  const partitions = Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({
    ...{ partitionIndex, committedOffset: 1, committedMetadata: null },
  }))
  return { groupId, topics: names.map((name) => ({ name, partitions })) }
}

/** What was written goes to ten thousand files first, and that is not what is measured here. */
async function untilQuiet(pid: number): Promise<void> {
  const deadlineMs = performance.now() + QUIET_DEADLINE_MS
  for (let quiet = 0; quiet < 3 && performance.now() < deadlineMs; ) {
    const before = cpuSeconds(pid)
    await sleep(1_000)
    quiet = cpuSeconds(pid) - before < 0.1 ? quiet + 1 : 0
  }
}

function cpuSeconds(pid: number): number {
  return readProcessUsage(pid)?.cpuSeconds ?? 0
}

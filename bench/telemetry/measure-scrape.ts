import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/index.ts'
import type { BrokerOn } from '../audit/broker-on.ts'
import { startBrokerOn } from '../audit/broker-on.ts'
import { withConnections } from '../client/connections.ts'
import { ask } from '../client/request.ts'
import { readProcessUsage } from '../measure/process-usage.ts'

const PARTITIONS = 10
/** Topics that each group has committed offsets of. */
const TOPICS_PER_GROUP = 5
const SCRAPES = 20
const PING_MS = 2
const QUIET_DEADLINE_MS = 60_000
const LOOP_GAPS = new URL('./loop-gaps.ts', import.meta.url).href
/** Memory is looked at once more after that. */
const REST_MS = 15_000

/** `/metrics` of many topics and groups: how long it takes, how long others wait meanwhile, and memory. */
export async function measureScrape(topicCount: number, groupCount: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-bench-'))
  const gapsFile = join(directory, 'loop-gaps')
  // The broker's process takes over what is set here.
  process.env.LOOP_GAPS_FILE = gapsFile
  const broker = await startBrokerOn(join(directory, 'data'), [], ['--import', LOOP_GAPS])
  const longestGap = async (): Promise<number> => {
    process.kill(broker.pid, 'SIGUSR2')
    await sleep(200)
    return Number((await readFile(gapsFile, 'utf8')).trim().split('\n').at(-1))
  }
  try {
    await fill(broker, topicCount, groupCount)
    await untilQuiet(broker.pid)
    console.log(`${topicCount} topics of ${PARTITIONS} partitions, ${groupCount} groups`)
    // The HTTP door is loaded with its first request, and is not what is measured here.
    const idle = await slowestPing(broker, () => sleep(2_000))
    await longestGap()
    await slowestPing(broker, () => sleep(SCRAPES * 200))
    const idleGapMs = await longestGap()
    const beforeBytes = residentBytes(broker.pid)
    const gaps: number[] = []
    const tookMs: number[] = []
    const waits: number[] = []
    let sizeBytes = 0
    for (let n = 0; n < SCRAPES; n++) {
      waits.push(
        await slowestPing(broker, async () => {
          const startedMs = performance.now()
          sizeBytes = await scrape(broker)
          tookMs.push(performance.now() - startedMs)
        }),
      )
      gaps.push(await longestGap())
    }
    const grown = (): string => ((residentBytes(broker.pid) - beforeBytes) / 1e6).toFixed(1)
    const grownAtOnce = grown()
    await sleep(REST_MS)
    const [first = 0, ...others] = tookMs
    console.log(`text ${(sizeBytes / 1e6).toFixed(1)} MB`)
    console.log(`first scrape ${first.toFixed(0)} ms, others ${spread(others)} ms`)
    console.log(
      `another request waits at most: idle ${idle.toFixed(1)} ms, during scrapes ${spread(waits)} ms`,
    )
    console.log(
      `the event loop is held at most: idle ${idleGapMs.toFixed(1)} ms, during scrapes ${spread(gaps)} ms`,
    )
    console.log(
      `resident memory after ${SCRAPES} scrapes: ${grownAtOnce} MB more, after a rest ${grown()} MB`,
    )
  } finally {
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function fill(broker: BrokerOn, topicCount: number, groupCount: number): Promise<void> {
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

async function scrape(broker: BrokerOn): Promise<number> {
  const { body } = await broker.ask('GET /metrics')
  let sizeBytes = 0
  if (body) for await (const piece of body) sizeBytes += piece.length
  return sizeBytes
}

/** The longest that a small request took of those that were sent while `work` was under way. */
async function slowestPing(broker: BrokerOn, work: () => Promise<void>): Promise<number> {
  let isOver = false
  let slowestMs = 0
  const pings = (async () => {
    while (!isOver) {
      const startedMs = performance.now()
      await (await broker.ask('GET /healthz')).text()
      slowestMs = Math.max(slowestMs, performance.now() - startedMs)
      await sleep(PING_MS)
    }
  })()
  await work()
  isOver = true
  await pings
  return slowestMs
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

function residentBytes(pid: number): number {
  return readProcessUsage(pid)?.residentBytes ?? 0
}

function cpuSeconds(pid: number): number {
  return readProcessUsage(pid)?.cpuSeconds ?? 0
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): string =>
    (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)
  return `median ${at(0.5)}, most ${at(1)}`
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

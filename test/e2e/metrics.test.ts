import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listFamilies } from '../../broker/telemetry/index.ts'
import {
  encodeBatch,
  FetchRequest,
  FetchResponse,
  ProduceRequest,
  ProduceResponse,
} from '../../protocol/index.ts'
import type { BrokerProcess } from '../support/broker-process.ts'
import { startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'
import { connectRaw } from '../support/client.ts'

/** Every family of docs/metrics.md is served, and moves when what it counts happens. */

const TOPIC = 'measured'
const GROUP = 'readers'
const RECORDS = 20
const TRIMMED_TO = 5

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let before: Samples
let after: Samples

/** Value by series, as in the text: `name{label="x"}`. */
type Samples = ReadonlyMap<string, number>

async function scrape(accept = 'text/plain'): Promise<string> {
  const response = await fetch(`${broker.adminUrl}/metrics`, { headers: { accept } })
  expect(response.status).toBe(200)
  return response.text()
}

function parse(text: string): Samples {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

/** Sum over the series of a name that carry all of the given labels. */
function sum(samples: Samples, name: string, labels: Record<string, string | number> = {}): number {
  let total = 0
  for (const [series, value] of samples) {
    const isOfName = series === name || series.startsWith(`${name}{`)
    const wanted = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
    if (isOfName && wanted.every((label) => series.includes(label))) total += value
  }
  return total
}

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path, {
    args: ['--override', 'group.initial.rebalance.delay.ms=0'],
  })
  before = parse(await scrape())
  await produceAndConsume()
  after = parse(await scrape())
}, 30_000)

afterAll(async () => {
  await broker?.end('SIGKILL')
  await directory?.remove()
})

/** Twenty records in, half of them consumed and committed, five trimmed; then what goes wrong. */
async function produceAndConsume(): Promise<void> {
  const { host, port } = broker.kafka
  const kafka = new Kafka({ brokers: [`${host}:${port}`], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1 }] })
  const producer = kafka.producer()
  await producer.connect()
  for (let half = 0; half < 2; half++) {
    const messages = Array.from({ length: RECORDS / 2 }, (_, n) => ({ value: `record ${n}` }))
    await producer.send({ topic: TOPIC, messages })
  }
  await producer.disconnect()
  const consumer = kafka.consumer({ groupId: GROUP })
  await consumer.connect()
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true })
  const consumed = Promise.withResolvers<void>()
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      if (message.offset === String(RECORDS - 1)) consumed.resolve()
    },
  })
  await consumed.promise
  await consumer.commitOffsets([{ topic: TOPIC, partition: 0, offset: String(RECORDS / 2) }])
  await admin.fetchTopicOffsets(TOPIC)
  await admin.deleteTopicRecords({
    topic: TOPIC,
    partitions: [{ partition: 0, offset: String(TRIMMED_TO) }],
  })
  await admin.disconnect()
  await misbehave()
}

/** A damaged batch, a fetch and a request of what does not exist, nonsense, and a fetch that stays in flight. */
async function misbehave(): Promise<void> {
  const batch = encodeBatch([{ timestampMs: Date.now(), key: null, value: Buffer.from('damaged') }])
  batch[batch.length - 1] = (batch.at(-1) ?? 0) ^ 1
  const client = await connectRaw(broker.kafka.port)
  await client.send(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    timeoutMs: 1_000,
    topicData: [{ name: TOPIC, partitionData: [{ index: 0, records: batch }] }],
  })
  const fetch = (partition: number) =>
    client.send(FetchRequest, FetchResponse, 11, {
      maxWaitMs: 60_000,
      minBytes: 1_000_000,
      topics: [
        { topic: TOPIC, partitions: [{ partition, fetchOffset: RECORDS, partitionMaxBytes: 1 }] },
      ],
    })
  await fetch(1)
  fetch(0).catch(() => {})
  const stranger = await connectRaw(broker.kafka.port)
  stranger.write(Buffer.from([0, 0, 0, 8, 0x7f, 0xff, 0, 0, 0, 0, 0, 1]))
  await stranger.closed
  const liar = await connectRaw(broker.kafka.port)
  // Metadata v0 that announces more topics than its bytes can hold.
  liar.write(Buffer.from([0, 0, 0, 14, 0, 3, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]))
  await liar.closed
}

describe('/metrics', () => {
  it('serves every family that the docs list', async () => {
    const text = await scrape()
    const missing = listFamilies().filter(
      ({ name, type }) => !text.includes(`# TYPE ${name} ${type}`),
    )
    expect(missing.map(({ name }) => name)).toEqual([])
  })

  it('names for each family a test that names it', async () => {
    const unproved: string[] = []
    for (const { name, movedBy } of listFamilies()) {
      const test = await readFile(join(import.meta.dirname, '../..', movedBy), 'utf8')
      if (!test.includes(name)) unproved.push(`${name}: not in ${movedBy}`)
    }
    expect(unproved).toEqual([])
  })

  it.each([
    ['kafka_server_brokertopicmetrics_messagesin_total', { topic: TOPIC }, RECORDS],
    ['kafka_server_brokertopicmetrics_totalproducerequests_total', { topic: TOPIC }, 3],
    ['kafka_server_brokertopicmetrics_failedproducerequests_total', { topic: TOPIC }, 1],
    ['kafka_server_brokertopicmetrics_failedfetchrequests_total', { topic: TOPIC }, 1],
    ['kafka_topic_partition_oldest_offset', { topic: TOPIC, partition: 0 }, TRIMMED_TO],
    ['glasslog_request_failures_total', { api: 'Metadata' }, 1],
    ['glasslog_connections_closed_total', { reason: 'unknown-api' }, 1],
    ['kafka_topic_partitions', { topic: TOPIC }, 1],
    ['kafka_topic_partition_current_offset', { topic: TOPIC, partition: 0 }, RECORDS],
    ['kafka_consumergroup_members', { consumergroup: GROUP }, 1],
    ['kafka_consumergroup_current_offset', { consumergroup: GROUP, topic: TOPIC }, RECORDS / 2],
    ['kafka_consumergroup_lag', { consumergroup: GROUP, topic: TOPIC, partition: 0 }, RECORDS / 2],
    ['kafka_consumergroup_lag_sum', { consumergroup: GROUP, topic: TOPIC }, RECORDS / 2],
    ['glasslog_request_duration_seconds_count', { api: 'Produce' }, 3],
    ['glasslog_request_duration_seconds_bucket', { api: 'Produce', le: '+Inf' }, 3],
    ['kafka_network_requestmetrics_requests_total', { request: 'Produce' }, 3],
  ])('%s%j is exact', (name, labels, value) => {
    expect(sum(before, name, labels)).toBe(0)
    expect(sum(after, name, labels)).toBe(value)
  })

  it.each([
    ['kafka_server_brokertopicmetrics_bytesin_total', { topic: TOPIC }],
    ['kafka_server_brokertopicmetrics_bytesout_total', { topic: TOPIC }],
    ['kafka_server_brokertopicmetrics_totalfetchrequests_total', { topic: TOPIC }],
    ['kafka_log_log_size', { topic: TOPIC }],
    ['kafka_server_brokertopicmetrics_bytesrejected_total', { topic: TOPIC }],
    ['glasslog_requests_in_flight', {}],
    ['glasslog_connections', {}],
    ['glasslog_request_stage_duration_seconds_count', { stage: 'wait' }],
    ['glasslog_connections_accepted_total', {}],
    ['glasslog_network_received_bytes_total', {}],
    ['glasslog_network_sent_bytes_total', {}],
    ['process_cpu_seconds_total', {}],
  ])('%s%j grows', (name, labels) => {
    expect(sum(after, name, labels)).toBeGreaterThan(sum(before, name, labels))
  })

  it('counts bytes in as they were sent: more than the values, fewer than the network saw', () => {
    const bytesIn = sum(after, 'kafka_server_brokertopicmetrics_bytesin_total', { topic: TOPIC })
    expect(bytesIn).toBeGreaterThan(RECORDS * 'record 0'.length)
    expect(bytesIn).toBeLessThan(sum(after, 'glasslog_network_received_bytes_total'))
  })

  it('speaks OpenMetrics to those who ask for it', async () => {
    const text = await scrape('application/openmetrics-text; version=1.0.0')
    expect(text.endsWith('# EOF\n')).toBe(true)
    expect(text).toContain('# TYPE kafka_server_brokertopicmetrics_messagesin counter\n')
    expect(text).toMatch(
      /^kafka_server_brokertopicmetrics_messagesin_total\{topic="measured"\} 20$/m,
    )
  })
})

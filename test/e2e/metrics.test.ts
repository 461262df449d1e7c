import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listFamilies } from '../../broker/telemetry/index.ts'
import {
  encodeBatch,
  FetchRequest,
  FetchResponse,
  ProduceRequest,
  ProduceResponse,
  toMessageSet,
} from '../../protocol/index.ts'
import type { BrokerProcess } from '../support/broker-process.ts'
import { startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'
import { connectRaw } from '../support/client.ts'

/** Every family of docs/metrics.md is served, and moves when what it counts happens. */

const TOPIC = 'measured'
const STRICT = 'strict'
const OLD = 'old-formats'
const GROUP = 'readers'
const CLIENT = 'measuring'
const RECORDS = 20
const TRIMMED_TO = 5

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let before: Samples
let after: Samples

/** Value by series, as in the text: `name{label="x"}`. */
type Samples = ReadonlyMap<string, number>

async function scrape(accept = 'text/plain', query = ''): Promise<string> {
  const response = await fetch(`${broker.adminUrl}/metrics${query}`, { headers: { accept } })
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

function isThere(samples: Samples, name: string, labels: Record<string, string | number>): boolean {
  const wanted = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
  return [...samples.keys()].some(
    (series) =>
      (series === name || series.startsWith(`${name}{`)) &&
      wanted.every((label) => series.includes(label)),
  )
}

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path, {
    args: [
      ...['--override', 'group.initial.rebalance.delay.ms=0'],
      ...['--metrics-dialects', 'total,persec,kminion'],
    ],
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
  const kafka = new Kafka({
    ...{ clientId: CLIENT, brokers: [`${host}:${port}`], logLevel: logLevel.NOTHING },
  })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({
    topics: [
      { topic: TOPIC, numPartitions: 1 },
      { topic: OLD, numPartitions: 1 },
      {
        topic: STRICT,
        numPartitions: 1,
        configEntries: [{ name: 'min.insync.replicas', value: '2' }],
      },
    ],
  })
  const producer = kafka.producer()
  await producer.connect()
  for (let half = 0; half < 2; half++) {
    const messages = Array.from({ length: RECORDS / 2 }, (_, n) => ({ value: `record ${n}` }))
    const compression = half === 0 ? CompressionTypes.None : CompressionTypes.GZIP
    await producer.send({ topic: TOPIC, messages, compression })
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
  await speakOldFormats()
  await misbehave()
}

/** One record each way in message format 1. */
async function speakOldFormats(): Promise<void> {
  const client = await connectRaw(broker.kafka.port)
  const batch = encodeBatch([{ timestampMs: Date.now(), key: null, value: Buffer.from('old') }])
  const old = toMessageSet([batch], 1, { fromOffset: 0, maxBytes: 10_000 })
  if (old.kind !== 'converted') throw new Error(old.kind)
  const records = Buffer.concat(old.pieces)
  await client.send(ProduceRequest, ProduceResponse, 2, {
    acks: -1,
    timeoutMs: 1_000,
    topicData: [{ name: OLD, partitionData: [{ index: 0, records }] }],
  })
  await client.send(FetchRequest, FetchResponse, 2, {
    maxWaitMs: 0,
    minBytes: 0,
    topics: [
      { topic: OLD, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 9_999 }] },
    ],
  })
  await client.close()
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
    const typeOf = (type: string): string => (type === 'unknown' ? 'untyped' : type)
    const missing = listFamilies().filter(
      ({ name, type }) => !text.includes(`# TYPE ${name} ${typeOf(type)}`),
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
    ['glasslog_request_duration_seconds_count', { api: 'Produce' }, 4],
    ['glasslog_request_duration_seconds_bucket', { api: 'Produce', le: '+Inf' }, 4],
    ['kafka_network_requestmetrics_totaltimems_count', { request: 'Produce' }, 4],
    ['kafka_network_requestmetrics_requestqueuetimems_count', { request: 'Produce' }, 4],
    ['kafka_network_requestmetrics_localtimems_count', { request: 'Produce' }, 4],
    ['kafka_network_requestmetrics_remotetimems_count', { request: 'Produce' }, 4],
    ['kafka_network_requestmetrics_responsesendtimems_count', { request: 'Produce' }, 4],
    ['kafka_network_requestmetrics_throttletimems_count', { request: 'Produce' }, 4],
    ['kafka_network_requestmetrics_requestspersec', { request: 'Produce' }, 4],
    [
      'kafka_network_requestmetrics_errors_total',
      { request: 'Produce', error: 'CORRUPT_MESSAGE' },
      1,
    ],
    ['glasslog_response_errors_total', { api: 'Produce', error: 'CORRUPT_MESSAGE' }, 1],
    ['glasslog_topic_batches_total', { topic: TOPIC, compression: 'none' }, 1],
    ['glasslog_topic_batches_total', { topic: TOPIC, compression: 'gzip' }, 1],
    ['kafka_server_brokertopicmetrics_producemessageconversions_total', { topic: OLD }, 1],
    ['kafka_server_brokertopicmetrics_fetchmessageconversions_total', { topic: OLD }, 1],
    ['kafka_server_brokertopicmetrics_messagesinpersec', { topic: TOPIC }, RECORDS],
    ['kafka_server_brokertopicmetrics_totalproducerequestspersec', { topic: TOPIC }, 3],
    ['kafka_server_brokertopicmetrics_failedproducerequestspersec', { topic: TOPIC }, 1],
    ['kafka_server_brokertopicmetrics_failedfetchrequestspersec', { topic: TOPIC }, 1],
    ['kafka_server_brokertopicmetrics_producemessageconversionspersec', { topic: OLD }, 1],
    ['kafka_server_brokertopicmetrics_fetchmessageconversionspersec', { topic: OLD }, 1],
    ['kafka_log_log_logstartoffset', { topic: TOPIC, partition: 0 }, TRIMMED_TO],
    ['kafka_log_log_logendoffset', { topic: TOPIC, partition: 0 }, RECORDS],
    ['kafka_cluster_partition_underminisr', {}, 1],
    ['kafka_server_replicamanager_underminisrpartitioncount', {}, 1],
    ['kafka_consumergroup_current_offset_sum', { consumergroup: GROUP }, RECORDS / 2],
    ['glasslog_group_members', { group: GROUP }, 1],
    ['glasslog_group_info', { group: GROUP, state: 'Stable', protocol_type: 'consumer' }, 1],
    ['glasslog_group_rebalances_total', { group: GROUP }, 1],
    ['glasslog_group_offset_commits_total', { group: GROUP }, 1],
    ['glasslog_group_tail_latency_seconds_count', { group: GROUP }, 1],
    ['glasslog_groups', { state: 'Stable' }, 1],
    ['kafka_coordinator_group_groupmetadatamanager_numgroups', {}, 1],
    ['kafka_coordinator_group_groupmetadatamanager_numgroupsstable', {}, 1],
    ['kafka_coordinator_group_groupmetadatamanager_numoffsets', {}, 1],
    ['kminion_kafka_topic_info', { topic_name: TOPIC, cleanup_policy: 'delete' }, 1],
    ['kminion_kafka_topic_low_water_mark_sum', { topic_name: TOPIC }, TRIMMED_TO],
    ['kminion_kafka_topic_high_water_mark_sum', { topic_name: TOPIC }, RECORDS],
    ['kminion_kafka_topic_partition_low_water_mark', { topic_name: TOPIC }, TRIMMED_TO],
    ['kminion_kafka_topic_partition_high_water_mark', { topic_name: TOPIC }, RECORDS],
    ['kminion_kafka_consumer_group_info', { group_id: GROUP, state: 'Stable' }, 1],
    ['kminion_kafka_consumer_group_members', { group_id: GROUP }, 1],
    ['kminion_kafka_consumer_group_offset_commits_total', { group_id: GROUP }, 1],
    ['kminion_kafka_consumer_group_topic_offset_sum', { group_id: GROUP }, RECORDS / 2],
    ['kminion_kafka_consumer_group_topic_lag', { group_id: GROUP }, RECORDS / 2],
    ['kminion_kafka_consumer_group_topic_partition_lag', { group_id: GROUP }, RECORDS / 2],
    ['kafka_network_requestmetrics_requests_total', { request: 'Produce', version: 9 }, 1],
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
    ['glasslog_request_bytes_total', { api: 'Produce' }],
    ['glasslog_response_bytes_total', { api: 'Produce' }],
    ['kafka_network_requestchannel_requestqueuesize', {}],
    ['kafka_network_requestmetrics_totaltimems', { request: 'FetchConsumer', quantile: '0.99' }],
    ['kafka_network_requestmetrics_requestqueuetimems', { request: 'Produce', quantile: '0.50' }],
    ['kafka_network_requestmetrics_localtimems', { request: 'Produce', quantile: '0.999' }],
    ['kafka_network_requestmetrics_remotetimems', { request: 'Fetch', quantile: '0.999' }],
    ['kafka_network_requestmetrics_responsesendtimems', { request: 'Produce', quantile: '0.999' }],
    ['kafka_server_brokertopicmetrics_bytesinpersec', { topic: TOPIC }],
    ['kafka_server_brokertopicmetrics_bytesoutpersec', { topic: TOPIC }],
    ['kafka_server_brokertopicmetrics_bytesrejectedpersec', { topic: TOPIC }],
    ['kafka_server_brokertopicmetrics_totalfetchrequestspersec', { topic: TOPIC }],
    ['glasslog_topic_compression_ratio', { topic: TOPIC }],
    ['glasslog_client_software_connections', { software: 'unknown' }],
    ['kafka_cluster_partition_atminisr', { topic: TOPIC }],
    ['kafka_server_replicamanager_atminisrpartitioncount', {}],
    ['kafka_server_replicamanager_partitioncount', {}],
    ['kafka_server_replicamanager_leadercount', {}],
    ['kafka_controller_kafkacontroller_globaltopiccount', {}],
    ['kafka_controller_kafkacontroller_globalpartitioncount', {}],
    ['kafka_server_kafkaserver_linux_disk_write_bytes', {}],
    ['glasslog_listener_connections', { listener: 'PLAINTEXT' }],
    ['kafka_server_socket_server_metrics_connection_count', { listener: 'PLAINTEXT' }],
    ['glasslog_client_connections', { client_id: CLIENT }],
    ['glasslog_client_requests_total', { client_id: CLIENT }],
    ['glasslog_client_received_bytes_total', { client_id: CLIENT }],
    ['glasslog_client_sent_bytes_total', { client_id: CLIENT }],
    ['glasslog_group_last_commit_timestamp_seconds', { group: GROUP }],
    ['glasslog_event_loop_active_seconds_total', {}],
    ['glasslog_scrapes_total', {}],
    ['glasslog_scrape_duration_seconds', {}],
    ['kminion_kafka_broker_log_dir_size_total_bytes', {}],
    ['kminion_kafka_topic_log_dir_size_total_bytes', { topic_name: TOPIC }],
  ])('%s%j grows', (name, labels) => {
    expect(sum(after, name, labels)).toBeGreaterThan(sum(before, name, labels))
  })

  it.each([
    ['kafka_brokers', {}, 1],
    ['kafka_broker_info', { id: 1 }, 1],
    ['kafka_topic_partition_in_sync_replica', { topic: TOPIC }, 1],
    ['kafka_topic_partition_replicas', { topic: TOPIC }, 1],
    ['kafka_topic_partition_leader', { topic: TOPIC }, 1],
    ['kafka_topic_partition_leader_is_preferred', { topic: TOPIC }, 1],
    ['kafka_topic_partition_under_replicated_partition', {}, 0],
    ['kafka_cluster_partition_replicascount', { topic: TOPIC }, 1],
    ['kafka_cluster_partition_insyncreplicascount', { topic: TOPIC }, 1],
    ['kafka_cluster_partition_underreplicated', {}, 0],
    ['kafka_server_replicamanager_underreplicatedpartitions', {}, 0],
    ['kafka_server_replicamanager_isrshrinks_total', {}, 0],
    ['kafka_server_replicamanager_isrexpands_total', {}, 0],
    ['kafka_server_replicamanager_isrshrinkspersec', {}, 0],
    ['kafka_server_replicamanager_isrexpandspersec', {}, 0],
    ['kafka_controller_kafkacontroller_activecontrollercount', {}, 1],
    ['kafka_controller_kafkacontroller_activebrokercount', {}, 1],
    ['kafka_controller_kafkacontroller_fencedbrokercount', {}, 0],
    ['kafka_controller_kafkacontroller_preferredreplicaimbalancecount', {}, 0],
    ['kafka_controller_controllerstats_uncleanleaderelections_total', {}, 0],
    ['kafka_controller_controllerstats_uncleanleaderelectionspersec', {}, 0],
    ['kafka_server_kafkaserver_brokerstate', {}, 3],
    ['kafka_log_logmanager_offlinelogdirectorycount', {}, 0],
    ['kafka_network_requestchannel_responsequeuesize', {}, 0],
    ['glasslog_build_info', {}, 1],
    ['kminion_kafka_broker_info', { broker_id: 1, is_controller: 'true' }, 1],
    ['kminion_kafka_cluster_info', { broker_count: 1 }, 1],
  ])('%s%j is what it is on one broker', (name, labels, value) => {
    const family = listFamilies().find((each) => each.name === name)
    expect(family?.constant).toBeTypeOf('string')
    expect(isThere(after, name, labels)).toBe(true)
    expect(sum(after, name, labels)).toBe(value)
  })

  it.each([
    'kafka_network_socketserver_networkprocessoravgidle_percent',
    'kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent',
  ])('%s is a share', (name) => {
    expect(sum(after, name)).toBeGreaterThan(0)
    expect(sum(after, name)).toBeLessThan(1)
    expect(sum(after, name)).not.toBe(sum(before, name))
  })

  it('has kafka_server_kafkaserver_linux_disk_read_bytes, however much the page cache had', () => {
    const name = 'kafka_server_kafkaserver_linux_disk_read_bytes'
    expect(sum(after, name)).toBeGreaterThanOrEqual(sum(before, name))
    expect(isThere(after, name, {})).toBe(true)
  })

  it('knows the size of the file system, and what is free of it', () => {
    expect(sum(after, 'glasslog_disk_free_bytes')).toBeGreaterThan(0)
    expect(sum(after, 'glasslog_disk_free_bytes')).toBeLessThan(
      sum(after, 'glasslog_disk_size_bytes'),
    )
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

  it('leaves out what cannot change of a partition for those who want less', async () => {
    const names = (text: string) =>
      new Set([...text.matchAll(/^(\w+)\{[^}]*partition="/gm)].map(([, name]) => name))
    const all = names(await scrape('text/plain', '?constant=true'))
    const less = names(await scrape('text/plain', '?constant=false'))
    expect([...less].filter((name) => !all.has(name))).toEqual([])
    const left = [...all].filter((name) => !less.has(name))
    expect(left).toContain('kafka_topic_partition_leader')
    expect(left).toContain('kafka_cluster_partition_underreplicated')
    expect(left).not.toContain('kafka_topic_partition_current_offset')
    expect(left).not.toContain('kafka_log_log_size')
  })
})

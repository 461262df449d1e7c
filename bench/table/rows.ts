import { startKafka } from '../peers/kafka.ts'
import { fetchKafkaJars } from '../peers/kafka-jars.ts'
import { fetchJars } from '../peers/maven-jars.ts'
import { describeRevision } from '../peers/revision.ts'
import { versions } from '../peers/versions.ts'
import { startGlasslog } from '../target/glasslog.ts'
import { missingRabbitmq, readRabbitmqVersion, startRabbitmq } from './brokers/rabbitmq.ts'
import type { FlushDiskType } from './brokers/rocketmq.ts'
import { startRocketmq } from './brokers/rocketmq.ts'
import { javaClient } from './client/java-client.ts'
import { perfTestClient } from './client/perf-test-client.ts'
import { rawClient } from './client/raw-client.ts'
import { missingOf } from './missing.ts'
import type { Row } from './row.ts'
import { tableVersions } from './table-versions.ts'

const FLUSH_EACH = 'log.flush.interval.messages=1'
const AFTER_SYNC = 'after fdatasync'
const IN_MEMORY = 'from memory, the disk follows'

/** Whoever compiles needs `javac` as well. */
const missingKafkaClient = () => missingOf(['java', 'javac', 'mvn'], fetchKafkaJars)
const missingKafka = () => missingOf(['java', 'mvn'], fetchKafkaJars)

function kafkaClient(settings: readonly string[] = []) {
  return javaClient({
    name: 'KafkaClient',
    description: `Java: kafka-clients ${versions.kafka} with its defaults (acks=all, idempotent, batches of 16 KiB, linger 5 ms), 2 producers, a group of 2 consumers`,
    fetchJars: fetchKafkaJars,
    settings,
  })
}

function rabbitmqJars(): Promise<string> {
  const { rabbitmqClient, rabbitmqStreamClient } = tableVersions
  return fetchJars(`rabbitmq-clients-${rabbitmqClient}-${rabbitmqStreamClient}`, [
    { groupId: 'com.rabbitmq', artifactId: 'amqp-client', version: rabbitmqClient },
    { groupId: 'com.rabbitmq', artifactId: 'stream-client', version: rabbitmqStreamClient },
    { groupId: 'org.slf4j', artifactId: 'slf4j-simple', version: versions.slf4jSimple },
  ])
}

function queueClient(type: 'classic' | 'quorum') {
  return javaClient({
    name: 'RabbitQueueClient',
    description: `Java: amqp-client ${tableVersions.rabbitmqClient}, 2 producers with at most 1,000 unconfirmed each, 2 consumers that prefetch 500 of a queue and acknowledge every 100`,
    fetchJars: rabbitmqJars,
    settings: [`type=${type}`],
  })
}

const streamClient = javaClient({
  name: 'RabbitStreamClient',
  description: `Java: stream-client ${tableVersions.rabbitmqStreamClient} with its defaults (batches of 100, at most 10,000 unconfirmed), 2 threads of producers, 2 of consumers`,
  fetchJars: rabbitmqJars,
})

function rocketmqJars(): Promise<string> {
  const version = tableVersions.rocketmq
  return fetchJars(`rocketmq-${version}`, [
    { groupId: 'org.apache.rocketmq', artifactId: 'rocketmq-broker', version },
    { groupId: 'org.apache.rocketmq', artifactId: 'rocketmq-namesrv', version },
  ])
}

const rocketClient = javaClient({
  name: 'RocketClient',
  description: `Java: rocketmq-client ${tableVersions.rocketmq} with its defaults (one message a request), synchronous sends from 64 threads as in its own benchmark, a group of 2 push consumers`,
  fetchJars: rocketmqJars,
})

const glasslog = {
  broker: 'Glasslog',
  setting: 'default, durable',
  acknowledged: AFTER_SYNC,
  settings: 'all defaults',
  version: describeRevision,
  start: (directory) => startGlasslog(directory),
} as const satisfies Partial<Row>

const kafka = {
  broker: 'Apache Kafka',
  setting: 'default',
  acknowledged: IN_MEMORY,
  settings: 'all defaults',
  version: async () => versions.kafka,
  start: async (directory) => startKafka(directory, await fetchKafkaJars()),
} as const satisfies Partial<Row>

const durableKafka = {
  ...kafka,
  setting: 'durable',
  acknowledged: 'after fsync',
  settings: FLUSH_EACH,
  start: async (directory: string) => startKafka(directory, await fetchKafkaJars(), [FLUSH_EACH]),
} as const satisfies Partial<Row>

const rabbitmq = {
  broker: 'RabbitMQ',
  version: readRabbitmqVersion,
  missing: async () => missingRabbitmq() ?? missingOf(['java', 'javac', 'mvn'], rabbitmqJars),
} as const satisfies Partial<Row>

const amqpQueues = {
  ...rabbitmq,
  start: (directory) => startRabbitmq(directory, 'amqp'),
} as const satisfies Partial<Row>

function rocketmq(flushDiskType: FlushDiskType) {
  return {
    broker: 'RocketMQ',
    client: rocketClient,
    version: async () => tableVersions.rocketmq,
    missing: () => missingOf(['java', 'javac', 'mvn'], rocketmqJars),
    start: async (directory) => startRocketmq(directory, await rocketmqJars(), flushDiskType),
  } as const satisfies Partial<Row>
}

/** Every row, in the order in which they are measured and shown. */
export const rows: readonly Row[] = [
  { ...glasslog, name: 'glasslog', client: kafkaClient(), missing: missingKafkaClient },
  {
    ...glasslog,
    name: 'glasslog-os',
    setting: 'relaxed',
    acknowledged: IN_MEMORY,
    settings: 'topic: glasslog.durability=os',
    client: kafkaClient(['glasslog.durability=os']),
    missing: missingKafkaClient,
  },
  { ...kafka, name: 'kafka', client: kafkaClient(), missing: missingKafkaClient },
  { ...durableKafka, name: 'kafka-flush', client: kafkaClient(), missing: missingKafkaClient },
  {
    ...amqpQueues,
    name: 'rabbitmq-classic',
    setting: 'default',
    acknowledged: 'after the write, synced every few 100 ms',
    settings: 'durable classic queues, persistent messages, publisher confirms',
    client: queueClient('classic'),
  },
  {
    ...amqpQueues,
    name: 'rabbitmq-quorum',
    setting: 'durable',
    acknowledged: 'after fsync',
    settings: 'quorum queues, persistent messages, publisher confirms',
    client: queueClient('quorum'),
  },
  {
    ...rabbitmq,
    name: 'rabbitmq-stream',
    setting: 'default',
    acknowledged: IN_MEMORY,
    settings: 'streams, publisher confirms',
    client: streamClient,
    start: (directory) => startRabbitmq(directory, 'stream'),
  },
  {
    ...rocketmq('ASYNC_FLUSH'),
    name: 'rocketmq',
    setting: 'default',
    acknowledged: IN_MEMORY,
    settings: 'flushDiskType=ASYNC_FLUSH, heap 1 GiB',
  },
  {
    ...rocketmq('SYNC_FLUSH'),
    name: 'rocketmq-flush',
    setting: 'durable',
    acknowledged: 'after fsync',
    settings: 'flushDiskType=SYNC_FLUSH, heap 1 GiB',
  },
  { ...glasslog, name: 'glasslog-raw', client: rawClient, missing: async () => null },
  { ...kafka, name: 'kafka-raw', client: rawClient, missing: missingKafka },
  {
    ...durableKafka,
    name: 'kafka-flush-raw',
    client: rawClient,
    missing: missingKafka,
  },
  {
    ...glasslog,
    name: 'glasslog-perf-test',
    client: perfTestClient,
    missing: missingKafka,
  },
  {
    ...kafka,
    name: 'kafka-perf-test',
    client: perfTestClient,
    missing: missingKafka,
  },
]

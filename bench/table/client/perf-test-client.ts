import type { Address } from '../../client/connections.ts'
import { withConnections } from '../../client/connections.ts'
import { createTopic } from '../../client/topic.ts'
import { fetchKafkaJars } from '../../peers/kafka-jars.ts'
import { parseProducerOutput } from '../../peers/kafka-tools.ts'
import { sleep, startUsage } from '../../run/run-context.ts'
import type { BrokerProcess } from '../../target/broker-process.ts'
import { spawnBroker } from '../../target/broker-process.ts'
import { withTarget } from '../../target/with-target.ts'
import type { RunFigures, TableClient } from './client.ts'

const TOPIC = 'bench-table'
const PARTITIONS = 4
const LIMIT_MS = 30_000
/** Kafka's own scripts give these tools this much. */
const JAVA_FLAGS = ['-Xmx512M', '-server', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
/** Brokers let a new group wait 3 s for its first members; until then the consumer reads nothing. */
const JOIN_MS = 6_000
/** A guess of what two such tools move in a second, so that a run takes about as long as others. */
const MOVED_BYTES_PER_SECOND = 40_000_000
const PRODUCER_SUMMARY = /^.* records sent, .*99\.9th.*$/
const CONSUMER_SUMMARY = /^\d{4}-\d\d-\d\d .*(?:, [\d.]+){6,}$/

/** Kafka's own perf-test tools, writing and reading at once until all records have been moved. */
export const perfTestClient: TableClient = {
  description:
    'perf-test: kafka-producer-perf-test (acks=all) and kafka-consumer-perf-test at once, else with their defaults, no warm-up; reading counts from when writing began',
  prepare: async () => void (await fetchKafkaJars()),
  async run({ address, pid }, recordBytes, { measureMs }): Promise<RunFigures> {
    const jars = await fetchKafkaJars()
    const records = Math.ceil((MOVED_BYTES_PER_SECOND / recordBytes) * (measureMs / 1_000))
    await prepareTopic(address)
    const java = (tool: string, ...args: readonly string[]) =>
      spawnBroker(tool, ['java', ...JAVA_FLAGS, '-cp', `${jars}/*`, tool, ...args])
    const bootstrap = `${address.host}:${address.port}`
    const startProducer = async () => java(...producerArguments(bootstrap, records, recordBytes))
    const startConsumer = async () => java(...consumerArguments(bootstrap, records))
    return withTarget(startConsumer, async (consumer) => {
      await Promise.race([sleep(JOIN_MS), consumer.failed])
      const usage = startUsage(pid)
      return withTarget(startProducer, async (producer) => {
        const [writtenAt, readAt] = await Promise.all([
          summaryOf(producer, PRODUCER_SUMMARY),
          summaryOf(consumer, CONSUMER_SUMMARY),
        ])
        const { brokerCpuSeconds, brokerResidentBytes } = usage()
        const writtenPerSecond = parseProducerOutput(writtenAt.line).recordsPerSecond
        const seconds = records / writtenPerSecond
        const beganMs = writtenAt.atMs - seconds * 1_000
        return {
          writtenPerSecond,
          readPerSecond: (records / (readAt.atMs - beganMs)) * 1_000,
          latencyMs: null,
          brokerCpuSeconds,
          brokerResidentBytes,
          seconds,
        }
      })
    })
  },
}

/** The line that a tool ends with, and when it came. */
async function summaryOf(
  tool: BrokerProcess,
  summary: RegExp,
): Promise<{ readonly line: string; readonly atMs: number }> {
  const [line] = await tool.waitForLine(summary)
  return { line, atMs: performance.now() }
}

function producerArguments(
  bootstrap: string,
  records: number,
  recordBytes: number,
): readonly [tool: string, ...args: readonly string[]] {
  return [
    'org.apache.kafka.tools.ProducerPerformance',
    ...['--topic', TOPIC, '--num-records', `${records}`, '--throughput', '-1'],
    ...['--record-size', `${recordBytes}`],
    ...['--producer-props', `bootstrap.servers=${bootstrap}`, 'acks=all'],
  ]
}

function consumerArguments(
  bootstrap: string,
  records: number,
): readonly [tool: string, ...args: readonly string[]] {
  return [
    'org.apache.kafka.tools.ConsumerPerformance',
    ...['--bootstrap-server', bootstrap, '--topic', TOPIC, '--messages', `${records}`],
    ...['--timeout', `${LIMIT_MS}`],
  ]
}

async function prepareTopic(address: Address): Promise<void> {
  await withConnections(address, { count: 1, limitMs: LIMIT_MS }, async ([connection]) => {
    if (connection) await createTopic(connection, TOPIC, PARTITIONS)
  })
}

import { join } from 'node:path'
import { clientsDir } from '../harness/cache.ts'
import { runOrThrow } from '../harness/child.ts'
import { pythonOf } from '../harness/python.ts'
import type { Step as SharedStep } from '../harness/run-steps.ts'
import type { Tool } from '../harness/toolchains.ts'
import type { Release } from './kafka-tool.ts'
import { kafkaTool, typeInto } from './kafka-tool.ts'
import type { ObservedBroker } from './observed-broker.ts'

/** One client that reports of itself, or one thing that a tool does. Throws when it does not work. */
type Step = SharedStep<ObservedBroker>

const TOPIC = 'reported'
const JAVA: readonly Tool[] = ['java', 'mvn']
const TIMEOUT_MS = 60_000
/** Long enough for some pushes, and for a Java machine on a busy computer. */
const PRODUCE_MS = 8_000
const CONSUME_MS = 8_000
const RELEASES: readonly Release[] = ['tools-3.9', 'tools-4.1']
const SUBSCRIPTION_TOOL = 'org.apache.kafka.tools.ClientMetricsCommand'

const PRODUCER_FAMILIES = ['request_latency_avg_seconds', 'record_queue_time_avg_seconds']
const CONSUMER_FAMILIES = ['fetch_latency_avg_seconds', 'poll_idle_ratio', 'assigned_partitions']

function expectText(output: string, text: string): void {
  if (!output.includes(text)) throw new Error(`${JSON.stringify(text)} is not in: ${output}`)
}

function expectNoText(output: string, text: string): void {
  if (output.includes(text)) throw new Error(`${JSON.stringify(text)} is in: ${output}`)
}

/**
 * What a client reported is on /metrics, and came to the collector with the client's id. Of the
 * standard metrics the consumer of Java 3.9 has no request latency, and librdkafka counts connections
 * from its first push on.
 */
async function expectReported(
  broker: ObservedBroker,
  clientId: string,
  role: 'producer' | 'consumer',
): Promise<void> {
  const labels = { client_id: clientId, role }
  for (const family of role === 'producer' ? PRODUCER_FAMILIES : CONSUMER_FAMILIES) {
    const values = await broker.series(`glasslog_client_${family}`, labels)
    if (values.length === 0) throw new Error(`${clientId} does not report ${family}`)
  }
  const connections = await broker.series('glasslog_client_connections_created_total', labels)
  if (connections.length === 0) throw new Error(`${clientId} does not report its connections`)
  const prefix = `org.apache.kafka.${role}.`
  const deadlineMs = performance.now() + TIMEOUT_MS
  const isThere = (): boolean =>
    broker.collector.metrics.some(
      ({ resource, names }) =>
        resource.client_id === clientId && names.some((name) => name.startsWith(prefix)),
    )
  while (!isThere()) {
    if (performance.now() > deadlineMs) throw new Error(`the collector has nothing of ${clientId}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Everybody is asked for everything, by the oldest tool: the other steps need it. */
const subscribe: Step = {
  client: 'kafka-client-metrics-3.9',
  what: 'subscription to all',
  tools: JAVA,
  async run({ bootstrap }) {
    const tool = (...args: readonly string[]) =>
      kafkaTool('tools-3.9', SUBSCRIPTION_TOOL, bootstrap, ...args)
    await tool('--alter', '--name', 'all', '--metrics', '*', '--interval', '1000')
    const shown = await tool('--describe', '--name', 'all')
    expectText(shown, 'interval.ms=1000')
    expectText(shown, 'metrics=*')
  },
}

const subscriptions = RELEASES.map(
  (release): Step => ({
    client: release.replace('tools', 'kafka-client-metrics'),
    what: 'subscriptions made, listed, deleted',
    tools: JAVA,
    async run({ bootstrap }) {
      const name = `some-${release}`
      const tool = (...args: readonly string[]) =>
        kafkaTool(release, SUBSCRIPTION_TOOL, bootstrap, ...args)
      const match = ['--match', 'client_id=nobody', '--match', 'client_software_name=none']
      await tool('--alter', '--name', name, '--metrics', 'org.apache.kafka.producer.', ...match)
      expectText(await tool('--list'), name)
      const shown = await tool('--describe', '--name', name)
      expectText(shown, 'match=client_id=nobody,client_software_name=none')
      await tool('--delete', '--name', name)
      expectNoText(await tool('--list'), name)
    },
  }),
)

const configs = RELEASES.map(
  (release): Step => ({
    client: release.replace('tools', 'kafka-configs'),
    what: 'client metrics as configurations',
    tools: JAVA,
    async run({ bootstrap }) {
      const name = `configs-${release}`
      const entity = ['--entity-type', 'client-metrics', '--entity-name', name]
      const tool = (...args: readonly string[]) =>
        kafkaTool(release, 'kafka.admin.ConfigCommand', bootstrap, ...args, ...entity)
      await tool('--alter', '--add-config', 'interval.ms=7000,match=[client_id=nobody]')
      const shown = await tool('--describe')
      expectText(shown, 'interval.ms=7000')
      expectText(shown, 'match=client_id=nobody')
      await tool('--alter', '--delete-config', 'interval.ms,match')
      expectNoText(await tool('--describe'), 'interval.ms=7000')
    },
  }),
)

const java = RELEASES.flatMap((release): readonly Step[] => {
  const client = release.replace('tools', 'java')
  return [
    {
      ...{ client, what: 'producer', tools: JAVA },
      async run(broker) {
        const id = `${client}-producer`
        const args = ['--topic', TOPIC, '--producer-property', `client.id=${id}`]
        await typeInto(release, broker.bootstrap, args, PRODUCE_MS)
        await expectReported(broker, id, 'producer')
      },
    },
    {
      ...{ client, what: 'consumer', tools: JAVA },
      async run(broker) {
        const id = `${client}-consumer`
        const properties = ['--consumer-property', `client.id=${id}`, '--group', client]
        const place = ['--topic', TOPIC, '--from-beginning', '--timeout-ms', String(CONSUME_MS)]
        const main = 'org.apache.kafka.tools.consumer.ConsoleConsumer'
        await kafkaTool(release, main, broker.bootstrap, ...place, ...properties)
        await expectReported(broker, id, 'consumer')
      },
    },
  ]
})

/** librdkafka: producer and consumer one after the other. */
const confluent: Step = {
  client: 'confluent-kafka',
  what: 'producer and consumer',
  tools: ['python3'],
  async run(broker) {
    const script = join(clientsDir, 'python', 'client-metrics', 'scenario.py')
    const env = { BOOTSTRAP: broker.bootstrap, TOPIC: 'confluent', CLIENT_ID: 'confluent' }
    await runOrThrow(await pythonOf(), [script], { env, timeoutMs: TIMEOUT_MS })
    await expectReported(broker, 'confluent-producer', 'producer')
    await expectReported(broker, 'confluent-consumer', 'consumer')
  },
}

/** The first is needed by the others. */
export const NEEDED_STEPS = 1
export const steps: readonly Step[] = [subscribe, ...java, confluent, ...subscriptions, ...configs]

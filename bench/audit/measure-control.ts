import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ApiVersionsRequest,
  ApiVersionsResponse,
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../protocol/index.ts'
import { BenchError } from '../client/bench-error.ts'
import { FrameConnection } from '../client/frame-connection.ts'
import { ask } from '../client/request.ts'
import { createTopic } from '../client/topic.ts'
import { Histogram } from '../measure/histogram.ts'
import type { BrokerOn } from './broker-on.ts'
import { startBrokerOn } from './broker-on.ts'

const MAIN = join(import.meta.dirname, '../main.ts')
const TOPIC = 'controlled'
/** All that the broker takes; the producers and the two that measure are among them. */
const MAX_CONNECTIONS = 500
const FREE_FOR_PRODUCERS = 40
const OPERATIONS = 400
/** Time between two operations, or none when the one before took longer. */
const INTERVAL_MS = 20
const SATURATING_SECONDS = 25
const WARM_UP_MS = 4_000

/**
 * How long a control operation takes until its record is durable and it is answered, at either door:
 * on an idle broker, and while produce saturates it and connections are at their limit.
 */
export async function measureControl(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-bench-'))
  const flags = ['--override', `max.connections=${MAX_CONNECTIONS}`]
  const broker = await startBrokerOn(directory, flags)
  const idle: FrameConnection[] = []
  try {
    const connection = await connect(broker)
    await createTopic(connection, TOPIC, 1)
    await measureDoors('warming up', broker, connection)
    await measureDoors('idle', broker, connection)
    while (idle.length < MAX_CONNECTIONS - FREE_FOR_PRODUCERS) idle.push(await connect(broker))
    const load = saturate(broker)
    await sleep(WARM_UP_MS)
    await measureDoors(`saturated, ${idle.length} more connections`, broker, connection)
    await load
    connection.close()
  } finally {
    for (const one of idle) one.close()
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function connect({ kafka }: BrokerOn): Promise<FrameConnection> {
  const connection = await FrameConnection.open(kafka)
  await ask(connection, ApiVersionsRequest, ApiVersionsResponse, 0, {})
  return connection
}

async function measureDoors(
  when: string,
  broker: BrokerOn,
  connection: FrameConnection,
): Promise<void> {
  const value = (number: number): string => String(60_000 + number)
  const overKafka = await latencies(async (number) => {
    const configs = [{ name: 'retention.ms', configOperation: 0, value: value(number) }]
    const [request, response] = [IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse]
    const { responses } = await ask(connection, request, response, 0, {
      resources: [{ resourceType: 2, resourceName: TOPIC, configs }],
      validateOnly: false,
    })
    if (responses[0]?.errorCode !== 0) throw new BenchError('a control operation was refused')
  })
  const overHttp = await latencies(async (number) => {
    const configs = { 'segment.ms': value(number) }
    await (await broker.ask(`PATCH /v1/topics/${TOPIC}`, { configs })).text()
  })
  for (const [door, micros] of [
    ['Kafka', overKafka],
    ['HTTP', overHttp],
  ] as const) {
    const at = (percent: number): string => (micros.percentile(percent) / 1000).toFixed(1)
    console.log(
      `${when.padEnd(40)} ${door.padEnd(6)} p50 ${at(50)} ms, p99 ${at(99)} ms, most ${at(100)} ms`,
    )
  }
}

/** Times operations, one after the other as an administrator gives them. */
async function latencies(operate: (number: number) => Promise<void>): Promise<Histogram> {
  const micros = new Histogram()
  for (let number = 0; number < OPERATIONS; number++) {
    const sentMs = performance.now()
    await operate(number)
    const tookMs = performance.now() - sentMs
    micros.record(tookMs * 1000)
    await sleep(Math.max(0, INTERVAL_MS - tookMs))
  }
  return micros
}

/** The load `produce-1k` by a process of its own. */
async function saturate({ kafka }: BrokerOn): Promise<void> {
  const address = `${kafka.host}:${kafka.port}`
  const seconds = String(SATURATING_SECONDS)
  const words = [MAIN, '--bootstrap', address, '--load', 'produce-1k', '--seconds', seconds]
  const load = spawn(process.execPath, words, { stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = (await once(load, 'close')) as [number | null]
  if (code !== 0) throw new BenchError(`the producers ended with ${code}`)
}

const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs))

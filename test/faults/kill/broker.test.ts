import { afterAll, beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../../kit/index.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../protocol/index.ts'
import type { BrokerProcess } from '../../support/broker-process.ts'
import { startBrokerProcess, temporaryDirectory } from '../../support/broker-process.ts'
import { connectRaw } from '../../support/client.ts'
import { rounds, seed } from '../support/shards.ts'
import type { LoadRun } from './broker-clients.ts'
import { LoadConsumer, LoadProducer, pause } from './broker-clients.ts'

/**
 * The whole broker, started by its command and killed with SIGKILL at random moments while producers
 * and consumers work. In the end every record that was acknowledged is where the answer said, every
 * record of an idempotent producer is there once and in order, no offset is missing, and no consumer
 * ever saw anything else.
 */
const TOPIC = 'killed'
const PARTITIONS = 3

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess | undefined
beforeAll(async () => {
  directory = await temporaryDirectory()
})
afterAll(async () => {
  await broker?.end('SIGKILL')
  await directory.remove()
})

test(`${rounds} rounds of SIGKILL (seed ${seed})`, { timeout: 60_000 * rounds }, async () => {
  const random = seededRandom(seed)
  broker = await startBrokerProcess(directory.path)
  const run: LoadRun = { topic: TOPIC, port: broker.kafka.port, isOver: false, problems: [] }
  await createTopic(run)

  const producers = Array.from({ length: PARTITIONS }, (_, partition) => [
    new LoadProducer(run, random, {
      name: `once-${partition}`,
      partition,
      acks: 'all, idempotent',
    }),
    new LoadProducer(run, random, {
      name: `plain-${partition}`,
      partition,
      acks: partition === 0 ? 'leader' : 'all',
    }),
  ]).flat()
  const consumers = Array.from({ length: PARTITIONS }, (_, i) => new LoadConsumer(run, i))
  const load = Promise.all([
    ...producers.map((producer) => producer.produce()),
    ...consumers.map((consumer) => consumer.consume()),
  ])

  for (let round = 0; round < rounds && run.problems.length === 0; round++) {
    await pause(100 + random.below(1_500))
    await broker.end('SIGKILL')
    broker = await startBrokerProcess(directory.path)
    run.port = broker.kafka.port
  }
  await pause(500)
  run.isOver = true
  await load
  expect(run.problems).toEqual([])

  const logs = await readAll(run)
  expect([...run.problems, ...problemsOf(producers, consumers, logs)]).toEqual([])
  for (const { acknowledged, name } of producers) {
    expect(acknowledged.length, `records of ${name}`).toBeGreaterThan(0)
  }
  const { code } = await broker.end('SIGTERM')
  expect(code).toBe(0)
  broker = undefined
})

async function createTopic(run: LoadRun): Promise<void> {
  const client = await connectRaw(run.port)
  const topic = { name: TOPIC, numPartitions: PARTITIONS, replicationFactor: 1 }
  const response = await client.send(CreateTopicsRequest, CreateTopicsResponse, 4, {
    topics: [{ ...topic, assignments: [], configs: [] }],
    timeoutMs: 30_000,
  })
  await client.close()
  expect(response.topics[0]?.errorCode).toBe(0)
}

/** What a consumer that comes last finds: the value at each offset of each partition. */
async function readAll(run: LoadRun): Promise<string[][]> {
  const client = await connectRaw(run.port)
  const logs: string[][] = []
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const consumer = new LoadConsumer(run, partition)
    while (await consumer.fetchOnce(client)) {}
    logs.push(consumer.seen)
  }
  await client.close()
  return logs
}

function problemsOf(
  producers: readonly LoadProducer[],
  consumers: readonly LoadConsumer[],
  logs: readonly (readonly string[])[],
): string[] {
  const problems: string[] = []
  for (const consumer of consumers) {
    const log = logs[consumer.partition] ?? []
    for (const [offset, value] of consumer.seen.entries()) {
      if (log[offset] === value) continue
      problems.push(`${consumer.partition}@${offset}: a consumer saw ${value}, now ${log[offset]}`)
    }
  }
  for (const producer of producers) {
    const log = logs[producer.partition] ?? []
    for (const { offset, value } of producer.acknowledged) {
      if (log[offset] === value) continue
      problems.push(`${producer.partition}@${offset}: ${value} acknowledged, now ${log[offset]}`)
    }
    const found = log.filter((value) => value.startsWith(`${producer.name}/`))
    problems.push(...orderProblems(producer, found))
  }
  return problems.slice(0, 20)
}

/** An idempotent producer's records are all there, once, in order; another's are in order, with holes. */
function orderProblems(producer: LoadProducer, found: readonly string[]): string[] {
  const numbers = found.map((value) => Number(value.slice(producer.name.length + 1)))
  const misplaced = numbers.findIndex((number, i) => i > 0 && number <= (numbers[i - 1] ?? -1))
  if (misplaced >= 0) {
    return [`${found[misplaced]} follows ${found[misplaced - 1]}: duplicated or reordered`]
  }
  if (producer.isIdempotent && found.length !== producer.sent.length) {
    return [
      `${producer.name}: ${producer.sent.length} sent until acknowledged, ${found.length} found`,
    ]
  }
  return []
}

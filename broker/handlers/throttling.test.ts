import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../../kit/index.ts'
import {
  ApiVersionsRequest,
  ApiVersionsResponse,
  CreatePartitionsRequest,
  CreatePartitionsResponse,
  CreateTopicsRequest,
  CreateTopicsResponse,
  DeleteTopicsRequest,
  DeleteTopicsResponse,
  encodeBatch,
  errors,
  FetchRequest,
  FetchResponse,
  MetadataRequest,
  MetadataResponse,
  ProduceRequest,
  ProduceResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { connectRaw } from '../../test/support/client.ts'
import { record } from '../../test/support/produce.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker, TEST_ACTOR } from '../../test/support/test-broker.ts'
import type { AlterClientQuota, QuotaEntity, QuotaKey } from '../control/index.ts'

let broker: TestBroker
let slow: RawClient
let other: RawClient

beforeEach(async () => {
  broker = await startTestBroker()
  await broker.createTopic('t')
  await broker.createTopic('u')
  slow = await connectRaw(broker.port, { clientId: 'slow' })
  other = await connectRaw(broker.port, { clientId: 'other' })
})
afterEach(async () => {
  await slow.close()
  await other.close()
  await broker.stop()
})

async function setQuota(
  entity: QuotaEntity,
  limits: Readonly<Partial<Record<QuotaKey, number | null>>>,
): Promise<number> {
  const changes = Object.entries(limits).map(([key, value]) => ({ key: key as QuotaKey, value }))
  const command: AlterClientQuota = { kind: 'quota.alter', entity, changes }
  const [outcome] = await broker.services.control.execute([command], TEST_ACTOR)
  expect(outcome?.error).toBe('NONE')
  return outcome?.seq ?? -1
}

async function setTopicQuota(name: string, rates: object): Promise<void> {
  const command = { kind: 'topic.quota.alter', name, ...rates } as const
  const [outcome] = await broker.services.control.execute([command], TEST_ACTOR)
  expect(outcome?.error).toBe('NONE')
}

const SIZE = 10_000
/** What one read of a socket takes at the most. */
const RECEIVE_BYTES = 64 * 1024
const records = (): Buffer => encodeBatch([record('x'.repeat(SIZE))])

const produceBody = (topic: string, acks = -1) => ({
  ...{ acks, timeoutMs: 1000 },
  topicData: [{ name: topic, partitionData: [{ index: 0, records: records() }] }],
})

const produce = (client: RawClient, topic = 't', version = 9) =>
  client.send(ProduceRequest, ProduceResponse, version, produceBody(topic))

const fetch = (client: RawClient, topics: readonly string[] = ['t'], version = 12, offset = 0) =>
  client.send(FetchRequest, FetchResponse, version, {
    ...{ maxWaitMs: 0, minBytes: 1, maxBytes: 1_000_000, forgottenTopicsData: [] },
    topics: topics.map((topic) => ({
      topic,
      partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1_000_000 }],
    })),
  })

type Fetched = Awaited<ReturnType<typeof fetch>>

/** Bytes of records by topic. */
const sizesOf = ({ responses }: Fetched): readonly string[] =>
  responses.map(({ topic, partitions }) => `${topic} ${partitions[0]?.records?.length ?? 0}`)

/** What the broker has read of a connection: they are in the order in which they were made. */
const bytesIn = (index: number): number => [...broker.server.connections()][index]?.bytesIn ?? -1

const ping = (client: RawClient) => client.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})

/** Settled, or still waiting after everything that could happen without time has. */
async function isAnswered(answer: Promise<unknown>): Promise<boolean> {
  let answered = false
  const onAnswer = (): void => {
    answered = true
  }
  // What is never answered ends with its connection, at the end of the test.
  answer.then(onAnswer, () => {})
  for (let turn = 0; turn < 5; turn++) await ping(other)
  return answered
}

describe('a producer that sends more than its quota', () => {
  beforeEach(async () => {
    await setQuota({ clientId: 'slow' }, { producer_byte_rate: 1000 })
  })

  it.each([1, 3, 9, 13])(
    'is answered at once and told for how long to wait (v%i)',
    async (version) => {
      const { topicData } = produceBody('t')
      const topicId = broker.services.control.state.topics.get('t')?.id ?? ''
      const old = version < 3
      const answer = await slow.send(ProduceRequest, ProduceResponse, version, {
        ...{ acks: -1, timeoutMs: 1000 },
        topicData: topicData.map(({ partitionData, name }) => ({
          ...(version >= 13 ? { topicId } : { name }),
          partitionData: old ? [{ index: 0, records: Buffer.alloc(0) }] : partitionData,
        })),
      })
      if (old) return
      // What is over the burst of a second, at 1000 bytes a second.
      expect(answer.throttleTimeMs).toBeGreaterThan(SIZE - 1000)
      expect(answer.throttleTimeMs).toBeLessThan(SIZE - 1000 + 400)
    },
  )

  it('is not read until then but for one look whether it hangs up, and other connections go on', async () => {
    const { throttleTimeMs } = await produce(slow)
    const most = bytesIn(0) + RECEIVE_BYTES
    const next = produce(slow)
    // Far more than a look takes.
    const others = Array.from({ length: 40 }, () => produce(slow))
    for (const answer of others) answer.catch(() => {})
    expect(await isAnswered(next)).toBe(false)
    expect((await produce(other)).throttleTimeMs).toBe(0)
    expect(bytesIn(0)).toBeLessThanOrEqual(most)
    await broker.time.advance(throttleTimeMs - 1)
    expect(await isAnswered(next)).toBe(false)
    expect(bytesIn(0)).toBeLessThanOrEqual(most)
    await broker.time.advance(1)
    expect((await next).responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: 0 })
  })

  it('has its requests that came before held, too', async () => {
    const answers = [produce(slow), produce(slow), produce(slow)]
    const first = await answers[0]
    expect(first?.throttleTimeMs).toBeGreaterThan(0)
    expect(await isAnswered(Promise.race(answers.slice(1)))).toBe(false)
    await broker.time.advance(first?.throttleTimeMs ?? 0)
    expect((await answers[1])?.throttleTimeMs).toBeGreaterThan(SIZE - 100)
    expect(await isAnswered(answers[2] as Promise<unknown>)).toBe(false)
  })

  it('is held without an answer, too (acks=0)', async () => {
    slow.post(ProduceRequest, 9, produceBody('t', 0))
    const next = ping(slow)
    expect(await isAnswered(next)).toBe(false)
    await broker.time.advance(SIZE)
    await next
  })

  it('goes on when its quota is removed, or grows', async () => {
    await produce(slow)
    const next = produce(slow)
    expect(await isAnswered(next)).toBe(false)
    await setQuota({ clientId: 'slow' }, { producer_byte_rate: 1_000_000 })
    // The debt of some 9 kB takes 9 ms at the new rate.
    expect(await isAnswered(next)).toBe(false)
    await broker.time.advance(10)
    const { throttleTimeMs } = await next
    expect(throttleTimeMs).toBeLessThan(20)
    await broker.time.advance(throttleTimeMs)
    await setQuota({ clientId: 'slow' }, { producer_byte_rate: 1 })
    await produce(slow)
    const last = produce(slow)
    expect(await isAnswered(last)).toBe(false)
    await setQuota({ clientId: 'slow' }, { producer_byte_rate: null })
    expect((await last).throttleTimeMs).toBe(0)
  })

  it('goes on when the quota is taken back', async () => {
    const { control } = broker.services
    const seq = await setQuota({ user: 'ANONYMOUS', clientId: 'slow' }, { producer_byte_rate: 10 })
    await produce(slow)
    const next = ping(slow)
    await broker.time.advance(20_000)
    expect(await isAnswered(next)).toBe(false)
    await control.rewind({ undo: [seq] }, TEST_ACTOR, { dryRun: false })
    await next
    const undone = broker.services.quotas.of({ principal: 'User:ANONYMOUS' }, 'slow')
    expect(undone.produced(2000)?.waitMs).toBe(1000)
  })

  it('is answered what it asked when the broker stops', async () => {
    await produce(slow)
    const next = ping(slow)
    await isAnswered(next)
    const reads = bytesIn(0)
    expect(reads).toBeGreaterThan(0)
    await broker.stop()
    await slow.closed
    // It had been read when the hold began.
    await expect(next).resolves.toMatchObject({ errorCode: 0 })
    broker = await startTestBroker()
  })
})

describe('a consumer that takes more than its quota', () => {
  beforeEach(async () => {
    for (let n = 0; n < 5; n++) await produce(other)
    await produce(other, 'u')
    await setQuota({ clientId: 'slow' }, { consumer_byte_rate: 20_000 })
  })

  it.each([1, 4, 7, 12])(
    'is answered with nothing, and told for how long to wait (v%i)',
    async (version) => {
      const first = await fetch(slow, ['t'], version)
      expect(first.throttleTimeMs).toBe(0)
      const [size = 0] = sizesOf(first).map((text) => Number(text.split(' ')[1]))
      // As much as the quota has for the moment, in whole batches.
      expect(size).toBeGreaterThan(0)
      expect(size).toBeLessThanOrEqual(20_000)
      let throttled = await fetch(slow, ['t'], version)
      while (throttled.throttleTimeMs === 0) throttled = await fetch(slow, ['t'], version)
      expect([throttled.errorCode, throttled.responses]).toEqual([0, []])
      expect(throttled.throttleTimeMs).toBeLessThanOrEqual(1000)
      const next = fetch(slow, ['t'], version)
      expect(await isAnswered(next)).toBe(false)
      await broker.time.advance(throttled.throttleTimeMs)
      expect(sizesOf(await next)).not.toEqual([])
    },
  )

  it('keeps its fetch session', async () => {
    const ask = (sessionId: number, sessionEpoch: number, topics: readonly string[]) =>
      slow.send(FetchRequest, FetchResponse, 12, {
        ...{ maxWaitMs: 0, minBytes: 1, sessionId, sessionEpoch, forgottenTopicsData: [] },
        topics: topics.map((topic) => ({
          topic,
          partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }],
        })),
      })
    const { sessionId } = await ask(0, 0, ['t'])
    expect(sessionId).toBeGreaterThan(0)
    for (let epoch = 1, throttles = 0; throttles < 3; epoch++) {
      const answer = await ask(sessionId, epoch, [])
      expect([answer.errorCode, answer.sessionId]).toEqual([0, sessionId])
      if (answer.throttleTimeMs > 0) throttles++
      await broker.time.advance(answer.throttleTimeMs)
    }
  })

  it('gets its rate in the long run', async () => {
    let took = 0
    const fromMs = broker.time.clock.monotonicMs()
    while (broker.time.clock.monotonicMs() - fromMs < 60_000) {
      const answer = await fetch(slow)
      took += sizesOf(answer).reduce((sum, text) => sum + Number(text.split(' ')[1]), 0)
      await broker.time.advance(answer.throttleTimeMs)
    }
    // The burst of a second besides.
    expect(took / 61 / 20_000).toBeCloseTo(1, 1)
  })
})

describe('a topic with a throttle', () => {
  it('holds whoever produces to it', async () => {
    await setTopicQuota('t', { producerByteRate: 1000 })
    expect((await produce(other, 'u')).throttleTimeMs).toBe(0)
    const { throttleTimeMs } = await produce(slow)
    expect(throttleTimeMs).toBeGreaterThan(SIZE - 1000)
    // What one client used up is gone for the other.
    expect((await produce(other)).throttleTimeMs).toBeGreaterThan(throttleTimeMs)
  })

  it('gives a fetch nothing while others in it are read', async () => {
    for (const topic of ['t', 't', 'u']) await produce(other, topic)
    await setTopicQuota('t', { consumerByteRate: 5000 })
    const first = await fetch(slow, ['t', 'u'])
    const [t, u] = sizesOf(first)
    expect(Number(t?.split(' ')[1])).toBeGreaterThan(SIZE)
    const second = await fetch(slow, ['t', 'u'])
    expect(sizesOf(second)).toEqual(['t 0', u])
    expect(second.throttleTimeMs).toBe(0)
    const alone = await fetch(slow, ['t'])
    expect(alone.throttleTimeMs).toBeGreaterThan(1000)
    const next = fetch(slow, ['t'])
    expect(await isAnswered(next)).toBe(false)
    await broker.time.advance(alone.throttleTimeMs)
    expect(Number(sizesOf(await next)[0]?.split(' ')[1])).toBeGreaterThan(SIZE)
  })

  it('goes on without it', async () => {
    await setTopicQuota('t', { producerByteRate: 10 })
    await produce(slow)
    const next = produce(slow)
    expect(await isAnswered(next)).toBe(false)
    await setTopicQuota('t', { producerByteRate: null })
    expect((await next).throttleTimeMs).toBe(0)
  })
})

describe('changes of topics beyond the quota', () => {
  beforeEach(() => setQuota({ clientId: 'slow' }, { controller_mutation_rate: 1 }))

  const create = (names: readonly string[], version: number, numPartitions = 8) =>
    slow.send(CreateTopicsRequest, CreateTopicsResponse, version, {
      ...{ timeoutMs: 1000, validateOnly: false },
      topics: names.map((name) => ({
        ...{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] },
      })),
    })
  const codes = (answer: Awaited<ReturnType<typeof create>>) =>
    answer.topics.map(({ errorCode }) => errorCode)
  const THROTTLED = errors.THROTTLING_QUOTA_EXCEEDED.code

  it('are refused where clients know the error (CreateTopics v6)', async () => {
    const exists = errors.TOPIC_ALREADY_EXISTS.code
    // The burst is of 11: two of eight are taken whole, the third comes while there is a debt.
    const answer = await create(['a', 't', 'b', 'c'], 7)
    expect(codes(answer)).toEqual([0, exists, 0, THROTTLED])
    expect(answer.throttleTimeMs).toBe(5000)
    const { state } = broker.services.control
    expect(['a', 'b', 'c'].map((name) => state.topics.has(name))).toEqual([true, true, false])
    await broker.time.advance(5000)
    expect(codes(await create(['c'], 6))).toEqual([0])
    const { responses, throttleTimeMs } = await slow.send(
      ...[DeleteTopicsRequest, DeleteTopicsResponse, 5, { topicNames: ['c'], timeoutMs: 1000 }],
    )
    expect([responses[0]?.errorCode, throttleTimeMs]).toEqual([THROTTLED, 8000])
    await broker.time.advance(8000)
    const grow = { name: 'c', count: 10, assignments: null }
    const grown = await slow.send(CreatePartitionsRequest, CreatePartitionsResponse, 3, {
      ...{ topics: [grow, { ...grow, name: 'a' }], timeoutMs: 1000, validateOnly: false },
    })
    expect(grown.results.map(({ errorCode }) => errorCode)).toEqual([0, THROTTLED])
  })

  it('are put off when a topic would be created on its first use', async () => {
    await create(['a', 'b'], 7)
    const ask = () =>
      slow.send(MetadataRequest, MetadataResponse, 12, {
        ...{ allowAutoTopicCreation: true, includeTopicAuthorizedOperations: false },
        topics: ['c', 't'].map((name) => ({ name, topicId: ZERO_UUID })),
      })
    const { topics, throttleTimeMs } = await ask()
    expect(topics.map(({ errorCode }) => errorCode)).toEqual([
      errors.UNKNOWN_TOPIC_OR_PARTITION.code,
      0,
    ])
    expect(throttleTimeMs).toBe(5000)
    expect(broker.services.control.state.topics.has('c')).toBe(false)
    await broker.time.advance(5000)
    const again = await ask()
    expect(again.topics.map(({ errorCode }) => errorCode)).toEqual([0, 0])
  })

  it('are told to the history when they are refused', async () => {
    await create(['a', 'b'], 7, 20)
    await broker.time.advance(61_000)
    const { history } = broker.services.control
    const records = await history.read(0, history.nextSeq)
    const refused = records.filter(
      ({ record: { outcome } }) => outcome.code === 'THROTTLING_QUOTA_EXCEEDED',
    )
    expect(refused.map(({ record }) => [record.operation, record.resource.name])).toEqual([
      ['topic.create', 'b'],
    ])
  })

  it('are made where they do not, and the client is held (CreateTopics v5)', async () => {
    const answer = await create(['a', 'b', 'c'], 5)
    expect([codes(answer), answer.throttleTimeMs]).toEqual([[0, 0, 0], 13_000])
    const next = create(['d'], 5)
    expect(await isAnswered(next)).toBe(false)
    await broker.time.advance(13_000)
    expect(codes(await next)).toEqual([0])
  })

  it('cost nothing when they are only tried', async () => {
    for (let n = 0; n < 5; n++) {
      const answer = await slow.send(CreateTopicsRequest, CreateTopicsResponse, 7, {
        ...{ timeoutMs: 1000, validateOnly: true },
        topics: [
          { name: 'a', numPartitions: 9, replicationFactor: 1, assignments: [], configs: [] },
        ],
      })
      expect([answer.topics[0]?.errorCode, answer.throttleTimeMs]).toEqual([0, 0])
    }
  })
})

describe('connections of an address beyond its rate', () => {
  it('are kept waiting, not served, and closed', async () => {
    await setQuota({ ip: '127.0.0.1' }, { connection_creation_rate: 2 })
    const clients = [1, 2, 3].map(() => connectRaw(broker.port))
    const [one, two, three] = await Promise.all(clients)
    await Promise.all([ping(one as RawClient), ping(two as RawClient)])
    const refused = ping(three as RawClient).catch((error: Error) => error.message)
    expect(await isAnswered(refused)).toBe(false)
    await broker.time.advance(500)
    expect(await refused).toBe('connection closed')
    expect(broker.server.stats.closed['too-fast-from-address']).toBe(1)
    const later = await connectRaw(broker.port)
    await ping(later)
    for (const client of [one, two, later]) await client?.close()
  })
})

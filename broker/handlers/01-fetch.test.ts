import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../../kit/index.ts'
import type { Encodable } from '../../protocol/index.ts'
import {
  batchesIn,
  decodeMessageSet,
  decodeRecords,
  encodeBatch,
  encodeEndTransactionMarker,
  errors,
  FetchRequest,
  FetchResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { BatchInput } from '../../test/support/produce.ts'
import { produceValues, record } from '../../test/support/produce.ts'
import type { TestBroker, TestBrokerOptions } from '../../test/support/test-broker.ts'
import { NO_TOPIC_ID, startTestBroker, TEST_ACTOR } from '../../test/support/test-broker.ts'
import type { Topic } from '../control/index.ts'
import type { PartitionLog } from '../log/index.ts'

let broker: TestBroker
/** Reads; `writer` is a connection of its own, so that a waiting fetch holds nothing up. */
let client: RawClient
let writer: RawClient
let topic: Topic

async function start(options: TestBrokerOptions = {}): Promise<void> {
  broker = await startTestBroker(options)
  client = await broker.connect()
  writer = await broker.connect()
  topic = await broker.createTopic('t', { partitions: 4 })
}
beforeEach(() => start())
afterEach(() => broker.stop())

interface Asked {
  readonly partition?: number
  readonly offset?: number
  readonly maxBytes?: number
  readonly leaderEpoch?: number
  readonly name?: string
  readonly topicId?: string
}

type Body = Encodable<typeof FetchRequest>

function bodyOf(version: number, asked: readonly Asked[], options: Partial<Body> = {}): Body {
  return {
    maxWaitMs: 0,
    minBytes: 1,
    forgottenTopicsData: [],
    topics: asked.map(({ partition = 0, offset = 0, maxBytes = 1e6, leaderEpoch, ...place }) => ({
      ...(version >= 13 ? { topicId: place.topicId ?? topic.id } : { topic: place.name ?? 't' }),
      partitions: [
        {
          partition,
          fetchOffset: offset,
          partitionMaxBytes: maxBytes,
          ...(leaderEpoch === undefined ? {} : { currentLeaderEpoch: leaderEpoch }),
        },
      ],
    })),
    ...options,
  }
}

function ask(version: number, asked: readonly Asked[], options: Partial<Body> = {}) {
  return client.send(FetchRequest, FetchResponse, version, bodyOf(version, asked, options))
}

type Answer = Awaited<ReturnType<typeof ask>>

function partitionsOf({ responses }: Answer) {
  return responses.flatMap(({ partitions }) => partitions)
}

async function only(answer: Promise<Answer>) {
  const [first, ...others] = partitionsOf(await answer)
  if (!first || others.length > 0) throw new Error(`${others.length + 1} partitions`)
  return first
}

/** The values of a partition's records, in whatever format they came. */
function valuesOf({ records }: { readonly records: Buffer | null }): string[] {
  if (!records || records.length === 0) return []
  const decoded =
    records[16] === 2
      ? [...batchesIn(records)].flatMap((batch) => [...decodeRecords(batch)])
      : [...decodeMessageSet(records)]
  return decoded.map(({ value }) => value?.toString() ?? '')
}

/** `partition:values` of each partition in an answer. */
function shown(answer: Answer): string[] {
  return partitionsOf(answer).map((each) => `${each.partitionIndex}:${valuesOf(each).join()}`)
}

const produce = (values: readonly string[], options: BatchInput & { partition?: number } = {}) =>
  produceValues(writer, 't', values, options)

function logOf(partition = 0): PartitionLog {
  const log = broker.store.find(topic.id, partition)
  if (!log) throw new Error('no log')
  return log
}

const VERSIONS = Array.from({ length: 19 }, (_, version) => version)

describe('Fetch', () => {
  it.each(VERSIONS)('reads in v%d', async (version) => {
    await produce(['a', 'b'])
    await produce(['c'], { compression: 'gzip' })
    const answer = await ask(version, [{ offset: 0 }])
    expect(answer).toMatchObject({ errorCode: 0, sessionId: 0 })
    expect(answer.responses).toMatchObject([
      version >= 13 ? { topic: '', topicId: topic.id } : { topic: 't', topicId: ZERO_UUID },
    ])
    const [partition] = partitionsOf(answer)
    expect(partition).toMatchObject({
      partitionIndex: 0,
      errorCode: 0,
      highWatermark: 3,
      lastStableOffset: version >= 4 ? 3 : -1,
      logStartOffset: version >= 5 ? 0 : -1,
      preferredReadReplica: -1,
    })
    expect(partition?.records?.[16]).toBe(version >= 4 ? 2 : version >= 2 ? 1 : 0)
    expect(partition && valuesOf(partition)).toEqual(['a', 'b', 'c'])
  })

  it.each([0, 3, 4, 18])('answers an empty partition with no bytes in v%d', async (version) => {
    expect((await only(ask(version, [{}]))).records).toHaveLength(0)
  })

  it('begins with the batch that contains the offset', async () => {
    await produce(['a', 'b', 'c'])
    await produce(['d'])
    expect(valuesOf(await only(ask(12, [{ offset: 2 }])))).toEqual(['a', 'b', 'c', 'd'])
    expect(valuesOf(await only(ask(12, [{ offset: 3 }])))).toEqual(['d'])
    expect(valuesOf(await only(ask(2, [{ offset: 2 }])))).toEqual(['c', 'd'])
  })

  it('answers aborted transactions to read_committed only', async () => {
    await produce(['a'])
    expect((await only(ask(4, [{}], { isolationLevel: 0 }))).abortedTransactions).toBeNull()
    expect((await only(ask(4, [{}], { isolationLevel: 1 }))).abortedTransactions).toEqual([])
  })

  it('shows read_committed no more than is decided, and which transactions were aborted', async () => {
    const producer = { id: 5n, epoch: 0, baseSequence: 0 }
    const append = (batch: Buffer) =>
      broker.store.append([{ log: logOf(), batch }], { acks: 'durable' })
    await produce(['before'])
    await append(encodeBatch([record('aborted')], { producer, isTransactional: true }))
    await produce(['behind'])
    const open = await only(ask(12, [{}], { isolationLevel: 1 }))
    expect(open).toMatchObject({ highWatermark: 3, lastStableOffset: 1, abortedTransactions: [] })
    expect(valuesOf(open)).toEqual(['before'])
    expect(valuesOf(await only(ask(12, [{}])))).toEqual(['before', 'aborted', 'behind'])

    const end = { kind: 'abort', coordinatorEpoch: 0 } as const
    await append(encodeEndTransactionMarker(end, { id: 5n, epoch: 0 }, 0))
    const decided = await only(ask(12, [{}], { isolationLevel: 1 }))
    expect(decided).toMatchObject({
      lastStableOffset: 4,
      abortedTransactions: [{ producerId: 5n, firstOffset: 1 }],
    })
  })

  it('accepts a rack id', async () => {
    await produce(['a'])
    expect(valuesOf(await only(ask(11, [{}], { rackId: 'somewhere' })))).toEqual(['a'])
  })

  it('reads the history like any other topic', async () => {
    const partition = await only(ask(12, [{ name: '__audit' }]))
    expect(valuesOf(partition).join()).toContain('topic.create')
  })

  it('counts what goes out by topic', async () => {
    await produce(['a'])
    const { records } = await only(ask(12, [{}]))
    await ask(12, [{ partition: 9 }])
    expect(broker.services.traffic.of(topic.id)).toMatchObject({
      bytesOut: records?.length,
      fetchRequests: 2,
      failedFetchRequests: 1,
    })
  })

  it.each([2, 12])(
    'gives memory back once the socket has taken the records, in v%d',
    async (version) => {
      await produce(['x'.repeat(100_000)])
      for (let i = 0; i < 20; i++) await ask(version, [{}])
      await client.close()
      while (broker.server.stats.openConnections > 1) await new Promise(setImmediate)
      expect(broker.services.fetchMemory.usedBytes).toBe(0)
    },
  )

  it('gives less while much is on its way to slow clients, and a batch at least', async () => {
    await broker.stop()
    await start({ fetchMemoryBytes: 2_000_000 })
    for (let i = 0; i < 8; i++) await produce(['x'.repeat(100_000)])
    const size = async () => (await only(ask(12, [{ maxBytes: 1e6 }]))).records?.length ?? 0
    expect(await size()).toBeGreaterThan(400_000)
    const { fetchMemory } = broker.services
    const taken = fetchMemory.take(500_000) + fetchMemory.take(400_000) + fetchMemory.take(300_000)
    expect(await size()).toBeLessThan(300_000)
    expect(await size()).toBeGreaterThan(100_000)
    fetchMemory.give(taken)
    expect(await size()).toBeGreaterThan(400_000)
  })
})

describe('limits of bytes', () => {
  beforeEach(async () => {
    for (const partition of [0, 1, 2]) {
      for (const value of ['a', 'b']) await produce([value.repeat(1000)], { partition })
    }
  })
  const sizes = (answer: Answer) => partitionsOf(answer).map(({ records }) => records?.length ?? 0)
  const three = [{ partition: 0 }, { partition: 1 }, { partition: 2 }]

  it('bounds each partition, in whole batches', async () => {
    const [batchBytes] = sizes(await ask(12, [{ maxBytes: 1 }]))
    const asked = three.map((each) => ({ ...each, maxBytes: (batchBytes ?? 0) + 500 }))
    expect(sizes(await ask(12, asked))).toEqual([batchBytes, batchBytes, batchBytes])
  })

  it('gives one batch at least, however small the limits, once per request', async () => {
    const [batchBytes] = sizes(await ask(12, [{ maxBytes: 1 }]))
    expect(batchBytes).toBeGreaterThan(1000)
    expect(sizes(await ask(12, three, { maxBytes: 1 }))).toEqual([batchBytes, 0, 0])
    const tiny = three.map((each) => ({ ...each, maxBytes: 0 }))
    expect(sizes(await ask(12, tiny))).toEqual([batchBytes, 0, 0])
    expect(sizes(await ask(2, tiny))[0]).toBeGreaterThan(1000)
  })

  it('spends the bytes of the request in the order of its partitions', async () => {
    const [whole] = sizes(await ask(12, [{ partition: 2 }]))
    const reversed = [...three].reverse()
    const answer = await ask(12, reversed, { maxBytes: (whole ?? 0) + 1 })
    expect(partitionsOf(answer).map(({ partitionIndex }) => partitionIndex)).toEqual([2, 1, 0])
    expect(sizes(answer)).toEqual([whole, 0, 0])
  })

  it('gives no more than fetch.max.bytes', async () => {
    await broker.stop()
    await start({ configs: { 'fetch.max.bytes': '1024' } })
    for (const partition of [0, 1, 2]) await produce(['x'.repeat(1000)], { partition })
    const [first, ...others] = sizes(await ask(12, three))
    expect(first).toBeGreaterThan(1000)
    expect(others).toEqual([0, 0])
  })
})

describe('errors of a partition', () => {
  it.each([
    ['an unknown topic', 12, { name: 'no' }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['an unknown topic id', 13, { topicId: NO_TOPIC_ID }, 'UNKNOWN_TOPIC_ID'],
    ['an unknown partition', 12, { partition: 4 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['a negative partition', 12, { partition: -1 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['an offset beyond the end', 12, { offset: 2 }, 'OFFSET_OUT_OF_RANGE'],
    ['a negative offset', 12, { offset: -1 }, 'OFFSET_OUT_OF_RANGE'],
  ] as const)('%s fails alone', async (_, version, asked, error) => {
    await produce(['a'])
    await produce(['b'], { partition: 1 })
    const [bad, good] = partitionsOf(await ask(version, [asked, { partition: 1 }]))
    expect(bad).toMatchObject({ errorCode: errors[error].code, highWatermark: -1 })
    expect(bad?.records).toHaveLength(0)
    expect(good && valuesOf(good)).toEqual(['b'])
  })

  it('is OFFSET_OUT_OF_RANGE below the start of the log', async () => {
    await produce(['a'])
    await produce(['b'])
    await broker.store.trim(logOf(), 1)
    const { errorCode } = await only(ask(12, [{ offset: 0 }]))
    expect(errorCode).toBe(errors.OFFSET_OUT_OF_RANGE.code)
    expect(valuesOf(await only(ask(12, [{ offset: 1 }])))).toEqual(['b'])
  })

  it.each([
    [0, 'FENCED_LEADER_EPOCH'],
    [1, 'NONE'],
    [2, 'UNKNOWN_LEADER_EPOCH'],
  ] as const)(
    'compares leader epoch %d with 1, that of the second start: %s',
    async (leaderEpoch, error) => {
      await produce(['a'])
      await broker.stop()
      broker = await startTestBroker({ disk: broker.disk })
      client = await broker.connect()
      expect(logOf().leaderEpoch).toBe(1)

      // The other partition has nothing to read, and is not waited for when there is an error to tell.
      const asked = [{ leaderEpoch }, { partition: 1 }]
      const answer = await ask(16, asked, { maxWaitMs: 60_000 })
      const [partition] = partitionsOf(answer)
      const isFenced = error === 'FENCED_LEADER_EPOCH'
      expect(partition).toMatchObject({
        errorCode: errors[error].code,
        currentLeader: isFenced
          ? { leaderId: 1, leaderEpoch: 1 }
          : { leaderId: -1, leaderEpoch: -1 },
      })
      expect(answer.nodeEndpoints).toEqual(
        isFenced ? [{ nodeId: 1, host: '127.0.0.1', port: broker.port, rack: 'rack-1' }] : [],
      )
    },
  )

  it.each([
    [12, { replicaId: 2 }],
    [15, { replicaState: { replicaId: 2, replicaEpoch: 1n } }],
  ] as const)('refuses who says it is a replica in v%d', async (version, options) => {
    await produce(['a'])
    const partition = await only(ask(version, [{}], { ...options, maxWaitMs: 60_000 }))
    expect(partition.errorCode).toBe(errors.TOPIC_AUTHORIZATION_FAILED.code)
    expect(partition.records).toHaveLength(0)
  })

  it.each([4, 9])('is UNSUPPORTED_COMPRESSION_TYPE for zstd in v%d', async (version) => {
    await produce(['a'], { compression: 'zstd' })
    const { errorCode } = await only(ask(version, [{}]))
    expect(errorCode).toBe(errors.UNSUPPORTED_COMPRESSION_TYPE.code)
    expect(valuesOf(await only(ask(10, [{}])))).toEqual(['a'])
  })
})

it('leads clients before v4 past batches that they cannot be shown, and waits behind them', async () => {
  const marker = (epoch: number) =>
    encodeEndTransactionMarker(
      { kind: 'commit', coordinatorEpoch: 0 },
      { id: 1n, epoch },
      broker.time.clock.now(),
    )
  for (const epoch of [0, 1, 2]) {
    await broker.store.append([{ log: logOf(), batch: marker(epoch) }], { acks: 'durable' })
  }
  // Each reading has room for one batch only.
  const answer = ask(1, [{ offset: 0, maxBytes: 1 }], { maxWaitMs: 60_000 })
  const stats = broker.server.stats.apis.get(1)
  while (stats?.queue.count !== 1) await new Promise((resolve) => setImmediate(resolve))
  await broker.time.settle()
  expect(broker.server.stats.requestsInFlight).toBe(1)
  await produce(['a'])
  expect(shown(await answer)).toEqual(['0:a'])
})

it('a wait ends at once when the topic that it waits for is deleted', async () => {
  const waits = [
    [12, errors.UNKNOWN_TOPIC_OR_PARTITION],
    [16, errors.UNKNOWN_TOPIC_ID],
  ] as const
  const stats = broker.server.stats.apis.get(1)
  for (const [index, [version, error]] of waits.entries()) {
    const answer = ask(version, [{ offset: 0 }], { maxWaitMs: 3_600_000 })
    while (stats?.queue.count !== index + 1) await new Promise((resolve) => setImmediate(resolve))
    await broker.time.settle()
    await broker.services.control.execute([{ kind: 'topic.delete', name: 't' }], TEST_ACTOR)
    expect((await only(answer)).errorCode).toBe(error.code)
    await broker.services.control.execute([{ kind: 'topic.restore', name: 't' }], TEST_ACTOR)
  }
})

describe('a partition that cannot be read', () => {
  it.each([
    [5, 'NOT_LEADER_OR_FOLLOWER'],
    [6, 'KAFKA_STORAGE_ERROR'],
  ] as const)(
    'fails alone, in v%d with %s, and is read again when it can be',
    async (version, error) => {
      await produce(['a'], { partition: 0 })
      await produce(['b'], { partition: 1 })
      // What was written before a start lies in segments.
      await broker.stop()
      broker = await startTestBroker({ disk: broker.disk })
      client = await broker.connect()
      const asked = [{ partition: 0 }, { partition: 1 }]
      broker.disk.plan = ({ kind, path }) =>
        kind === 'read' && isOfPartition(path, 0)
          ? { kind: 'error', code: 'EIO' }
          : { kind: 'proceed' }
      const [bad, good] = partitionsOf(await ask(version, asked, { maxWaitMs: 60_000 }))
      expect(bad?.errorCode).toBe(errors[error].code)
      expect(good && valuesOf(good)).toEqual(['b'])
      broker.disk.plan = () => ({ kind: 'proceed' })
      expect(shown(await ask(version, asked))).toEqual(['0:a', '1:b'])
    },
  )

  const isOfPartition = (path: string, partition: number) =>
    path.includes(topic.id) && path.split('/').includes(String(partition))
})

/** Resolves when a Fetch waits; there is no event for it, so the counters are watched. */
async function untilWaiting(count = 1): Promise<void> {
  const stats = broker.server.stats.apis.get(1)
  while ((stats?.queue.count ?? 0) - (stats?.wait.count ?? 0) < count) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('waiting', () => {
  it('ends when records come, and not before', async () => {
    const log: string[] = []
    const answer = ask(12, [{ partition: 0 }, { partition: 1 }], { maxWaitMs: 60_000 })
    const noted = answer.then(() => log.push('answered'))
    await untilWaiting()
    await produce(['elsewhere'], { partition: 3 })
    log.push('produced elsewhere')
    await produce(['a'], { partition: 1 })
    await noted
    expect(log[0]).toBe('produced elsewhere')
    expect(shown(await answer)).toEqual(['0:', '1:a'])
    expect(broker.time.pendingTimers).toBeLessThan(20)
  })

  it('ends when the time is over, with what there is', async () => {
    const answer = ask(12, [{}], { maxWaitMs: 500 })
    await untilWaiting()
    await broker.time.advance(499)
    expect(broker.server.stats.requestsInFlight).toBe(1)
    await broker.time.advance(1)
    expect(shown(await answer)).toEqual(['0:'])
  })

  it('waits for as many bytes as were asked for', async () => {
    const answer = ask(12, [{ partition: 0 }, { partition: 1 }], {
      maxWaitMs: 60_000,
      minBytes: 300,
    })
    await untilWaiting()
    await produce(['a'.repeat(100)], { partition: 0 })
    expect(broker.server.stats.requestsInFlight).toBe(1)
    await produce(['b'.repeat(100)], { partition: 1 })
    expect(shown(await answer)).toEqual([`0:${'a'.repeat(100)}`, `1:${'b'.repeat(100)}`])
  })

  it('does not wait for more bytes than may be given', async () => {
    await produce(['a'])
    const answer = await ask(12, [{}], { maxWaitMs: 60_000, minBytes: 1e6, maxBytes: 10 })
    expect(shown(answer)).toEqual(['0:a'])
  })

  it('does not wait for bytes that the next batch has, but for which there is no room', async () => {
    await produce(['a'.repeat(600)])
    await produce(['b'.repeat(600)])
    const answer = await ask(12, [{}], { maxWaitMs: 60_000, minBytes: 1000, maxBytes: 1000 })
    expect(shown(answer)).toEqual([`0:${'a'.repeat(600)}`])
  })

  it('does not wait when a partition has an error to tell', async () => {
    const asked = [{ partition: 0 }, { partition: 1, offset: 77 }]
    const [, bad] = partitionsOf(await ask(12, asked, { maxWaitMs: 60_000 }))
    expect(bad?.errorCode).toBe(errors.OFFSET_OUT_OF_RANGE.code)
  })

  it('waits although it does not know one of the partitions', async () => {
    const answer = ask(12, [{ partition: 0 }, { name: 'no' }], { maxWaitMs: 500 })
    await untilWaiting()
    await broker.time.advance(500)
    const codes = partitionsOf(await answer).map(({ errorCode }) => errorCode)
    expect(codes).toEqual([0, errors.UNKNOWN_TOPIC_OR_PARTITION.code])
  })

  it('does not wait when it knows none of the partitions, or none was asked for', async () => {
    const unknown = await only(ask(12, [{ name: 'no' }], { maxWaitMs: 60_000 }))
    expect(unknown.errorCode).toBe(errors.UNKNOWN_TOPIC_OR_PARTITION.code)
    expect(partitionsOf(await ask(12, [], { maxWaitMs: 60_000 }))).toEqual([])
  })

  it('ends when the topic is deleted', async () => {
    const answer = only(ask(12, [{}], { maxWaitMs: 60_000 }))
    await untilWaiting()
    await broker.store.drop(topic.id)
    expect((await answer).errorCode).toBe(errors.UNKNOWN_TOPIC_OR_PARTITION.code)
  })

  it('ends when the client hangs up, and leaves nothing behind', async () => {
    const timersBefore = broker.time.pendingTimers
    const answer = ask(12, [{}], { maxWaitMs: 60_000 })
    await untilWaiting()
    client.end()
    expect(shown(await answer)).toEqual(['0:'])
    await client.closed
    expect(broker.time.pendingTimers).toBe(timersBefore)
    expect(broker.server.stats.requestsInFlight).toBe(0)
  })

  it('wakes every one of many that wait', async () => {
    const others = await Promise.all(Array.from({ length: 20 }, () => broker.connect()))
    const answers = others.map((other) =>
      other.send(FetchRequest, FetchResponse, 12, bodyOf(12, [{}], { maxWaitMs: 60_000 })),
    )
    await untilWaiting(20)
    await produce(['a'])
    for (const answer of await Promise.all(answers)) expect(shown(answer)).toEqual(['0:a'])
  })
})

describe('sessions', () => {
  const all = [0, 1, 2, 3].map((partition) => ({ partition }))
  const open = async (version = 12, asked: readonly Asked[] = all) =>
    ask(version, asked, { sessionId: 0, sessionEpoch: 0 })

  it.each([7, 12, 13, 18])(
    'answers in v%d only with partitions that have news',
    async (version) => {
      await produce(['a'], { partition: 1 })
      const { sessionId, ...full } = await open(version)
      expect(sessionId).not.toBe(0)
      expect(shown({ ...full, sessionId })).toEqual(['0:', '1:a', '2:', '3:'])
      const go = (epoch: number, asked: readonly Asked[] = [], options: Partial<Body> = {}) =>
        ask(version, asked, { sessionId, sessionEpoch: epoch, ...options })

      // The client has read partition 1, and says so.
      expect(shown(await go(1, [{ partition: 1, offset: 1 }]))).toEqual([])
      await produce(['b'], { partition: 2 })
      await produce(['c'], { partition: 0 })
      expect(shown(await go(2))).toEqual(['0:c', '2:b'])
      // What returned records is read after the others from now on.
      await produce(['d'], { partition: 1 })
      expect(shown(await go(3))).toEqual(['1:d', '0:c', '2:b'])
    },
  )

  it('tells a moved start of the log', async () => {
    await produce(['a'])
    const { sessionId } = await open(12, [{ partition: 0, offset: 1 }])
    await broker.store.trim(logOf(), 1)
    const answer = await ask(12, [], { sessionId, sessionEpoch: 1 })
    expect(partitionsOf(answer)).toMatchObject([{ partitionIndex: 0, logStartOffset: 1 }])
  })

  it('tells that a partition has grown, also when there was no room for its records', async () => {
    const { sessionId } = await open()
    for (const partition of [0, 1]) await produce(['x'], { partition })
    const answer = await ask(12, [], { sessionId, sessionEpoch: 1, maxBytes: 1 })
    expect(shown(answer)).toEqual(['0:x', '1:'])
    expect(partitionsOf(answer)).toMatchObject([{ highWatermark: 1 }, { highWatermark: 1 }])
  })

  it('waits for partitions of which there was nothing to tell, until there is enough', async () => {
    const { sessionId } = await open()
    const go = (epoch: number, options: Partial<Body> = {}) =>
      ask(12, [], { sessionId, sessionEpoch: epoch, ...options })
    // Now all of them rest.
    expect(shown(await go(1))).toEqual([])
    const patient = go(2, { maxWaitMs: 60_000, minBytes: 400 })
    await untilWaiting()
    await produce(['a'.repeat(100)], { partition: 2 })
    await produce(['b'.repeat(10)], { partition: 2 })
    expect(broker.server.stats.requestsInFlight).toBe(1)
    await produce(['c'.repeat(100)], { partition: 1 })
    expect(shown(await patient)).toEqual([
      `1:${'c'.repeat(100)}`,
      `2:${'a'.repeat(100)},${'b'.repeat(10)}`,
    ])
  })

  it('tells of a resting partition that its start moved, and that its topic is gone', async () => {
    await produce(['a'])
    const { sessionId } = await open(12, [{ partition: 0, offset: 1 }])
    const go = (epoch: number) => ask(12, [], { sessionId, sessionEpoch: epoch })
    expect(shown(await go(1))).toEqual([])
    await broker.store.trim(logOf(), 1)
    expect(partitionsOf(await go(2))).toMatchObject([{ partitionIndex: 0, logStartOffset: 1 }])
    expect(shown(await go(3))).toEqual([])
    await broker.store.drop(logOf().topicId)
    expect(partitionsOf(await go(4))).toMatchObject([{ partitionIndex: 0, highWatermark: -1 }])
  })

  it('tells of a resting partition that its topic was deleted, also while it can be restored', async () => {
    const { sessionId } = await open()
    const go = (epoch: number) => ask(12, [], { sessionId, sessionEpoch: epoch })
    expect(shown(await go(1))).toEqual([])
    await broker.services.control.execute([{ kind: 'topic.delete', name: 't' }], TEST_ACTOR)
    const code = errors.UNKNOWN_TOPIC_OR_PARTITION.code
    expect(partitionsOf(await go(2)).map(({ errorCode }) => errorCode)).toEqual(all.map(() => code))
    // A topic of the same name is another one, with logs of its own.
    await broker.createTopic('t', { partitions: 4 })
    await produce(['new'], { partition: 2 })
    expect(shown(await go(3))).toEqual(['0:', '1:', '2:new', '3:'])
  })

  it('tells of a partition whose log was dropped while another was read from the disk', async () => {
    const cold = await broker.createTopic('cold')
    await produceValues(writer, 'cold', ['a'])
    const { time: timeOfDisk } = broker
    await broker.stop()
    broker = await startTestBroker({ disk: broker.disk })
    client = await broker.connect()
    const { sessionId } = await open(12, [{ partition: 0 }])
    broker.disk.plan = ({ kind, path }) =>
      kind === 'read' && path.includes(cold.id)
        ? { kind: 'proceed', delayMs: 500 }
        : { kind: 'proceed' }
    const answer = ask(12, [{ name: 'cold' }], { sessionId, sessionEpoch: 1 })
    await untilWaiting()
    const dropped = broker.store.drop(topic.id)
    while (broker.server.stats.requestsInFlight > 0) await timeOfDisk.advance(100)
    expect(shown(await answer)).toEqual(['0:a'])
    await dropped
    const next = await ask(12, [{ name: 'cold', offset: 1 }], { sessionId, sessionEpoch: 2 })
    expect(next.responses).toMatchObject([{ topic: 't', partitions: [{ highWatermark: -1 }] }])
  })

  it('wake who waits also after they had to make place', async () => {
    await broker.stop()
    await start({ configs: { 'max.incremental.fetch.session.cache.slots': '1' } })
    const { sessionId } = await open(12, [{ partition: 0 }])
    // From now on a larger session may take its place.
    await broker.time.advance(121_000)
    expect(shown(await ask(12, [], { sessionId, sessionEpoch: 1 }))).toEqual([])
    const patient = ask(12, [], { sessionId, sessionEpoch: 2, maxWaitMs: 60_000 })
    await untilWaiting()
    const larger = bodyOf(12, all, { sessionId: 0, sessionEpoch: 0 })
    await writer.send(FetchRequest, FetchResponse, 12, larger)
    expect(broker.services.fetchSessions.evictions).toBe(1)
    await produce(['a'])
    expect(shown(await patient)).toEqual(['0:a'])
  })

  it('repeats an error, and tells when it is over', async () => {
    const { sessionId } = await open(12, [{ partition: 0, offset: 5 }])
    const again = await ask(12, [], { sessionId, sessionEpoch: 1 })
    expect(partitionsOf(again)).toMatchObject([{ errorCode: errors.OFFSET_OUT_OF_RANGE.code }])
    const mended = await ask(12, [{ partition: 0 }], { sessionId, sessionEpoch: 2 })
    expect(partitionsOf(mended)).toMatchObject([{ errorCode: 0, highWatermark: 0 }])
  })

  it('forgets partitions', async () => {
    const { sessionId } = await open()
    for (const partition of [0, 1]) await produce(['x'], { partition })
    const answer = await ask(12, [], {
      sessionId,
      sessionEpoch: 1,
      forgottenTopicsData: [{ topic: 't', partitions: [1] }],
    })
    expect(shown(answer)).toEqual(['0:x'])
  })

  it('refuses sessions and epochs that are not, without partitions', async () => {
    const { sessionId } = await open()
    const unknown = await ask(12, [], { sessionId: sessionId + 1, sessionEpoch: 1 })
    expect(unknown.errorCode).toBe(errors.FETCH_SESSION_ID_NOT_FOUND.code)
    const stale = await ask(12, [], { sessionId, sessionEpoch: 7 })
    expect(stale).toMatchObject({
      errorCode: errors.INVALID_FETCH_SESSION_EPOCH.code,
      responses: [],
    })
    const mixed = await ask(13, [], { sessionId, sessionEpoch: 1 })
    expect(mixed.errorCode).toBe(errors.FETCH_SESSION_TOPIC_ID_ERROR.code)
  })

  it('answers a request that was overtaken by one of the same session with an error', async () => {
    const { sessionId } = await open()
    const other = await broker.connect()
    const overtaken = other.send(
      FetchRequest,
      FetchResponse,
      12,
      bodyOf(12, [], { sessionId, sessionEpoch: 1, maxWaitMs: 500 }),
    )
    const stats = broker.server.stats.apis.get(1)
    while ((stats?.queue.count ?? 0) < 2) await new Promise((resolve) => setImmediate(resolve))
    const next = await ask(12, [], { sessionId, sessionEpoch: 2 })
    expect(next.errorCode).toBe(0)
    await broker.time.advance(500)
    expect((await overtaken).errorCode).toBe(errors.INVALID_FETCH_SESSION_EPOCH.code)
  })

  it('are as many as max.incremental.fetch.session.cache.slots', async () => {
    await broker.stop()
    await start({ configs: { 'max.incremental.fetch.session.cache.slots': '1' } })
    expect((await open()).sessionId).not.toBe(0)
    expect((await open()).sessionId).toBe(0)
  })
})

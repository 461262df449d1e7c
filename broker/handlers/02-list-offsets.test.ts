import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Encodable } from '../../protocol/index.ts'
import {
  encodeBatch,
  errors,
  ListOffsetsRequest,
  ListOffsetsResponse,
  ProduceRequest,
  ProduceResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { record } from '../../test/support/produce.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'
import type { PartitionLog } from '../log/index.ts'

const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5
/** In the header of a batch. */
const MAGIC_POSITION = 16

let broker: TestBroker
let client: RawClient
let log: PartitionLog

/** Offsets 0 to 5 with times 1000, 2000, 5000 | 3000, 4000, 4500; the log begins at 1. */
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
  const { id } = await broker.createTopic('t')
  const found = broker.store.find(id, 0)
  if (!found) throw new Error('no log')
  log = found
  for (const times of [
    [1000, 2000, 5000],
    [3000, 4000, 4500],
  ]) {
    const records = encodeBatch(times.map((timestampMs) => record('x', null, timestampMs)))
    await client.send(ProduceRequest, ProduceResponse, 9, {
      acks: -1,
      timeoutMs: 0,
      topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
    })
  }
  await broker.store.trim(log, 1)
})
afterEach(() => broker.stop())

type Partition = Encodable<typeof ListOffsetsRequest>['topics'][number]['partitions'][number]

async function ask(version: number, partition: Partial<Partition>, isolationLevel = 0) {
  const answer = await client.send(ListOffsetsRequest, ListOffsetsResponse, version, {
    replicaId: -1,
    ...(version >= 2 ? { isolationLevel } : {}),
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: LATEST, ...partition }] }],
  })
  const first = answer.topics[0]?.partitions[0]
  if (!first) throw new Error('no answer for the partition')
  return first
}

const VERSIONS = Array.from({ length: 10 }, (_, index) => index + 1)

describe('ListOffsets', () => {
  it.each(VERSIONS)('answers places and times in v%d', async (version) => {
    const epoch = (value: number) => (version >= 4 ? value : -1)
    expect(await ask(version, { timestamp: LATEST })).toMatchObject({
      ...{ errorCode: 0, offset: 6, timestamp: -1, leaderEpoch: epoch(log.leaderEpoch) },
    })
    expect(await ask(version, { timestamp: EARLIEST })).toMatchObject({
      ...{ errorCode: 0, offset: 1, timestamp: -1, leaderEpoch: epoch(log.leaderEpoch) },
    })
    expect(await ask(version, { timestamp: 1500 })).toMatchObject({
      ...{ errorCode: 0, offset: 1, timestamp: 2000, leaderEpoch: epoch(log.leaderEpoch) },
    })
  })

  it.each([
    [0, 1, 2000],
    [2001, 2, 5000],
    [5000, 2, 5000],
    [5001, -1, -1],
  ])('finds for time %d the first record at or after it: %d', async (timestamp, offset, found) => {
    expect(await ask(5, { timestamp })).toMatchObject({ errorCode: 0, offset, timestamp: found })
  })

  it('knows the newest time, and what there is without tiered storage', async () => {
    expect(await ask(7, { timestamp: MAX_TIMESTAMP })).toMatchObject({ offset: 2, timestamp: 5000 })
    expect(await ask(8, { timestamp: EARLIEST_LOCAL })).toMatchObject({ errorCode: 0, offset: 1 })
    expect(await ask(9, { timestamp: LATEST_TIERED })).toMatchObject({ errorCode: 0, offset: -1 })
  })

  it.each([
    [6, MAX_TIMESTAMP],
    [7, EARLIEST_LOCAL],
    [8, LATEST_TIERED],
    [10, -6],
    [0, MAX_TIMESTAMP],
  ])('refuses in v%d the timestamp %d', async (version, timestamp) => {
    const { errorCode } = await ask(version, { timestamp })
    expect(errorCode).toBe(errors.UNSUPPORTED_VERSION.code)
  })

  it.each([
    [LATEST, 1, [6]],
    [LATEST, 2, [6, 1]],
    [EARLIEST, 5, [1]],
    [2500, 1, [2]],
    [9000, 1, [6]],
    [LATEST, 0, []],
    [LATEST, -1, []],
  ])('answers in v0 for %d at most %d offsets: %j', async (timestamp, maxNumOffsets, offsets) => {
    const answer = await ask(0, { timestamp, maxNumOffsets })
    expect(answer).toMatchObject({ errorCode: 0, oldStyleOffsets: offsets })
  })

  it('hides from read_committed what an open transaction has held up', async () => {
    const producer = { id: 1n, epoch: 0, baseSequence: 0 }
    const open = encodeBatch([record('x', null, 6000)], { producer, isTransactional: true })
    const behind = encodeBatch([record('x', null, 7000)])
    for (const batch of [open, behind]) {
      await broker.store.append([{ log, batch }], { acks: 'durable' })
    }
    expect(log).toMatchObject({ lastStableOffset: 6, highWatermark: 8 })
    for (const [timestamp, uncommitted, committed] of [
      [LATEST, 8, 6],
      [6500, 7, -1],
      [MAX_TIMESTAMP, 7, -1],
      [2000, 1, 1],
    ] as const) {
      expect((await ask(7, { timestamp }, 0)).offset).toBe(uncommitted)
      expect((await ask(7, { timestamp }, 1)).offset).toBe(committed)
    }
  })

  it.each([
    [-1, 'NONE'],
    [0, 'FENCED_LEADER_EPOCH'],
    [1, 'NONE'],
    [2, 'UNKNOWN_LEADER_EPOCH'],
  ] as const)(
    'compares leader epoch %d with 1, that of the second start: %s',
    async (currentLeaderEpoch, error) => {
      await broker.stop()
      broker = await startTestBroker({ disk: broker.disk })
      client = await broker.connect()
      expect(await ask(4, { currentLeaderEpoch })).toMatchObject({
        errorCode: errors[error].code,
        leaderEpoch: error === 'NONE' ? 1 : -1,
      })
    },
  )

  it('answers a storage error when the disk cannot be read', async () => {
    // What was written before a start lies in segments.
    await broker.stop()
    broker = await startTestBroker({ disk: broker.disk })
    client = await broker.connect()
    broker.disk.plan = ({ kind }) =>
      kind === 'read' ? { kind: 'error', code: 'EIO' } : { kind: 'proceed' }
    const { errorCode } = await ask(5, { timestamp: 2000 })
    expect(errorCode).toBe(errors.KAFKA_STORAGE_ERROR.code)
    broker.disk.plan = () => ({ kind: 'proceed' })
    expect(await ask(5, { timestamp: 2000 })).toMatchObject({ errorCode: 0, offset: 1 })
  })

  it('refuses partitions that are unknown or named twice', async () => {
    const partitions = [0, 1, 0].map((partitionIndex) => ({ partitionIndex, timestamp: LATEST }))
    const answer = await client.send(ListOffsetsRequest, ListOffsetsResponse, 6, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: 't', partitions }],
    })
    expect(answer.topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([
      errors.INVALID_REQUEST.code,
      errors.UNKNOWN_TOPIC_OR_PARTITION.code,
      errors.INVALID_REQUEST.code,
    ])
  })

  it('refuses a partition that is named in two entries of its topic', async () => {
    const entry = { name: 't', partitions: [{ partitionIndex: 0, timestamp: 2000 }] }
    const answer = await client.send(ListOffsetsRequest, ListOffsetsResponse, 6, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [entry, entry],
    })
    expect(answer.topics.flatMap(({ partitions }) => partitions)).toMatchObject([
      { errorCode: errors.INVALID_REQUEST.code },
      { errorCode: errors.INVALID_REQUEST.code },
    ])
  })

  it('answers for a partition whose segment is damaged, and for the others as ever', async () => {
    const { id: sound } = await broker.createTopic('sound')
    await broker.stop()
    broker = await startTestBroker({ disk: broker.disk })
    client = await broker.connect()
    const path = `/data/topics/${log.topicId}/0/${'0'.repeat(20)}.log`
    const segment = await broker.disk.open(path, 'write')
    await segment.write([Buffer.from([9])], MAGIC_POSITION)
    await segment.close()
    const partitions = [{ partitionIndex: 0, timestamp: 2000 }]
    const answer = await client.send(ListOffsetsRequest, ListOffsetsResponse, 6, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [
        { name: 't', partitions },
        { name: 'sound', partitions },
      ],
    })
    expect(broker.store.find(sound, 0)).toBeDefined()
    expect(answer.topics.flatMap(({ partitions }) => partitions)).toMatchObject([
      { errorCode: errors.CORRUPT_MESSAGE.code, offset: -1 },
      { errorCode: 0, offset: -1 },
    ])
  })
})

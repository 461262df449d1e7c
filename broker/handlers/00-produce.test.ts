import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Encodable, ErrorName } from '../../protocol/index.ts'
import {
  batchHeader,
  decodeRecords,
  encodeBatch,
  errors,
  ProduceRequest,
  ProduceResponse,
  toMessageSet,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { batchOf, produceValues, record } from '../../test/support/produce.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { NO_TOPIC_ID, startTestBroker } from '../../test/support/test-broker.ts'
import type { Topic } from '../control/index.ts'

let broker: TestBroker
let client: RawClient
let topic: Topic
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
  topic = await broker.createTopic('t', { partitions: 2 })
})
afterEach(() => broker.stop())

type Body = Encodable<typeof ProduceRequest>

function ask(version: number, body: Partial<Body> & Pick<Body, 'topicData'>) {
  return client.send(ProduceRequest, ProduceResponse, version, {
    ...{ acks: -1, timeoutMs: 1000 },
    ...body,
  })
}

/** Produces to one partition; answers what the response says of it. */
async function produce(
  version: number,
  records: Buffer | null,
  { name = 't', topicId = topic.id, index = 0, acks = -1 } = {},
) {
  const address = version >= 13 ? { topicId } : { name }
  const answer = await ask(version, {
    acks,
    topicData: [{ ...address, partitionData: [{ index, records }] }],
  })
  const partition = answer.responses[0]?.partitionResponses[0]
  if (!partition) throw new Error('no answer for the partition')
  return partition
}

/** The records that a partition holds. */
async function stored(name = 't', partition = 0) {
  const id = broker.services.control.state.topics.get(name)?.id ?? ''
  const log = broker.store.find(id, partition)
  if (!log) throw new Error(`no log ${name}-${partition}`)
  const read = await broker.store.read([{ log, offset: log.logStartOffset, maxBytes: 1e7 }], {
    maxBytes: 1e7,
    atLeastOne: true,
    isolation: 'uncommitted',
  })
  const [first] = read.partitions
  if (first?.kind !== 'records') throw new Error(first?.kind)
  const batch = Buffer.concat(first.pieces)
  read.release()
  return batch.length === 0 ? [] : [...batchesOf(batch)].flatMap((each) => [...decodeRecords(each)])
}

function* batchesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + batchHeader.batchSizeBytes(bytes, at)
    yield bytes.subarray(at, end)
    at = end
  }
}

const values = async (name?: string) =>
  (await stored(name)).map(({ value }) => value?.toString() ?? null)

function messageSet(magic: 0 | 1, ...texts: string[]): Buffer {
  const converted = toMessageSet([batchOf(texts)], magic, { fromOffset: 0, maxBytes: 1e6 })
  if (converted.kind !== 'converted') throw new Error(converted.kind)
  return Buffer.concat(converted.pieces)
}

function recordsFor(version: number, ...texts: string[]): Buffer {
  if (version >= 3) return batchOf(texts)
  return messageSet(version === 2 ? 1 : 0, ...texts)
}

const VERSIONS = Array.from({ length: 14 }, (_, version) => version)

describe('Produce', () => {
  it.each(VERSIONS)('appends and answers in v%d', async (version) => {
    const first = await produce(version, recordsFor(version, 'a', 'b'))
    expect(first).toMatchObject({ index: 0, errorCode: 0, baseOffset: 0, logAppendTimeMs: -1 })
    expect(first.logStartOffset).toBe(version >= 5 ? 0 : -1)
    const second = await produce(version, recordsFor(version, 'c'))
    expect(second.baseOffset).toBe(2)
    expect(await values()).toEqual(['a', 'b', 'c'])
  })

  it.each([1, -1])('waits for the journal with acks=%d', async (acks) => {
    expect((await produce(9, batchOf(['a']), { acks })).errorCode).toBe(0)
    expect(await values()).toEqual(['a'])
  })

  it('appends to several partitions, of which one fails alone', async () => {
    const answer = await ask(9, {
      topicData: [
        {
          name: 't',
          partitionData: [
            { index: 0, records: batchOf(['a']) },
            { index: 1, records: Buffer.alloc(90, 7) },
            { index: 2, records: batchOf(['c']) },
          ],
        },
        { name: 'no', partitionData: [{ index: 0, records: batchOf(['d']) }] },
      ],
    })
    const codes = answer.responses.flatMap(({ partitionResponses }) =>
      partitionResponses.map(({ errorCode }) => errorCode),
    )
    expect(codes).toEqual([
      0,
      errors.CORRUPT_MESSAGE.code,
      errors.UNKNOWN_TOPIC_OR_PARTITION.code,
      errors.UNKNOWN_TOPIC_OR_PARTITION.code,
    ])
  })

  it('keeps the order of pipelined requests', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => produce(9, batchOf([String(i)]))),
    )
    expect(answers.map(({ baseOffset }) => baseOffset)).toEqual(answers.map((_, i) => i))
    expect(await values()).toEqual(answers.map((_, i) => String(i)))
  })

  it('counts what came in by topic', async () => {
    const batch = batchOf(['a', 'b'])
    await produce(9, batch)
    await produce(9, Buffer.alloc(100))
    expect(broker.services.traffic.of(topic.id)).toMatchObject({
      messagesIn: 2,
      bytesIn: batch.length,
      produceRequests: 2,
      failedProduceRequests: 1,
      bytesRejected: 100,
    })
  })

  describe('refuses', () => {
    it.each([
      ['an unknown topic', 'UNKNOWN_TOPIC_OR_PARTITION', 9, { name: 'no' }],
      ['an unknown topic id', 'UNKNOWN_TOPIC_ID', 13, { topicId: NO_TOPIC_ID }],
      ['an unknown partition', 'UNKNOWN_TOPIC_OR_PARTITION', 9, { index: 2 }],
      ['a negative partition', 'UNKNOWN_TOPIC_OR_PARTITION', 13, { index: -1 }],
      ['other acks', 'INVALID_REQUIRED_ACKS', 9, { acks: 2 }],
      ['the history', 'TOPIC_AUTHORIZATION_FAILED', 9, { name: '__audit' }],
      ['the event log', 'TOPIC_AUTHORIZATION_FAILED', 9, { name: '__events' }],
    ] as const)('%s', async (_, error: ErrorName, version, options) => {
      const answer = await produce(version, batchOf(['a']), options)
      expect(answer).toMatchObject({ errorCode: errors[error].code, baseOffset: -1 })
      expect(await values()).toEqual([])
    })

    it("Kafka's own internal topics", async () => {
      await broker.services.control.execute(
        [
          {
            kind: 'topic.create',
            name: '__consumer_offsets',
            partitionCount: 1,
            replicationFactor: 1,
            assignments: [],
            configs: [],
            automatic: true,
            internal: true,
          },
        ],
        {
          principal: 'User:broker',
          mechanism: 'none',
          door: 'system',
          source: { ip: '', listener: '' },
        },
      )
      const answer = await produce(9, batchOf(['a']), { name: '__consumer_offsets' })
      expect(answer.errorCode).toBe(errors.INVALID_TOPIC_EXCEPTION.code)
    })

    it('transactional batches, as long as there are no transactions', async () => {
      const batch = encodeBatch([record('a')], {
        producer: { id: 1n, epoch: 0, baseSequence: 0 },
        isTransactional: true,
      })
      const codeFor = async (transactionalId: string | null): Promise<number | undefined> => {
        const topicData = [{ name: 't', partitionData: [{ index: 0, records: batch }] }]
        const { responses } = await ask(9, { transactionalId, acks: -1, topicData })
        return responses[0]?.partitionResponses[0]?.errorCode
      }
      expect(await codeFor('tx')).toBe(errors.INVALID_PRODUCER_ID_MAPPING.code)
      // Nobody can be asked whether they may use a transactional id that they do not name.
      expect(await codeFor(null)).toBe(errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code)
    })

    it('with words from v8 on', async () => {
      const answer = await produce(8, Buffer.alloc(0))
      expect(answer.errorMessage).toMatch(/no record batch/)
      expect((await produce(7, Buffer.alloc(0))).errorMessage).toBeNull()
    })
  })

  describe('acks=0', () => {
    it('answers nothing', async () => {
      client.post(ProduceRequest, 9, {
        acks: 0,
        timeoutMs: 0,
        topicData: [{ name: 't', partitionData: [{ index: 0, records: batchOf(['quiet']) }] }],
      })
      // The next answer is the next request's.
      expect((await produce(9, batchOf(['loud']))).baseOffset).toBe(1)
      expect(await values()).toEqual(['quiet', 'loud'])
    })

    it('closes the connection when something went wrong', async () => {
      client.post(ProduceRequest, 9, {
        acks: 0,
        timeoutMs: 0,
        topicData: [
          { name: 'no', partitionData: [{ index: 0, records: batchOf(['a']) }] },
          { name: 't', partitionData: [{ index: 0, records: batchOf(['b']) }] },
        ],
      })
      await client.closed
      expect(broker.server.stats.closed['asked-by-handler']).toBe(1)
      expect(await values()).toEqual(['b'])
    })
  })

  describe('idempotence', () => {
    const from = (baseSequence: number, epoch = 0) => ({
      producer: { id: 7n, epoch, baseSequence },
    })

    it('answers a repetition like the original, and appends it once', async () => {
      const batch = batchOf(['a', 'b'], from(0))
      const first = await produce(9, batch)
      expect(await produce(9, batch)).toEqual(first)
      expect(await values()).toEqual(['a', 'b'])
    })

    it('refuses gaps and old epochs', async () => {
      await produce(9, batchOf(['a'], from(0)))
      const gap = await produce(9, batchOf(['c'], from(2)))
      expect(gap.errorCode).toBe(errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code)
      expect((await produce(9, batchOf(['b'], from(0, 1)))).errorCode).toBe(0)
      const fenced = await produce(9, batchOf(['x'], from(1, 0)))
      expect(fenced.errorCode).toBe(errors.INVALID_PRODUCER_EPOCH.code)
      expect(await values()).toEqual(['a', 'b'])
    })
  })

  describe('topic configurations', () => {
    it('max.message.bytes bounds a batch', async () => {
      const batch = batchOf(['x'.repeat(500)])
      const limit = String(batch.length - 1)
      await broker.createTopic('tight', { configs: { 'max.message.bytes': limit } })
      const answer = await produce(9, batch, { name: 'tight' })
      expect(answer.errorCode).toBe(errors.MESSAGE_TOO_LARGE.code)
      expect((await produce(9, batchOf(['x']), { name: 'tight' })).errorCode).toBe(0)
    })

    it('min.insync.replicas above 1 refuses acks=all, and only that', async () => {
      await broker.createTopic('safe', { configs: { 'min.insync.replicas': '2' } })
      const all = await produce(9, batchOf(['a']), { name: 'safe' })
      expect(all.errorCode).toBe(errors.NOT_ENOUGH_REPLICAS.code)
      expect((await produce(9, batchOf(['a']), { name: 'safe', acks: 1 })).errorCode).toBe(0)
    })

    it.each(['gzip', 'snappy', 'lz4', 'zstd', 'uncompressed'])(
      'compression.type=%s is what is stored',
      async (type) => {
        await broker.createTopic('packed', { configs: { 'compression.type': type } })
        const batch = batchOf(['a'.repeat(1000)], { compression: 'gzip' })
        await produce(9, batch, { name: 'packed' })
        const id = broker.services.control.state.topics.get('packed')?.id ?? ''
        const log = broker.store.find(id, 0)
        if (!log) throw new Error('no log')
        const read = await broker.store.read([{ log, offset: 0, maxBytes: 1e6 }], {
          maxBytes: 1e6,
          atLeastOne: true,
          isolation: 'uncommitted',
        })
        const [first] = read.partitions
        const piece = first?.kind === 'records' ? first.pieces[0] : undefined
        expect(piece && batchHeader.compressionType(piece)).toBe(
          type === 'uncompressed' ? 'none' : type,
        )
        read.release()
        expect(await values('packed')).toEqual(['a'.repeat(1000)])
      },
    )

    it('message.timestamp.type=LogAppendTime stamps the time of the broker', async () => {
      const configs = { 'message.timestamp.type': 'LogAppendTime' }
      await broker.createTopic('stamped', { configs })
      const now = broker.time.clock.now()
      const answer = await produce(9, encodeBatch([record('a', null, 5)]), { name: 'stamped' })
      expect(answer.logAppendTimeMs).toBe(now)
      expect((await stored('stamped')).map(({ timestampMs }) => timestampMs)).toEqual([now])
    })

    it('message.timestamp.before.max.ms and .after.max.ms refuse times far off', async () => {
      const configs = {
        'message.timestamp.before.max.ms': '1000',
        'message.timestamp.after.max.ms': '2000',
      }
      await broker.createTopic('punctual', { configs })
      const now = broker.time.clock.now()
      const at = async (timestampMs: number) =>
        (await produce(9, encodeBatch([record('a', null, timestampMs)]), { name: 'punctual' }))
          .errorCode
      expect(await at(now - 1000)).toBe(0)
      expect(await at(now + 2000)).toBe(0)
      expect(await at(now - 1001)).toBe(errors.INVALID_TIMESTAMP.code)
      expect(await at(now + 2001)).toBe(errors.INVALID_TIMESTAMP.code)
    })

    it('cleanup.policy=compact wants keys, and names the records without', async () => {
      await broker.createTopic('latest', { configs: { 'cleanup.policy': 'compact' } })
      const answer = await produce(9, encodeBatch([record('a', 'k'), record('b')]), {
        name: 'latest',
      })
      expect(answer.errorCode).toBe(errors.INVALID_RECORD.code)
      expect(answer.recordErrors).toMatchObject([{ batchIndex: 1 }])
    })
  })

  describe('when the disk is full', () => {
    it('answers a storage error that old clients can retry, and goes on when there is space', async () => {
      await produceValues(client, 't', ['before'])
      const { capacityBytes } = broker.disk
      broker.disk.capacityBytes = 0
      await broker.time.advance(10_000)
      expect(broker.store.diskState).toBe('full')
      const newer = await produce(4, batchOf(['a']))
      expect(newer.errorCode).toBe(errors.KAFKA_STORAGE_ERROR.code)
      const older = await produce(3, batchOf(['a']))
      expect(older.errorCode).toBe(errors.NOT_LEADER_OR_FOLLOWER.code)
      expect(await values()).toEqual(['before'])
      broker.disk.capacityBytes = capacityBytes
      await broker.time.advance(10_000)
      expect((await produce(4, batchOf(['after']))).errorCode).toBe(0)
      expect(await values()).toEqual(['before', 'after'])
    })
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../../kit/index.ts'
import type { Encodable } from '../../protocol/index.ts'
import { errors, MetadataRequest, MetadataResponse } from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { NO_TOPIC_ID, startTestBroker, TEST_ACTOR } from '../../test/support/test-broker.ts'

let broker: TestBroker
let client: RawClient
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
})
afterEach(() => broker.stop())

const VERSIONS = Array.from({ length: 14 }, (_, version) => version)
const NOT_ASKED = -2147483648

function ask(version: number, body: Encodable<typeof MetadataRequest>) {
  return client.send(MetadataRequest, MetadataResponse, version, body)
}

describe('Metadata', () => {
  it.each(VERSIONS)('shows the broker and a topic in v%d', async (version) => {
    const topic = await broker.createTopic('orders', { partitions: 2 })
    const answer = await ask(version, { topics: [{ name: 'orders' }] })
    const self = { nodeId: 1, host: '127.0.0.1', port: broker.port }
    expect(answer.brokers).toEqual([{ ...self, rack: version >= 1 ? 'rack-1' : null }])
    expect(answer.controllerId).toBe(version >= 1 ? 1 : -1)
    expect(answer.clusterId).toBe(version >= 2 ? broker.services.control.state.clusterId : null)
    const leaderEpoch = version >= 7 ? broker.store.find(topic.id, 0)?.leaderEpoch : -1
    expect(answer.topics).toEqual([
      {
        errorCode: 0,
        name: 'orders',
        topicId: version >= 10 ? topic.id : ZERO_UUID,
        isInternal: false,
        topicAuthorizedOperations: NOT_ASKED,
        partitions: [0, 1].map((partitionIndex) => ({
          errorCode: 0,
          partitionIndex,
          leaderId: 1,
          leaderEpoch,
          replicaNodes: [1],
          isrNodes: [1],
          offlineReplicas: [],
        })),
      },
    ])
  })

  it.each(VERSIONS)('tells all topics from none in v%d', async (version) => {
    await broker.createTopic('a')
    const everything = await ask(version, { topics: version === 0 ? [] : null })
    const names = everything.topics.map(({ name }) => name)
    expect(names).toContain('a')
    expect(names).toContain('__audit')
    const audit = everything.topics.find(({ name }) => name === '__audit')
    expect(audit?.isInternal).toBe(version >= 1)
    if (version > 0) expect((await ask(version, { topics: [] })).topics).toEqual([])
  })

  it.each([12, 13])('finds topics by id in v%d', async (version) => {
    const { id } = await broker.createTopic('a')
    const answer = await ask(version, {
      topics: [
        { topicId: id, name: null },
        { topicId: NO_TOPIC_ID, name: null },
      ],
    })
    expect(answer.topics).toMatchObject([
      { errorCode: 0, name: 'a', topicId: id },
      { errorCode: errors.UNKNOWN_TOPIC_ID.code, name: null, topicId: NO_TOPIC_ID },
    ])
  })

  it('refuses ids and null names in versions that had them too early', async () => {
    const { id } = await broker.createTopic('a')
    for (const topic of [{ topicId: id, name: 'a' }, { name: null }]) {
      const answer = await ask(11, { topics: [topic] })
      expect(answer.topics).toMatchObject([{ errorCode: errors.INVALID_REQUEST.code }])
    }
  })

  describe('auto.create.topics.enable', () => {
    it.each([0, 3, 13])('creates a topic on first use in v%d, with a record', async (version) => {
      const answer = await ask(version, { topics: [{ name: 'new' }] })
      expect(answer.topics).toMatchObject([{ errorCode: 0, name: 'new' }])
      expect(answer.topics[0]?.partitions).toMatchObject([{ errorCode: 0, leaderId: 1 }])
      const { state } = broker.services.control
      expect(state.topics.get('new')?.partitionCount).toBe(1)
      const seq = state.seq
      await ask(version, { topics: [{ name: 'new' }] })
      expect(state.seq).toBe(seq)
    })

    it('takes the number of partitions from num.partitions', async () => {
      await broker.stop()
      broker = await startTestBroker({ configs: { 'num.partitions': '3' } })
      client = await broker.connect()
      const answer = await ask(9, { topics: [{ name: 'new' }] })
      expect(answer.topics[0]?.partitions).toHaveLength(3)
    })

    it('creates nothing when the request does not allow it', async () => {
      const answer = await ask(4, { topics: [{ name: 'new' }], allowAutoTopicCreation: false })
      expect(answer.topics).toMatchObject([
        { errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code, name: 'new', partitions: [] },
      ])
      expect(broker.services.control.state.topics.has('new')).toBe(false)
    })

    it('creates nothing when the broker does not allow it, from the moment it is told', async () => {
      await broker.services.control.execute(
        [
          {
            kind: 'broker.config.alter',
            brokerId: '',
            mode: 'incremental',
            changes: [{ op: 'set', name: 'auto.create.topics.enable', value: 'false' }],
          },
        ],
        TEST_ACTOR,
      )
      const answer = await ask(9, { topics: [{ name: 'new' }] })
      expect(answer.topics[0]?.errorCode).toBe(errors.UNKNOWN_TOPIC_OR_PARTITION.code)
    })

    it.each(['', '.', 'a b', 'x'.repeat(250)])('refuses the name %j', async (name) => {
      for (const allowAutoTopicCreation of [true, false]) {
        const answer = await ask(9, { topics: [{ name }], allowAutoTopicCreation })
        expect(answer.topics).toMatchObject([
          { errorCode: errors.INVALID_TOPIC_EXCEPTION.code, name, partitions: [] },
        ])
      }
    })

    it('answers a name once that was asked for twice', async () => {
      const answer = await ask(9, { topics: [{ name: 'twice' }, { name: 'twice' }] })
      expect(answer.topics).toHaveLength(1)
    })
  })

  it('shows what everybody may do, when asked', async () => {
    await broker.createTopic('a')
    const answer = await ask(8, {
      topics: [{ name: 'a' }],
      includeTopicAuthorizedOperations: true,
      includeClusterAuthorizedOperations: true,
    })
    expect(answer.topics[0]?.topicAuthorizedOperations).toBe(0b1101_1111_1000)
    expect(answer.clusterAuthorizedOperations).toBe(0b1_1111_1010_0000)
    const unasked = await ask(8, { topics: [{ name: 'a' }] })
    expect(unasked.topics[0]?.topicAuthorizedOperations).toBe(NOT_ASKED)
    expect(unasked.clusterAuthorizedOperations).toBe(NOT_ASKED)
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../../kit/index.ts'
import type { Encodable } from '../../protocol/index.ts'
import { CreateTopicsRequest, CreateTopicsResponse, errors } from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'
import { topicConfigs } from '../control/index.ts'

type AskedTopic = Encodable<typeof CreateTopicsRequest>['topics'][number]

let broker: TestBroker
let client: RawClient
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
})
afterEach(() => broker.stop())

const asked = (name: string, changes: Partial<AskedTopic> = {}): AskedTopic => ({
  ...{ name, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] },
  ...changes,
})

const create = (version: number, topics: readonly AskedTopic[], validateOnly = false) =>
  client.send(CreateTopicsRequest, CreateTopicsResponse, version, {
    topics,
    timeoutMs: 1000,
    ...(version > 0 ? { validateOnly } : {}),
  })

describe('CreateTopics', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'creates topics that can be used at once in v%d',
    async (version) => {
      const configs = [{ name: 'retention.ms', value: '5' }]
      const { topics } = await create(version, [asked('t', { configs })])
      const [answer] = topics
      expect(answer).toMatchObject({ name: 't', errorCode: 0 })
      const topic = broker.services.control.state.topics.get('t')
      expect(topic).toMatchObject({ partitionCount: 2, configs: { 'retention.ms': '5' } })
      expect(broker.store.find(topic?.id ?? '', 1)?.state).toBe('open')
      if (version >= 5) {
        expect(answer).toMatchObject({
          numPartitions: 2,
          replicationFactor: 1,
          topicConfigErrorCode: 0,
        })
        expect(answer?.configs?.map(({ name }) => name)).toEqual(topicConfigs.names)
        expect(answer?.configs?.find(({ name }) => name === 'retention.ms')).toEqual({
          name: 'retention.ms',
          value: '5',
          readOnly: false,
          configSource: 1,
          isSensitive: false,
        })
      }
      if (version >= 7) expect(answer?.topicId).toBe(topic?.id)
    },
  )

  it('answers each topic for itself', async () => {
    await broker.createTopic('there')
    const { topics } = await create(7, [
      asked('new'),
      asked('there'),
      asked('twice'),
      asked('a b'),
      asked('three', { replicationFactor: 3 }),
      asked('twice'),
      asked('none', { numPartitions: 0 }),
      asked('inert', { configs: [{ name: 'preallocate', value: 'true' }] }),
      asked('away', {
        ...{ numPartitions: -1, replicationFactor: -1 },
        assignments: [{ partitionIndex: 0, brokerIds: [2] }],
      }),
      asked('here', {
        ...{ numPartitions: -1, replicationFactor: -1 },
        assignments: [{ partitionIndex: 0, brokerIds: [1] }],
      }),
    ])
    const found = Object.fromEntries(topics.map(({ name, errorCode }) => [name, errorCode]))
    expect(found).toEqual({
      new: errors.NONE.code,
      there: errors.TOPIC_ALREADY_EXISTS.code,
      'a b': errors.INVALID_TOPIC_EXCEPTION.code,
      three: errors.INVALID_REPLICATION_FACTOR.code,
      none: errors.INVALID_PARTITIONS.code,
      inert: errors.INVALID_CONFIG.code,
      away: errors.INVALID_REPLICA_ASSIGNMENT.code,
      here: errors.NONE.code,
      twice: errors.INVALID_REQUEST.code,
    })
    expect(topics).toHaveLength(9)
    const refused = topics.find(({ name }) => name === 'inert')
    expect(refused).toMatchObject({
      topicId: ZERO_UUID,
      numPartitions: -1,
      errorMessage: expect.stringContaining('preallocate has no effect here'),
    })
  })

  it('says who asked, in the history', async () => {
    await create(7, [asked('t')])
    const { history } = broker.services.control
    const [entry] = await history.read(history.nextSeq - 1, 1)
    expect(entry?.record).toMatchObject({
      operation: 'topic.create',
      actor: { principal: 'User:ANONYMOUS' },
      source: { ip: '127.0.0.1', listener: 'PLAINTEXT', clientId: 'test' },
      door: 'kafka',
    })
  })

  it('only validates when asked to', async () => {
    const { nextSeq } = broker.services.control.history
    const { topics } = await create(7, [asked('t'), asked('a b')], true)
    expect(topics.map(({ errorCode }) => errorCode)).toEqual([
      errors.NONE.code,
      errors.INVALID_TOPIC_EXCEPTION.code,
    ])
    expect(broker.services.control.state.topics.has('t')).toBe(false)
    expect(broker.services.control.history.nextSeq).toBe(nextSeq)
  })

  it('answers names of any length', async () => {
    const { topics } = await create(4, [asked('x'.repeat(32_767))])
    expect(topics[0]?.errorCode).toBe(errors.INVALID_TOPIC_EXCEPTION.code)
    expect(topics[0]?.errorMessage?.length).toBeLessThan(5000)
  })
})

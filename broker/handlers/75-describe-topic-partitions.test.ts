import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Encodable } from '../../protocol/index.ts'
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
  errors,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

let broker: TestBroker
let client: RawClient

async function start(configs: Readonly<Record<string, string>> = {}): Promise<void> {
  broker = await startTestBroker({ configs })
  client = await broker.connect()
  for (const [name, partitions] of [
    ['a', 3],
    ['b', 2],
    ['c', 1],
  ] as const) {
    await broker.createTopic(name, { partitions })
  }
}
beforeEach(() => start())
afterEach(() => broker.stop())

function ask(body: Encodable<typeof DescribeTopicPartitionsRequest>) {
  return client.send(DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, 0, body)
}

/** `a:0,1,2` for each topic of an answer. */
function shown(answer: Awaited<ReturnType<typeof ask>>): string[] {
  return answer.topics.map(
    ({ name, partitions }) => `${name}:${partitions.map((each) => each.partitionIndex).join()}`,
  )
}

describe('DescribeTopicPartitions', () => {
  it('shows topics by name, with one replica each', async () => {
    const answer = await ask({ topics: [{ name: 'b' }, { name: 'a' }, { name: 'b' }] })
    expect(shown(answer)).toEqual(['a:0,1,2', 'b:0,1'])
    expect(answer.nextCursor).toBeNull()
    expect(answer.topics[0]).toMatchObject({ errorCode: 0, isInternal: false })
    expect(answer.topics[0]?.partitions[0]).toMatchObject({
      errorCode: 0,
      leaderId: 1,
      replicaNodes: [1],
      isrNodes: [1],
      eligibleLeaderReplicas: [],
      offlineReplicas: [],
    })
  })

  it('shows all topics when none are named', async () => {
    expect(shown(await ask({ topics: [] }))).toEqual([
      '__audit:0',
      '__events:0',
      'a:0,1,2',
      'b:0,1',
      'c:0',
    ])
  })

  it('tells topics that do not exist', async () => {
    const answer = await ask({ topics: [{ name: 'no' }, { name: 'n o' }] })
    expect(answer.topics.map(({ errorCode, name }) => [name, errorCode])).toEqual([
      ['n o', errors.INVALID_TOPIC_EXCEPTION.code],
      ['no', errors.UNKNOWN_TOPIC_OR_PARTITION.code],
    ])
  })

  it('goes page by page', async () => {
    const pages: string[][] = []
    let cursor: { topicName: string; partitionIndex: number } | null = null
    do {
      const answer = await ask({
        topics: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
        responsePartitionLimit: 2,
        cursor,
      })
      pages.push(shown(answer))
      cursor = answer.nextCursor
    } while (cursor)
    expect(pages).toEqual([['a:0,1'], ['a:2', 'b:0'], ['b:1', 'c:0']])
  })

  it('gives no more than max.request.partition.size.limit', async () => {
    await broker.stop()
    await start({ 'max.request.partition.size.limit': '2' })
    const answer = await ask({ topics: [{ name: 'a' }], responsePartitionLimit: 1000 })
    expect(shown(answer)).toEqual(['a:0,1'])
    expect(answer.nextCursor).toEqual({ topicName: 'a', partitionIndex: 2 })
  })

  it('gives one partition at least', async () => {
    expect(shown(await ask({ topics: [{ name: 'a' }], responsePartitionLimit: 0 }))).toEqual([
      'a:0',
    ])
  })

  it.each([
    ['at a topic that was not asked for', { topicName: 'b', partitionIndex: 0 }],
    ['at a negative partition', { topicName: 'a', partitionIndex: -1 }],
  ])('closes on a cursor %s', async (_, cursor) => {
    await expect(ask({ topics: [{ name: 'a' }], cursor })).rejects.toThrow('closed')
    expect(broker.server.stats.closed['asked-by-handler']).toBe(1)
  })
})

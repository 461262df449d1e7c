import { afterEach, beforeEach, expect, it } from 'vitest'
import { DeleteRecordsRequest, DeleteRecordsResponse, errors } from '../../protocol/index.ts'
import { produceValues } from '../../test/support/produce.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

let broker: TestBroker
beforeEach(async () => {
  broker = await startTestBroker()
})
afterEach(() => broker.stop())

it.each([0, 1, 2])('moves the start of partitions in v%d, each with a record', async (version) => {
  const client = await broker.connect()
  await broker.createTopic('t', { partitions: 3 })
  for (const partition of [0, 1]) {
    await produceValues(client, 't', ['a', 'b', 'c'], { partition })
  }
  const { seq } = broker.services.control.state
  const answer = await client.send(DeleteRecordsRequest, DeleteRecordsResponse, version, {
    timeoutMs: 1000,
    topics: [
      {
        name: 't',
        partitions: [
          { partitionIndex: 0, offset: 2 },
          { partitionIndex: 1, offset: -1 },
          { partitionIndex: 2, offset: 1 },
          { partitionIndex: 3, offset: 0 },
        ],
      },
      { name: 'no', partitions: [{ partitionIndex: 0, offset: 0 }] },
      { name: '__audit', partitions: [{ partitionIndex: 0, offset: 1 }] },
      { name: '__events', partitions: [{ partitionIndex: 0, offset: 0 }] },
    ],
  })
  const outcomes = answer.topics.flatMap(({ partitions }) =>
    partitions.map(({ lowWatermark, errorCode }) => [lowWatermark, errorCode]),
  )
  expect(outcomes).toEqual([
    [2, errors.NONE.code],
    [3, errors.NONE.code],
    [-1, errors.OFFSET_OUT_OF_RANGE.code],
    [-1, errors.UNKNOWN_TOPIC_OR_PARTITION.code],
    [-1, errors.UNKNOWN_TOPIC_OR_PARTITION.code],
    [-1, errors.INVALID_TOPIC_EXCEPTION.code],
    [-1, errors.INVALID_TOPIC_EXCEPTION.code],
  ])
  expect(broker.services.control.state.seq).toBeGreaterThan(seq)
})

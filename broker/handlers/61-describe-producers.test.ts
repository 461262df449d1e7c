import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  DescribeProducersRequest,
  DescribeProducersResponse,
  errors,
} from '../../protocol/index.ts'
import { produceValues } from '../../test/support/produce.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

let broker: TestBroker
beforeEach(async () => {
  broker = await startTestBroker()
})
afterEach(() => broker.stop())

it('shows the producers that a partition remembers', async () => {
  const client = await broker.connect()
  await broker.createTopic('t')
  await produceValues(client, 't', ['a', 'b'], {
    producer: { id: 7n, epoch: 3, baseSequence: 0 },
  })
  const answer = await client.send(DescribeProducersRequest, DescribeProducersResponse, 0, {
    topics: [
      { name: 't', partitionIndexes: [0, 1, 0] },
      { name: 'no', partitionIndexes: [0] },
      { name: 'n o', partitionIndexes: [0] },
      { name: 't', partitionIndexes: [1] },
    ],
  })
  const partitions = answer.topics.flatMap((topic) => topic.partitions)
  expect(partitions.map(({ errorCode }) => errorCode)).toEqual([
    errors.NONE.code,
    errors.UNKNOWN_TOPIC_OR_PARTITION.code,
    errors.UNKNOWN_TOPIC_OR_PARTITION.code,
    errors.INVALID_TOPIC_EXCEPTION.code,
  ])
  expect(partitions[0]?.activeProducers).toMatchObject([
    { producerId: 7n, producerEpoch: 3, lastSequence: 1, currentTxnStartOffset: -1 },
  ])
})

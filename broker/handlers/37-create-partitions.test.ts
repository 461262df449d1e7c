import { afterEach, beforeEach, expect, it } from 'vitest'
import { CreatePartitionsRequest, CreatePartitionsResponse, errors } from '../../protocol/index.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

let broker: TestBroker
beforeEach(async () => {
  broker = await startTestBroker()
})
afterEach(() => broker.stop())

it.each([0, 1, 2, 3])('gives topics more partitions in v%d', async (version) => {
  const client = await broker.connect()
  const { id } = await broker.createTopic('t', { partitions: 2 })
  await broker.createTopic('u')
  await broker.createTopic('w')
  const topic = (name: string, count: number, assignments: number[][] | null = null) => ({
    name,
    count,
    assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null,
  })
  const { results } = await client.send(
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    version,
    {
      topics: [
        topic('t', 4, [[1], [1]]),
        topic('u', 1),
        topic('no', 3),
        topic('w', 2, [[2]]),
        topic('__audit', 3),
        topic('twice', 3),
        topic('twice', 3),
      ],
      timeoutMs: 1000,
      validateOnly: false,
    },
  )
  expect(results.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['t', errors.NONE.code],
    ['u', errors.INVALID_PARTITIONS.code],
    ['no', errors.UNKNOWN_TOPIC_OR_PARTITION.code],
    ['w', errors.INVALID_REPLICA_ASSIGNMENT.code],
    ['__audit', errors.POLICY_VIOLATION.code],
    ['twice', errors.INVALID_REQUEST.code],
  ])
  expect(results[1]?.errorMessage).toBe('Topic already has 1 partition(s).')
  expect(broker.services.control.state.topics.get('t')?.partitionCount).toBe(4)
  expect(broker.store.find(id, 3)?.state).toBe('open')
})

it('only validates when asked to', async () => {
  const client = await broker.connect()
  await broker.createTopic('t')
  const { results } = await client.send(CreatePartitionsRequest, CreatePartitionsResponse, 3, {
    topics: [{ name: 't', count: 2, assignments: null }],
    timeoutMs: 1000,
    validateOnly: true,
  })
  expect(results[0]?.errorCode).toBe(errors.NONE.code)
  expect(broker.services.control.state.topics.get('t')?.partitionCount).toBe(1)
})

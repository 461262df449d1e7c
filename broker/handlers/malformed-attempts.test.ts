import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  CreatePartitionsRequest,
  CreatePartitionsResponse,
  CreateTopicsRequest,
  CreateTopicsResponse,
  DeleteTopicsRequest,
  DeleteTopicsResponse,
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

let broker: TestBroker
let client: RawClient
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
})
afterEach(async () => {
  await client.close()
  await broker.stop()
})

const twice = <Item>(item: Item): readonly [Item, Item] => [item, item]

/** Asks for each operation in a form that no command has. */
async function askInVain(validateOnly: boolean): Promise<void> {
  const options = { timeoutMs: 1000, validateOnly }
  const topic = { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  await client.send(CreateTopicsRequest, CreateTopicsResponse, 7, {
    ...{ ...options, topics: twice(topic) },
  })
  const grown = { name: 't', count: 2, assignments: null }
  await client.send(CreatePartitionsRequest, CreatePartitionsResponse, 3, {
    ...{ ...options, topics: twice(grown) },
  })
  const resource = { resourceType: 99, resourceName: 'x', configs: [] }
  await client.send(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
    ...{ resources: [resource], validateOnly },
  })
  const entry = { entity: [{ entityType: 'group', entityName: 'g' }], ops: [] }
  await client.send(AlterClientQuotasRequest, AlterClientQuotasResponse, 1, {
    ...{ entries: [entry], validateOnly },
  })
}

async function attempts(): Promise<readonly unknown[]> {
  await broker.time.advance(61_000)
  const { history } = broker.services.control
  const entries = await history.read(0, history.nextSeq)
  return entries
    .filter(({ record }) => record.resource.kind === 'attempts')
    .map(({ record: { operation, outcome } }) => [operation, outcome.code])
}

it('are told to the history, by the operation that was asked for', async () => {
  await askInVain(false)
  const gone = { topicNames: ['t', 't'], timeoutMs: 1000 }
  await client.send(DeleteTopicsRequest, DeleteTopicsResponse, 5, gone)
  const unknown = { deletions: [{ name: 'alice', mechanism: 9 }], upsertions: [] }
  await client.send(
    ...[AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, 0, unknown],
  )
  const operations = [
    ...['topic.create', 'topic.partitions.create', 'broker.config.alter', 'quota.alter'],
    ...['topic.delete', 'user.scram.upsert'],
  ]
  expect(await attempts()).toEqual(operations.map((operation) => [operation, 'INVALID_REQUEST']))
})

it('are not when they were only tried', async () => {
  await askInVain(true)
  expect(await attempts()).toEqual([])
})

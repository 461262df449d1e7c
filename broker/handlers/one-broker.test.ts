import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
  ElectLeadersRequest,
  ElectLeadersResponse,
  errors,
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker, TEST_ACTOR } from '../../test/support/test-broker.ts'

/** APIs whose answers follow from there being one broker. */

let broker: TestBroker
let client: RawClient
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
  await broker.createTopic('t', { partitions: 2 })
})
afterEach(() => broker.stop())

describe('ElectLeaders', () => {
  const elect = (
    version: number,
    topicPartitions: { topic: string; partitions: number[] }[] | null,
    electionType = 0,
  ) =>
    client.send(ElectLeadersRequest, ElectLeadersResponse, version, {
      ...(version > 0 ? { electionType } : {}),
      topicPartitions,
      timeoutMs: 1000,
    })

  it.each([0, 1, 2])('needs no election in v%d', async (version) => {
    const answer = await elect(version, [
      { topic: 't', partitions: [0, 1, 2, -1] },
      { topic: 'no', partitions: [0] },
    ])
    const codes = answer.replicaElectionResults.map(({ topic, partitionResult }) => [
      topic,
      partitionResult.map(({ errorCode }) => errorCode),
    ])
    const unknown = errors.UNKNOWN_TOPIC_OR_PARTITION.code
    const unneeded = errors.ELECTION_NOT_NEEDED.code
    expect(codes).toEqual([
      ['t', [unneeded, unneeded, unknown, unknown]],
      ['no', [unknown]],
    ])
  })

  it('has nothing to say of partitions that need none, when all are asked for', async () => {
    const answer = await elect(2, null, 1)
    expect(answer).toMatchObject({ errorCode: errors.NONE.code })
    expect(answer.replicaElectionResults).toEqual([
      { topic: '__audit', partitionResult: [] },
      { topic: '__events', partitionResult: [] },
      { topic: 't', partitionResult: [] },
    ])
  })

  it('knows two kinds of elections', async () => {
    expect((await elect(2, null, 2)).errorCode).toBe(errors.INVALID_REQUEST.code)
  })
})

describe('AlterPartitionReassignments', () => {
  it.each([0, 1])('leaves partitions where they are in v%d', async (version) => {
    const partition = (partitionIndex: number, replicas: number[] | null) => ({
      partitionIndex,
      replicas,
    })
    const answer = await client.send(
      AlterPartitionReassignmentsRequest,
      AlterPartitionReassignmentsResponse,
      version,
      {
        timeoutMs: 1000,
        ...(version > 0 ? { allowReplicationFactorChange: false } : {}),
        topics: [
          {
            name: 't',
            partitions: [
              partition(0, [1]),
              partition(1, null),
              partition(0, [2]),
              partition(0, []),
              partition(0, [1, 1]),
              partition(2, [1]),
            ],
          },
          { name: 'no', partitions: [partition(0, [1])] },
        ],
      },
    )
    expect(answer).toMatchObject({ errorCode: errors.NONE.code, errorMessage: null })
    if (version > 0) expect(answer.allowReplicationFactorChange).toBe(false)
    const codes = answer.responses.map(({ partitions }) => partitions.map((one) => one.errorCode))
    const refused = errors.INVALID_REPLICA_ASSIGNMENT.code
    const unknown = errors.UNKNOWN_TOPIC_OR_PARTITION.code
    expect(codes).toEqual([
      [
        errors.NONE.code,
        errors.NO_REASSIGNMENT_IN_PROGRESS.code,
        refused,
        refused,
        refused,
        unknown,
      ],
      [unknown],
    ])
  })
})

describe('ListPartitionReassignments', () => {
  it('never has any', async () => {
    const answer = await client.send(
      ListPartitionReassignmentsRequest,
      ListPartitionReassignmentsResponse,
      0,
      { timeoutMs: 1000, topics: [{ name: 't', partitionIndexes: [0] }] },
    )
    expect(answer).toMatchObject({ errorCode: errors.NONE.code, topics: [] })
  })
})

describe('ListConfigResources', () => {
  const list = (version: number, resourceTypes: number[]) =>
    client.send(ListConfigResourcesRequest, ListConfigResourcesResponse, version, {
      ...(version > 0 ? { resourceTypes } : {}),
    })

  it('has client metrics alone in v0', async () => {
    expect(await list(0, [])).toMatchObject({ errorCode: errors.NONE.code, configResources: [] })
    const changes = [{ op: 'set', name: 'metrics', value: '*' }] as const
    const command = { kind: 'client-metrics.alter', name: 'all', mode: 'replace', changes } as const
    await broker.services.control.execute([command], TEST_ACTOR)
    expect(await list(0, [])).toMatchObject({ configResources: [{ resourceName: 'all' }] })
    expect(await list(1, [16])).toMatchObject({
      configResources: [{ resourceName: 'all', resourceType: 16 }],
    })
  })

  it.each([
    [[], ['topic __audit', 'topic __events', 'topic t', 'broker 1']],
    [[2], ['topic __audit', 'topic __events', 'topic t']],
    [[4, 4], ['broker 1']],
    [[8, 16, 32], []],
  ])('lists %j as %j', async (types, expected) => {
    const { errorCode, configResources } = await list(1, types)
    const names: Record<number, string> = { 2: 'topic', 4: 'broker' }
    const found = configResources.map((one) => `${names[one.resourceType]} ${one.resourceName}`)
    expect([errorCode, found]).toEqual([errors.NONE.code, expected])
  })

  it('refuses types that nobody knows', async () => {
    expect((await list(1, [2, 3])).errorCode).toBe(errors.UNSUPPORTED_VERSION.code)
  })
})

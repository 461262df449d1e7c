import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../../kit/index.ts'
import type { Encodable, Message } from '../../protocol/index.ts'
import * as protocol from '../../protocol/index.ts'
import { ProduceRequest } from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker, TEST_ACTOR } from '../../test/support/test-broker.ts'
import type { AclOperation, AclResourceType } from '../control/index.ts'
import { handlers } from './index.ts'

/**
 * The permission matrix of the Kafka door: what every API answers to somebody who may do nothing,
 * and to somebody who may do one thing. It is written down in a golden file; a request that is
 * answered differently, or an API that is not in it, fails here.
 */

const GOLDEN = join(import.meta.dirname, 'golden/permissions.txt')

const group = { groupId: 'g', generationId: 1, memberId: 'm' }
const partitions = [{ partitionIndex: 0 }]
const emptyAcl = {
  resourceTypeFilter: 1,
  resourceNameFilter: null,
  patternTypeFilter: 1,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
}

/** One request for each API that asks for something there is: the topic `t`, the group `g`. */
const requests: Readonly<Record<string, (topicId: string) => object>> = {
  Produce: () => ({
    transactionalId: null,
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: 't', partitionData: [{ index: 0, records: Buffer.alloc(0) }] }],
  }),
  Fetch: (topicId) => ({
    maxWaitMs: 0,
    minBytes: 0,
    topics: [{ topicId, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
    forgottenTopicsData: [],
  }),
  ListOffsets: () => ({
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  }),
  Metadata: () => ({
    topics: [{ name: 't' }, { name: 'new' }],
    allowAutoTopicCreation: true,
    includeTopicAuthorizedOperations: true,
  }),
  OffsetCommit: () => ({
    groupId: 'g',
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [
      { name: 't', partitions: [{ partitionIndex: 0, committedOffset: 0, committedMetadata: '' }] },
    ],
  }),
  OffsetFetch: () => ({
    groups: [
      { groupId: 'g', topics: [{ name: 't', partitionIndexes: [0] }] },
      { groupId: 'g2', topics: null },
    ],
    requireStable: false,
  }),
  FindCoordinator: () => ({ keyType: 0, coordinatorKeys: ['g'] }),
  JoinGroup: () => ({
    groupId: 'g',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  }),
  Heartbeat: () => group,
  LeaveGroup: () => ({ groupId: 'g', members: [{ memberId: 'm' }] }),
  SyncGroup: () => ({ ...group, protocolType: 'consumer', protocolName: 'range', assignments: [] }),
  DescribeGroups: () => ({ groups: ['g'], includeAuthorizedOperations: true }),
  ListGroups: () => ({ statesFilter: [], typesFilter: [] }),
  SaslHandshake: () => ({ mechanism: 'PLAIN' }),
  ApiVersions: () => ({ clientSoftwareName: 'test', clientSoftwareVersion: '1' }),
  CreateTopics: () => ({
    topics: [
      { name: 'made', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
    ],
    timeoutMs: 1000,
    validateOnly: true,
  }),
  DeleteTopics: () => ({ topics: [{ name: 'unused', topicId: ZERO_UUID }], timeoutMs: 1000 }),
  DeleteRecords: () => ({
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, offset: 0 }] }],
    timeoutMs: 1000,
  }),
  InitProducerId: () => ({ transactionalId: null, transactionTimeoutMs: 1000 }),
  OffsetForLeaderEpoch: () => ({
    replicaId: -1,
    topics: [{ topic: 't', partitions: [{ partition: 0, leaderEpoch: 0 }] }],
  }),
  DescribeAcls: () => emptyAcl,
  CreateAcls: () => ({
    creations: [
      {
        resourceType: 2,
        resourceName: 'none',
        resourcePatternType: 3,
        principal: 'User:nobody',
        host: '*',
        operation: 3,
        permissionType: 3,
      },
    ],
  }),
  DeleteAcls: () => ({ filters: [{ ...emptyAcl, principalFilter: 'User:nobody-at-all' }] }),
  DescribeConfigs: () => ({
    resources: [
      { resourceType: 2, resourceName: 't', configurationKeys: ['retention.ms'] },
      { resourceType: 4, resourceName: '1', configurationKeys: ['num.partitions'] },
    ],
  }),
  AlterConfigs: () => ({
    resources: [
      { resourceType: 2, resourceName: 't', configs: [] },
      { resourceType: 4, resourceName: '1', configs: [] },
    ],
    validateOnly: true,
  }),
  DescribeLogDirs: () => ({ topics: null }),
  SaslAuthenticate: () => ({ authBytes: Buffer.alloc(0) }),
  CreatePartitions: () => ({
    topics: [{ name: 't', count: 2, assignments: null }],
    timeoutMs: 1000,
    validateOnly: true,
  }),
  CreateDelegationToken: () => ({
    ownerPrincipalType: 'User',
    ownerPrincipalName: 'owner',
    renewers: [],
    maxLifetimeMs: 1,
  }),
  RenewDelegationToken: () => ({ hmac: Buffer.alloc(4), renewPeriodMs: 1 }),
  ExpireDelegationToken: () => ({ hmac: Buffer.alloc(4), expiryTimePeriodMs: 1 }),
  DescribeDelegationToken: () => ({ owners: null }),
  DeleteGroups: () => ({ groupsNames: ['g'] }),
  ElectLeaders: () => ({
    electionType: 0,
    topicPartitions: [{ topic: 't', partitions: [0] }],
    timeoutMs: 1000,
  }),
  IncrementalAlterConfigs: () => ({
    resources: [
      { resourceType: 2, resourceName: 't', configs: [] },
      { resourceType: 4, resourceName: '1', configs: [] },
    ],
    validateOnly: true,
  }),
  AlterPartitionReassignments: () => ({
    timeoutMs: 1000,
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, replicas: [1] }] }],
  }),
  ListPartitionReassignments: () => ({ timeoutMs: 1000, topics: null }),
  OffsetDelete: () => ({ groupId: 'g', topics: [{ name: 't', partitions }] }),
  DescribeClientQuotas: () => ({ components: [], strict: false }),
  AlterClientQuotas: () => ({
    entries: [
      {
        entity: [{ entityType: 'user', entityName: 'nobody' }],
        ops: [{ key: 'producer_byte_rate', value: 1, remove: false }],
      },
    ],
    validateOnly: true,
  }),
  DescribeUserScramCredentials: () => ({ users: null }),
  AlterUserScramCredentials: () => ({
    deletions: [{ name: 'nobody', mechanism: 1 }],
    upsertions: [],
  }),
  DescribeCluster: () => ({ includeClusterAuthorizedOperations: true, endpointType: 1 }),
  DescribeProducers: () => ({ topics: [{ name: 't', partitionIndexes: [0] }] }),
  ListConfigResources: () => ({ resourceTypes: [] }),
  GetTelemetrySubscriptions: () => ({ clientInstanceId: ZERO_UUID }),
  PushTelemetry: () => ({
    ...{ clientInstanceId: ZERO_UUID, subscriptionId: 0, terminating: false },
    ...{ compressionType: 0, metrics: Buffer.alloc(0) },
  }),
  DescribeTopicPartitions: () => ({
    topics: [{ name: 't' }],
    responsePartitionLimit: 10,
    cursor: null,
  }),
}

/** Permissions to try one by one. The names are those that the requests are about. */
const GRANTS: readonly (readonly [AclOperation, AclResourceType, string])[] = [
  ...(['READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE'] as const).map(
    (operation) => [operation, 'TOPIC', '*'] as const,
  ),
  ['DESCRIBE_CONFIGS', 'TOPIC', '*'],
  ['ALTER_CONFIGS', 'TOPIC', '*'],
  ['READ', 'GROUP', '*'],
  ['DELETE', 'GROUP', '*'],
  ['DESCRIBE', 'GROUP', '*'],
  ...(['CREATE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION', 'IDEMPOTENT_WRITE'] as const).map(
    (operation) => [operation, 'CLUSTER', 'kafka-cluster'] as const,
  ),
  ['DESCRIBE_CONFIGS', 'CLUSTER', 'kafka-cluster'],
  ['ALTER_CONFIGS', 'CLUSTER', 'kafka-cluster'],
  ['WRITE', 'TRANSACTIONAL_ID', '*'],
  ['CREATE_TOKENS', 'USER', '*'],
  ['DESCRIBE_TOKENS', 'USER', '*'],
]

/** They leave out what the client may not see, and deny nothing. */
const ANSWERS_ALL = ['ListGroups', 'DescribeDelegationToken', 'DescribeCluster']

let broker: TestBroker
let client: RawClient
let topicId: string
const lines: string[] = []

beforeAll(async () => {
  const configs = { 'glasslog.authorizer': 'acl', 'group.initial.rebalance.delay.ms': '0' }
  broker = await startTestBroker({ configs })
  topicId = (await broker.createTopic('t')).id
  client = await broker.connectAs('alice')
})
afterAll(() => broker.stop())

/** Lets alice do one thing, for as long as `work` takes. */
async function allowed<Result>(
  [operation, resourceType, resourceName]: (typeof GRANTS)[number],
  work: () => Promise<Result>,
): Promise<Result> {
  const binding = {
    ...{ operation, resourceType, resourceName },
    ...({ patternType: 'LITERAL', permission: 'ALLOW' } as const),
    ...{ principal: 'User:alice', host: '*' },
  }
  const { control } = broker.services
  await control.execute([{ kind: 'acl.create', binding }], TEST_ACTOR)
  try {
    return await work()
  } finally {
    await control.execute([{ kind: 'acl.delete', binding }], TEST_ACTOR)
  }
}

/** What the answer says of access: every error code of a denial in it, and what lists have in them. */
async function ask(name: string, apiKey: number, version: number): Promise<string> {
  const { request, response } = protocol.apiByKey(apiKey) as { request: Message; response: Message }
  const body = requests[name]?.(topicId) as Encodable<Message>
  const answer = await client.send(request, response, version, body)
  const denials = new Map<string, number>()
  countDenials(answer, denials)
  if (denials.size === 0) return 'ok'
  return [...denials]
    .map(([denial, count]) => `${denial} x${count}`)
    .sort()
    .join(', ')
}

const NAMES = new Map(
  Object.entries(protocol.errors)
    .filter(([name]) => name.endsWith('AUTHORIZATION_FAILED'))
    .map(([name, { code }]) => [code, name]),
)

function countDenials(value: unknown, into: Map<string, number>): void {
  if (Array.isArray(value)) {
    for (const element of value) countDenials(element, into)
  } else if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
    for (const [key, inner] of Object.entries(value)) {
      const denial = /ErrorCode$|^errorCode$/.test(key) ? NAMES.get(inner as number) : undefined
      if (denial) {
        const what = key === 'errorCode' ? denial : `${key} ${denial}`
        into.set(what, (into.get(what) ?? 0) + 1)
      } else countDenials(inner, into)
    }
  }
}

describe('the permission matrix of the Kafka door', () => {
  it('has a request for every API that is served', () => {
    expect(handlers.filter(({ name }) => !requests[name]).map(({ name }) => name)).toEqual([])
  })

  it.each(handlers.map((handler) => [handler.name, handler] as const))(
    '%s',
    async (name, { apiKey, versions, permissions }) => {
      // Before topics had ids, a request that is denied by name can be told from one for no topic.
      const version = name === 'Produce' ? 12 : versions.max
      const withNothing = await ask(name, apiKey, version)
      const rows = [`${name}: with nothing: ${withNothing}`]
      if (withNothing !== 'ok') {
        for (const grant of GRANTS) {
          const answer = await allowed(grant, () => ask(name, apiKey, version))
          if (answer !== withNothing) rows.push(`${name}: with ${grant[0]} ${grant[1]}: ${answer}`)
        }
      }
      lines.push(...rows)
      const needsNothing = permissions.length === 0 || ANSWERS_ALL.includes(name)
      expect([name, withNothing === 'ok']).toEqual([name, needsNothing])
    },
  )

  it('is what the golden file says', async () => {
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(GOLDEN)
  })
})

describe('what is not to be seen', () => {
  it('is left out of lists: topics, groups', async () => {
    const { MetadataRequest, MetadataResponse } = protocol
    const all = () =>
      client.send(MetadataRequest, MetadataResponse, 12, {
        topics: null,
        allowAutoTopicCreation: false,
      })
    expect((await all()).topics).toEqual([])
    const seen = await allowed(['DESCRIBE', 'TOPIC', 't'], all)
    expect(seen.topics.map(({ name }) => name)).toEqual(['t'])
  })

  it('is not told from what there is not', async () => {
    const { MetadataRequest, MetadataResponse } = protocol
    const { topics } = await client.send(MetadataRequest, MetadataResponse, 12, {
      topics: [{ name: 't' }, { name: 'no-such-topic' }],
      allowAutoTopicCreation: true,
    })
    const denied = protocol.errors.TOPIC_AUTHORIZATION_FAILED.code
    expect(topics.map(({ errorCode, topicId: id }) => [errorCode, id])).toEqual([
      [denied, ZERO_UUID],
      [denied, ZERO_UUID],
    ])
    expect(broker.services.control.state.topics.has('no-such-topic')).toBe(false)
  })

  it('is told to the history, counted together', async () => {
    const before = broker.services.control.state.seq
    for (let i = 0; i < 5; i++) {
      client.post(ProduceRequest, 9, {
        transactionalId: null,
        acks: -1,
        timeoutMs: 1000,
        topicData: [{ name: 't', partitionData: [{ index: 0, records: Buffer.alloc(0) }] }],
      })
      await client.nextFrame()
    }
    await broker.time.advance(60_000)
    await expect.poll(() => broker.services.control.state.seq).toBeGreaterThan(before)
    const { history, state } = broker.services.control
    const entries = await history.read(before + 1, state.seq - before)
    const records = entries.map(({ record }) => record)
    expect(records).toContainEqual(
      expect.objectContaining({
        operation: 'access',
        actor: expect.objectContaining({ principal: 'User:alice' }),
        decision: { allowed: false, rule: 'no-rule' },
        outcome: expect.objectContaining({ code: 'TOPIC_AUTHORIZATION_FAILED' }),
      }),
    )
  })
})

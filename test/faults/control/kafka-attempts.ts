import { randomBytes } from 'node:crypto'
import type { Command } from '../../../broker/control/index.ts'
import {
  ACL_OPERATIONS,
  ACL_PERMISSIONS,
  ACL_RESOURCE_TYPES,
  PATTERN_TYPES,
} from '../../../broker/control/index.ts'
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
  AlterConfigsRequest,
  AlterConfigsResponse,
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  CreateAclsRequest,
  CreateAclsResponse,
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
  CreatePartitionsRequest,
  CreatePartitionsResponse,
  CreateTopicsRequest,
  CreateTopicsResponse,
  DeleteGroupsRequest,
  DeleteGroupsResponse,
  DeleteRecordsRequest,
  DeleteRecordsResponse,
  DeleteTopicsRequest,
  DeleteTopicsResponse,
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
  InitProducerIdRequest,
  InitProducerIdResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  OffsetDeleteRequest,
  OffsetDeleteResponse,
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from '../../../protocol/index.ts'
import { saltedPassword } from '../../support/scram-client.ts'
import type { Answer, Attempt, Generator, Way } from './attempt.ts'
import {
  binding,
  brokerConfigChanges,
  PEOPLE,
  pick,
  QUOTA_ENTITIES,
  rarely,
  STEADY,
  STEADY_RECORDS,
  TOPICS,
  topicConfigChanges,
  topicConfigs,
  topicName,
} from './choices.ts'
import type { KafkaDoor } from './doors.ts'
import { nameOfCode } from './doors.ts'

/** What people do with Kafka's admin APIs. */

type Coded = { readonly errorCode: number }
const codesOf = (answers: readonly Coded[]): Answer => ({
  codes: answers.map(({ errorCode }) => nameOfCode(errorCode)),
})

function attemptOf(
  what: string,
  commands: readonly Command[],
  send: (door: KafkaDoor, mark: string) => Promise<Answer>,
  { isDry = false, isAtomic = false } = {},
): Attempt {
  return {
    what: `${what} ${JSON.stringify(commands)}${isDry ? ' (dry)' : ''}`,
    expected: isDry ? { kind: 'nothing' } : { kind: 'commands', commands, isAtomic },
    async send({ kafka, mark }: Way) {
      if (!kafka) throw new Error('this actor comes over HTTP')
      const answer = await send(kafka, mark)
      return isDry ? { codes: [] } : answer
    },
  }
}

const createTopics: Generator = ({ random }) => {
  const validateOnly = rarely(random, 8)
  const names = new Set(Array.from({ length: 1 + random.below(2) }, () => topicName(random)))
  const topics = [...names].map((name) => ({
    name,
    numPartitions: pick(random, [-1, 0, 1, 2, 3]),
    replicationFactor: rarely(random, 15) ? 3 : 1,
    assignments: [],
    configs: topicConfigs(random).map(({ name: key, value }) => ({ name: key, value })),
  }))
  const commands = topics.map(
    ({ name, numPartitions: partitionCount, replicationFactor, configs }): Command => ({
      ...{ kind: 'topic.create', name, partitionCount, replicationFactor, assignments: [] },
      configs,
    }),
  )
  return attemptOf(
    'CreateTopics',
    commands,
    async (door, mark) => {
      const body = { topics, timeoutMs: 30_000, validateOnly }
      const answer = await door.ask(mark, CreateTopicsRequest, CreateTopicsResponse, 5, body)
      return codesOf(answer.topics)
    },
    { isDry: validateOnly },
  )
}

const deleteTopics: Generator = ({ random }) => {
  const topicNames = [...new Set([pick(random, TOPICS), pick(random, TOPICS)])]
  const commands = topicNames.map((name): Command => ({ kind: 'topic.delete', name }))
  return attemptOf('DeleteTopics', commands, async (door, mark) => {
    const body = { topicNames, topics: [], timeoutMs: 30_000 }
    const answer = await door.ask(mark, DeleteTopicsRequest, DeleteTopicsResponse, 5, body)
    return codesOf(answer.responses)
  })
}

const createPartitions: Generator = ({ random }) => {
  const name = pick(random, TOPICS)
  const count = 1 + random.below(6)
  const validateOnly = rarely(random, 8)
  const command: Command = {
    ...{ kind: 'topic.partitions.create', name, totalCount: count, assignments: null },
  }
  return attemptOf(
    'CreatePartitions',
    [command],
    async (door, mark) => {
      const topics = [{ name, count, assignments: null }]
      const body = { topics, timeoutMs: 30_000, validateOnly }
      return codesOf(
        (await door.ask(mark, CreatePartitionsRequest, CreatePartitionsResponse, 1, body)).results,
      )
    },
    { isDry: validateOnly },
  )
}

const OPERATIONS = ['set', 'delete']

const alterConfigs: Generator = ({ random }) => {
  const isBroker = rarely(random, 4)
  const brokerId = pick(random, ['', '1'])
  const name = pick(random, TOPICS)
  const changes = isBroker ? brokerConfigChanges(random) : topicConfigChanges(random)
  const mode = 'incremental'
  const command: Command = isBroker
    ? { kind: 'broker.config.alter', brokerId, mode, changes }
    : { kind: 'topic.config.alter', name, mode, changes }
  return attemptOf('IncrementalAlterConfigs', [command], async (door, mark) => {
    const configs = changes.map((change) => ({
      name: change.name,
      configOperation: OPERATIONS.indexOf(change.op),
      value: change.op === 'delete' ? null : change.value,
    }))
    const resource = isBroker
      ? { resourceType: 4, resourceName: brokerId }
      : { resourceType: 2, resourceName: name }
    const body = { resources: [{ ...resource, configs }], validateOnly: false }
    const [request, response] = [IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse]
    return codesOf((await door.ask(mark, request, response, 0, body)).responses)
  })
}

const replaceConfigs: Generator = ({ random }) => {
  const resourceName = pick(random, TOPICS)
  const configs = topicConfigs(random).map(({ name, value }) => ({ name, value: value ?? '' }))
  const changes = configs.map(({ name, value }) => ({ op: 'set', name, value }) as const)
  const command: Command = {
    ...{ kind: 'topic.config.alter', name: resourceName, mode: 'replace', changes },
  }
  return attemptOf('AlterConfigs', [command], async (door, mark) => {
    const resources = [{ resourceType: 2, resourceName, configs }]
    const body = { resources, validateOnly: false }
    return codesOf(
      (await door.ask(mark, AlterConfigsRequest, AlterConfigsResponse, 1, body)).responses,
    )
  })
}

const createAcls: Generator = ({ random }) => {
  const rules = Array.from({ length: 1 + random.below(2) }, () => binding(random))
  const commands = rules.map((rule): Command => ({ kind: 'acl.create', binding: rule }))
  return attemptOf('CreateAcls', commands, async (door, mark) => {
    const creations = rules.map((rule) => ({
      resourceType: ACL_RESOURCE_TYPES[rule.resourceType],
      resourceName: rule.resourceName,
      resourcePatternType: PATTERN_TYPES[rule.patternType],
      principal: rule.principal,
      host: rule.host,
      operation: ACL_OPERATIONS[rule.operation],
      permissionType: ACL_PERMISSIONS[rule.permission],
    }))
    return codesOf(
      (await door.ask(mark, CreateAclsRequest, CreateAclsResponse, 1, { creations })).results,
    )
  })
}

const ITERATIONS = [4096, 4096, 4096, 1000]

const setPassword: Generator = ({ random, secrets, mark: id }) => {
  const name = pick(random, PEOPLE)
  const mechanism = pick(random, ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)
  const iterations = pick(random, ITERATIONS)
  const password = `kafka password of ${id}`
  const salt = randomBytes(16)
  const salted = saltedPassword(mechanism, password, salt, iterations)
  for (const secret of [password, salted.toString('base64'), salted.toString('hex')]) {
    secrets.add(secret)
  }
  const none = Buffer.alloc(0)
  const keys = { salt: none, storedKey: none, serverKey: none }
  const command: Command = { kind: 'user.scram.upsert', name, mechanism, iterations, ...keys }
  return attemptOf('AlterUserScramCredentials', [command], async (door, mark) => {
    const number = mechanism === 'SCRAM-SHA-256' ? 1 : 2
    const upsertion = { name, mechanism: number, iterations, salt, saltedPassword: salted }
    const body = { deletions: [], upsertions: [upsertion] }
    const [request, response] = [
      AlterUserScramCredentialsRequest,
      AlterUserScramCredentialsResponse,
    ]
    return codesOf((await door.ask(mark, request, response, 0, body)).results)
  })
}

const deleteRecords: Generator = ({ random }) => {
  const partition = rarely(random, 6) ? 9 : 0
  const offset = pick(random, [-1, 0, 5, 2_000_000_000])
  const command: Command = { kind: 'records.delete', topic: 'trimmed', partition, offset }
  return attemptOf('DeleteRecords', [command], async (door, mark) => {
    const topics = [{ name: 'trimmed', partitions: [{ partitionIndex: partition, offset }] }]
    const body = { topics, timeoutMs: 30_000 }
    const answer = await door.ask(mark, DeleteRecordsRequest, DeleteRecordsResponse, 1, body)
    return codesOf(answer.topics.flatMap(({ partitions }) => partitions))
  })
}

/** Makes or moves the actor's own group; no control operation. */
const commitOffset: Generator = ({ random, principal }) => {
  const commits = random.below(STEADY_RECORDS)
  const partition = { partitionIndex: 0, committedOffset: commits, committedMetadata: null }
  return {
    what: `OffsetCommit ${commits}`,
    expected: { kind: 'nothing' },
    commits,
    async send({ kafka, mark }) {
      const answer = await kafka?.ask(mark, OffsetCommitRequest, OffsetCommitResponse, 5, {
        groupId: `group of ${principal}`,
        memberId: '',
        topics: [{ name: STEADY, partitions: [partition] }],
      })
      return codesOf(answer?.topics.flatMap(({ partitions }) => partitions) ?? [])
    },
  }
}

const deleteGroup: Generator = ({ principal }) => {
  const groupId = `group of ${principal}`
  return attemptOf('DeleteGroups', [{ kind: 'group.delete', groupId }], async (door, mark) => {
    const body = { groupsNames: [groupId] }
    return codesOf(
      (await door.ask(mark, DeleteGroupsRequest, DeleteGroupsResponse, 1, body)).results,
    )
  })
}

const deleteOffsets: Generator = ({ principal }) => {
  const groupId = `group of ${principal}`
  const command: Command = {
    ...{ kind: 'group.offsets.delete', groupId, topic: STEADY, partitions: [0] },
  }
  return attemptOf('OffsetDelete', [command], async (door, mark) => {
    const topics = [{ name: STEADY, partitions: [{ partitionIndex: 0 }] }]
    const body = { groupId, topics }
    const answer = await door.ask(mark, OffsetDeleteRequest, OffsetDeleteResponse, 0, body)
    const ofTopics = answer.topics.flatMap(({ partitions }) => partitions)
    return codesOf(answer.errorCode === 0 ? ofTopics : [answer])
  })
}

const KINDS = { user: 'user', clientId: 'client-id', ip: 'ip' } as const

const alterQuotas: Generator = ({ random }) => {
  const entity = pick(random, QUOTA_ENTITIES)
  const key = 'ip' in entity ? 'connection_creation_rate' : 'request_percentage'
  const value = rarely(random, 3) ? null : rarely(random, 10) ? -1 : 5_000 + random.below(1_000)
  const command: Command = { kind: 'quota.alter', entity, changes: [{ key, value }] }
  return attemptOf('AlterClientQuotas', [command], async (door, mark) => {
    const parts = Object.entries(entity) as readonly [keyof typeof KINDS, string | null][]
    const entries = [
      {
        entity: parts.map(([kind, entityName]) => ({ entityType: KINDS[kind], entityName })),
        ops: [{ key, value: value ?? 0, remove: value === null }],
      },
    ]
    const body = { entries, validateOnly: false }
    const [request, response] = [AlterClientQuotasRequest, AlterClientQuotasResponse]
    return codesOf((await door.ask(mark, request, response, 1, body)).entries)
  })
}

const createDelegationToken: Generator = ({ principal, knowledge, secrets }) => {
  const command: Command = {
    ...{ kind: 'delegation-token.create', id: '', owner: principal, renewers: [] },
    ...{ maxLifetimeMs: -1, hmac: Buffer.alloc(0) },
  }
  return attemptOf('CreateDelegationToken', [command], async (door, mark) => {
    const body = { renewers: [], maxLifetimeMs: -1 }
    const [request, response] = [CreateDelegationTokenRequest, CreateDelegationTokenResponse]
    const answer = await door.ask(mark, request, response, 2, body)
    if (answer.errorCode === 0) {
      const hmac = Buffer.from(answer.hmac)
      secrets.add(hmac.toString('base64'))
      knowledge.delegationTokens.push({ id: answer.tokenId, hmac })
    }
    return codesOf([answer])
  })
}

/** Renews a delegation token of one's own, or ends it. */
const endDelegationToken: Generator = (context) => {
  const { random, knowledge } = context
  const known = knowledge.delegationTokens
  if (known.length === 0) return createDelegationToken(context)
  const { id, hmac } = pick(random, known)
  if (rarely(random, 2)) {
    const command: Command = { kind: 'delegation-token.renew', id, renewPeriodMs: -1 }
    return attemptOf('RenewDelegationToken', [command], async (door, mark) => {
      const [request, response] = [RenewDelegationTokenRequest, RenewDelegationTokenResponse]
      return codesOf([await door.ask(mark, request, response, 1, { hmac, renewPeriodMs: -1 })])
    })
  }
  const command: Command = { kind: 'delegation-token.expire', id, expiryPeriodMs: -1 }
  return attemptOf('ExpireDelegationToken', [command], async (door, mark) => {
    const [request, response] = [ExpireDelegationTokenRequest, ExpireDelegationTokenResponse]
    return codesOf([await door.ask(mark, request, response, 1, { hmac, expiryTimePeriodMs: -1 })])
  })
}

/** The broker takes a block of ids now and then, and records that as its own. */
const initProducer: Generator = () => ({
  what: 'InitProducerId',
  expected: { kind: 'nothing', mayAllocate: true },
  async send({ kafka, mark }) {
    const body = { transactionalId: null, transactionTimeoutMs: 60_000 }
    await kafka?.ask(mark, InitProducerIdRequest, InitProducerIdResponse, 1, body)
    return { codes: [] }
  },
})

/** What everybody tries with Kafka's APIs, whether they may or not. */
export const KAFKA_ATTEMPTS: readonly Generator[] = [
  ...[createTopics, createTopics, createTopics, deleteTopics, createPartitions],
  ...[
    alterConfigs,
    alterConfigs,
    replaceConfigs,
    createAcls,
    setPassword,
    deleteRecords,
    alterQuotas,
  ],
  ...[
    commitOffset,
    commitOffset,
    deleteOffsets,
    deleteGroup,
    createDelegationToken,
    endDelegationToken,
    initProducer,
  ],
]

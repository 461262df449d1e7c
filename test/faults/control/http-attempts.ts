import type { Command } from '../../../broker/control/index.ts'
import { DEFAULT_DISK_POLICY, quotaEntityKey } from '../../../broker/control/index.ts'
import type { Answer, Attempt, Expected, Generator, GeneratorContext, Way } from './attempt.ts'
import {
  accountRoles,
  binding,
  brokerConfigChanges,
  LISTENERS,
  PEOPLE,
  pick,
  QUOTA_ENTITIES,
  ROLES,
  rarely,
  roleRules,
  STEADY,
  STEADY_RECORDS,
  topicConfigChanges,
  topicConfigs,
  topicName,
} from './choices.ts'
import type { HttpAnswer } from './doors.ts'
import { askHttp } from './doors.ts'
import { TOO_MANY_BYTES } from './predictions.ts'

/** What people do over HTTP. Each gives one request, right or wrong. */

interface Asked {
  readonly target: string
  readonly body?: unknown
  readonly commands: readonly Command[]
  readonly expected?: Expected
  readonly learn?: (answer: HttpAnswer, context: GeneratorContext) => void
}

const NOTHING: Expected = { kind: 'nothing' }

/** Now and then only to see what would come of it. */
export function attemptOf(context: GeneratorContext, asked: Asked): Attempt {
  const { target, body, commands, learn } = asked
  const isDry = rarely(context.random, 8)
  const mark = `${target.includes('?') ? '&' : '?'}dryRun=true`
  const path = isDry ? `${target}${mark}` : target
  const expected = asked.expected ?? { kind: 'commands', commands, isAtomic: true }
  return {
    what: `${path} ${JSON.stringify(body ?? null)}`,
    expected: isDry ? NOTHING : expected,
    async send(way): Promise<Answer> {
      const answer = await ask(way, path, body)
      if (isDry) return { codes: [] }
      learn?.(answer, context)
      const seq = answer.body.seq
      if (typeof seq === 'number') context.knowledge.seqs.push(seq)
      return {
        codes: [answer.code],
        body: answer.body,
        ...(typeof seq === 'number' ? { seq } : {}),
      }
    },
  }
}

function ask({ address, token, mark }: Way, target: string, body?: unknown): Promise<HttpAnswer> {
  return askHttp(address, target, { token, mark, ...(body === undefined ? {} : { body }) })
}

const createTopic: Generator = (context) => {
  const { random } = context
  const name = topicName(random)
  const configs = topicConfigs(random)
  const partitions = rarely(random, 4) ? undefined : 1 + random.below(3)
  const replicationFactor = rarely(random, 15) ? 3 : 1
  const texts = Object.fromEntries(configs.map((one) => [one.name, one.value]))
  return attemptOf(context, {
    target: 'POST /v1/topics',
    body: { name, configs: texts, replicationFactor, ...(partitions ? { partitions } : {}) },
    commands: [
      {
        ...{ kind: 'topic.create', name, configs, replicationFactor, assignments: [] },
        partitionCount: partitions ?? -1,
      },
    ],
  })
}

const alterTopic: Generator = (context) => {
  const { random } = context
  const name = topicName(random).replaceAll(' ', '-')
  const commands: Command[] = []
  const body: { partitions?: number; configs?: object } = {}
  if (rarely(random, 2)) {
    body.partitions = 1 + random.below(5)
    commands.push({
      ...{ kind: 'topic.partitions.create', name, totalCount: body.partitions },
      assignments: null,
    })
  }
  if (commands.length === 0 || rarely(random, 2)) {
    const changes = topicConfigChanges(random)
    body.configs = textsOf(changes)
    commands.push({ kind: 'topic.config.alter', name, mode: 'incremental', changes })
  }
  return attemptOf(context, { target: `PATCH /v1/topics/${name}`, body, commands })
}

type Changes = ReturnType<typeof topicConfigChanges>

function textsOf(changes: Changes): Record<string, string | null> {
  return Object.fromEntries(
    changes.map((change) => [change.name, change.op === 'delete' ? null : (change.value ?? null)]),
  )
}

const throttleTopic: Generator = (context) => {
  const { random } = context
  const name = topicName(random).replaceAll(' ', '-')
  const rates = {
    producerByteRate: rarely(random, 2) ? null : 1_000_000 + random.below(1_000),
    consumerByteRate: rarely(random, 2) ? null : 1_000_000 + random.below(1_000),
  }
  return attemptOf(context, {
    target: `PUT /v1/topics/${name}/quota`,
    body: rates,
    commands: [{ kind: 'topic.quota.alter', name, ...rates }],
  })
}

const deleteTopic: Generator = (context) => {
  const name = pick(context.random, ['t-a', 't-b', 't-c', 'u-a', 'u-b'])
  const purgeNow = rarely(context.random, 3)
  return attemptOf(context, {
    target: `DELETE /v1/topics/${name}${purgeNow ? '?purge=now' : ''}`,
    commands: [{ kind: 'topic.delete', name, ...(purgeNow ? { purgeNow } : {}) }],
  })
}

const restoreTopic: Generator = (context) => {
  const name = pick(context.random, ['t-a', 't-b', 't-c', 'u-a', 'u-b'])
  return attemptOf(context, {
    target: `POST /v1/topics/${name}/restore`,
    body: {},
    commands: [{ kind: 'topic.restore', name }],
  })
}

const alterBroker: Generator = (context) => {
  const { random } = context
  const brokerId = rarely(random, 2) ? '' : '1'
  const changes = brokerConfigChanges(random)
  return attemptOf(context, {
    target: `PATCH /v1/configs?scope=${brokerId === '' ? 'cluster' : 'broker'}`,
    body: { configs: textsOf(changes) },
    commands: [{ kind: 'broker.config.alter', brokerId, mode: 'incremental', changes }],
  })
}

const setQuota: Generator = (context) => {
  const { random } = context
  const entity = pick(random, QUOTA_ENTITIES)
  const key = 'ip' in entity ? 'connection_creation_rate' : 'request_percentage'
  const value = rarely(random, 3) ? null : 5_000 + random.below(1_000)
  return attemptOf(context, {
    target: 'PUT /v1/quotas',
    body: { entity, limits: value === null ? {} : { [key]: value } },
    commands: [{ kind: 'quota.alter', entity, changes: [{ key, value }] }],
  })
}

const removeQuota: Generator = (context) => {
  const entity = pick(context.random, QUOTA_ENTITIES)
  const key = 'ip' in entity ? 'connection_creation_rate' : 'request_percentage'
  const command: Command = { kind: 'quota.alter', entity, changes: [{ key, value: null }] }
  return attemptOf(context, {
    target: `DELETE /v1/quotas?id=${encodeURIComponent(quotaEntityKey(entity))}`,
    commands: [command],
    expected: { kind: 'commands', commands: [command], isAtomic: true, needsResource: true },
  })
}

const setListener: Generator = (context) => {
  const { random } = context
  const name = pick(random, LISTENERS)
  const settings = {
    ...{ host: '127.0.0.1', port: 0 },
    protocol: rarely(random, 6) ? 'SASL_SSL' : 'SASL_PLAINTEXT',
    advertised: rarely(random, 3)
      ? { host: 'broker.example', port: 1 + random.below(10_000) }
      : null,
  }
  const { advertised, ...rest } = settings
  return attemptOf(context, {
    target: `PUT /v1/listeners/${name}`,
    body: advertised ? settings : rest,
    commands: [{ kind: 'listener.alter', name, change: { to: 'settings', ...settings } }],
  })
}

const removeListener: Generator = (context) => {
  const name = pick(context.random, LISTENERS)
  return attemptOf(context, {
    target: `DELETE /v1/listeners/${name}`,
    commands: [{ kind: 'listener.alter', name, change: { to: 'removed' } }],
  })
}

const setDiskPolicy: Generator = (context) => {
  const { random } = context
  const setting = {
    mode: pick(random, ['off', 'retention', 'expansion'] as const),
    effectiveRetentionPercent: rarely(random, 2) ? 100 : 50 + random.below(50),
  }
  return attemptOf(context, {
    target: 'PUT /v1/disk-policy',
    body: setting,
    commands: [{ kind: 'retention-policy.alter', policy: { ...DEFAULT_DISK_POLICY, ...setting } }],
  })
}

const setDiskCapacity: Generator = (context) => {
  const capacityBytes = rarely(context.random, 2) ? null : TOO_MANY_BYTES
  return attemptOf(context, {
    target: 'PUT /v1/disk-capacity',
    body: { capacityBytes },
    commands: [{ kind: 'disk.capacity.alter', capacityBytes }],
  })
}

const NO_KEYS = { salt: Buffer.alloc(0), storedKey: Buffer.alloc(0), serverKey: Buffer.alloc(0) }

const setPassword: Generator = (context) => {
  const { random, secrets, mark } = context
  const name = pick(random, PEOPLE)
  const mechanism = pick(random, ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)
  const password = `password of ${mark}`
  secrets.add(password)
  return attemptOf(context, {
    target: `PUT /v1/users/${name}`,
    body: { password, mechanism },
    commands: [{ kind: 'user.scram.upsert', name, mechanism, iterations: 4096, ...NO_KEYS }],
  })
}

const removePassword: Generator = (context) => {
  const name = pick(context.random, PEOPLE)
  const mechanism = pick(context.random, ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)
  return attemptOf(context, {
    target: `DELETE /v1/users/${name}?mechanism=${mechanism}`,
    commands: [{ kind: 'user.scram.delete', name, mechanism }],
  })
}

const createAcl: Generator = (context) => {
  const rule = binding(context.random)
  return attemptOf(context, {
    target: 'POST /v1/acls',
    body: rule,
    commands: [{ kind: 'acl.create', binding: rule }],
  })
}

const createAccount: Generator = (context) => {
  const { random, mark, secrets } = context
  const name = rarely(random, 12) ? 'root' : pick(random, PEOPLE)
  const roles = accountRoles(random)
  const person = rarely(random, 2) ? { displayName: `person of ${mark}` } : undefined
  if (person) secrets.add(person.displayName)
  return attemptOf(context, {
    target: 'POST /v1/accounts',
    body: { name, roles, ...person },
    commands: [{ kind: 'account.create', name, roles, ...(person ? { person } : {}) }],
  })
}

const alterAccount: Generator = (context) => {
  const { random, mark, secrets } = context
  const name = pick(random, PEOPLE)
  const roles = rarely(random, 2) ? accountRoles(random) : undefined
  const isDisabled = rarely(random, 2)
  const person = rarely(random, 3) ? { email: `${mark}@example.com` } : undefined
  if (person) secrets.add(person.email)
  return attemptOf(context, {
    target: `PATCH /v1/accounts/${name}`,
    body: { ...(roles ? { roles } : {}), disabled: isDisabled, ...person },
    commands: [
      {
        ...{ kind: 'account.alter', name, isDisabled },
        ...(roles ? { roles } : {}),
        ...(person ? { person } : {}),
      },
    ],
  })
}

const deleteAccount: Generator = (context) => {
  const name = pick(context.random, PEOPLE)
  return attemptOf(context, {
    target: `DELETE /v1/accounts/${name}`,
    commands: [],
    expected: { kind: 'removal of an account', name },
  })
}

const erasePerson: Generator = (context) => {
  const account = pick(context.random, PEOPLE)
  return attemptOf(context, {
    target: `DELETE /v1/accounts/${account}/person`,
    commands: [{ kind: 'person.erase', account }],
  })
}

const createRole: Generator = (context) => {
  const { random } = context
  const name = rarely(random, 10) ? 'viewer' : pick(random, ROLES)
  const rules = roleRules(random)
  return attemptOf(context, {
    target: 'POST /v1/roles',
    body: { name, rules },
    commands: [{ kind: 'role.create', name, rules }],
  })
}

const alterRole: Generator = (context) => {
  const name = pick(context.random, ROLES)
  const rules = roleRules(context.random)
  return attemptOf(context, {
    target: `PUT /v1/roles/${name}`,
    body: { rules },
    commands: [{ kind: 'role.alter', name, rules }],
  })
}

const deleteRole: Generator = (context) => {
  const name = pick(context.random, ROLES)
  return attemptOf(context, {
    target: `DELETE /v1/roles/${name}`,
    commands: [{ kind: 'role.delete', name }],
  })
}

const createToken: Generator = (context) => {
  const { random } = context
  const account = rarely(random, 8) ? 'nobody' : pick(random, PEOPLE)
  const label = `for ${account}`
  return attemptOf(context, {
    target: 'POST /v1/tokens',
    body: { account, label },
    commands: [
      {
        ...{ kind: 'token.create', id: '', account, label },
        ...{ expiresAtMs: -1, hash: Buffer.alloc(0) },
      },
    ],
    learn({ body }, { knowledge, secrets }) {
      if (typeof body.token !== 'string') return
      secrets.add(body.token)
      knowledge.tokenIds.push(String(body.id))
    },
  })
}

const revokeToken: Generator = (context) => {
  const { random, knowledge } = context
  const known = knowledge.tokenIds
  const id = known.length > 0 ? pick(random, known) : 'AAAAAAAAAAAAAAAAAAAAZg'
  return attemptOf(context, {
    target: `DELETE /v1/tokens/${id}`,
    commands: [{ kind: 'token.revoke', id }],
  })
}

const resetOffsets: Generator = (context) => {
  const { random, principal } = context
  const groupId = `group of ${principal}`
  const offset = random.below(STEADY_RECORDS)
  const target = pick(random, [{ to: 'earliest' }, { to: 'latest' }, { to: 'offset', offset }])
  return attemptOf(context, {
    target: `PUT /v1/groups/${encodeURIComponent(groupId)}/offsets`,
    body: { ...target, topics: [{ topic: STEADY, partitions: [0] }] },
    commands: [
      {
        ...{ kind: 'group.offsets.reset', groupId },
        offsets: [{ topic: STEADY, partition: 0, offset: null }],
      },
    ],
  })
}

const rotateKey: Generator = (context) => {
  const rotation: Command = { kind: 'audit.key.rotate', verifierKey: '', endorsement: null }
  return {
    what: 'POST /v1/audit/key',
    expected: { kind: 'commands', commands: [rotation], isAtomic: true },
    async send(way) {
      const { code, body } = await ask(way, 'POST /v1/audit/key')
      const seq = body.seq
      if (typeof seq === 'number') context.knowledge.seqs.push(seq)
      return { codes: [code], ...(typeof seq === 'number' ? { seq } : {}) }
    },
  }
}

const undo: Generator = ({ random, knowledge }) => {
  const seqs = Array.from({ length: 1 + random.below(3) }, () =>
    knowledge.seqs.length > 0 ? pick(random, knowledge.seqs) : 0,
  )
  return rewindAttempt({ undo: [...new Set(seqs)] })
}

const rewind: Generator = ({ random, knowledge }) => {
  const recent = knowledge.seqs.slice(-10)
  const to = String(recent.length > 0 ? pick(random, recent) : 0)
  const scope = { kinds: [pick(random, ['acl', 'topic', 'role', 'broker-config'])] }
  return rewindAttempt({ to, scope })
}

const plan: Generator = ({ random, knowledge }) => {
  const to = String(knowledge.seqs.length > 0 ? pick(random, knowledge.seqs) : 0)
  const target = 'POST /v1/audit/rewind?dryRun=true'
  return {
    what: `${target} ${to}`,
    expected: NOTHING,
    async send(way) {
      await ask(way, target, { to, scope: { kinds: ['acl', 'topic'] } })
      return { codes: [] }
    },
  }
}

function rewindAttempt(body: object): Attempt {
  return {
    what: `POST /v1/audit/rewind ${JSON.stringify(body)}`,
    expected: { kind: 'rewind' },
    async send(way) {
      const answer = await ask(way, 'POST /v1/audit/rewind', body)
      const seq = answer.body.seq
      return {
        codes: [answer.code],
        body: answer.body,
        ...(typeof seq === 'number' ? { seq } : {}),
      }
    },
  }
}

/** What no schema takes: refused before there is anything to decide. */
const malformed: Generator = ({ random }) => {
  const [target, body] = pick(random, [
    ['POST /v1/topics', { name: 5 }],
    ['POST /v1/acls', { resourceType: 'SPACESHIP' }],
    ['PUT /v1/users/pia', { password: 'short' }],
    ['DELETE /v1/acls', undefined],
    ['POST /v1/audit/rewind', { to: 'yesterday, roughly' }],
    ['GET /v1/audit/state?at=99999999', undefined],
  ] as const)
  return {
    what: target,
    expected: NOTHING,
    async send(way) {
      const { status } = await ask(way, target, body)
      if (status < 400 || status >= 500) throw new Error(`${target} was answered ${status}`)
      return { codes: [] }
    },
  }
}

/** What everybody tries over HTTP, whether they may or not. */
export const HTTP_ATTEMPTS: readonly Generator[] = [
  ...[createTopic, createTopic, alterTopic, alterTopic, throttleTopic, deleteTopic, restoreTopic],
  ...[setQuota, setListener, removeListener, setDiskPolicy, setDiskCapacity],
  ...[alterBroker, setPassword, removePassword, createAcl, createAcl],
  ...[createAccount, alterAccount, deleteAccount, erasePerson],
  ...[createRole, alterRole, deleteRole, createToken, revokeToken, resetOffsets, malformed],
]

/** What only administrators are let do. */
export const ADMINISTRATORS_ATTEMPTS: readonly Generator[] = [
  ...[undo, undo, rewind, plan, rotateKey, removeQuota],
]

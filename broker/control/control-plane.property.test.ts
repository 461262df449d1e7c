import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryReader } from '../../audit/index.ts'
import { createMemoryHistory } from '../../audit/index.ts'
import type { RoleRule } from './access.ts'
import type { AlterClientQuota, Command, ConfigChange } from './commands.ts'
import { replayHistory, stateOf } from './fold/replay.ts'
import type { QuotaEntity } from './quotas.ts'
import { SECRETS_PARTITION } from './secrets/secrets-topic.ts'
import { alice, ControlWorld, createTopic, snapshotOf } from './testing.ts'

const name = fc.constantFrom('a', 'b.c', 'b_c', 'd', 'bad name', '__consumer_offsets')
const count = fc.integer({ min: -1, max: 4 })

const change: fc.Arbitrary<ConfigChange> = fc.oneof(
  fc.record({
    op: fc.constant('set' as const),
    name: fc.constantFrom('retention.ms', 'cleanup.policy', 'segment.ms', 'preallocate'),
    value: fc.constantFrom('1', '7', 'compact', 'true', 'x'),
  }),
  fc.record({ op: fc.constant('delete' as const), name: fc.constantFrom('retention.ms') }),
  fc.record({
    op: fc.constantFrom('append' as const, 'subtract' as const),
    name: fc.constantFrom('cleanup.policy', 'retention.ms'),
    value: fc.constantFrom('compact', 'delete'),
  }),
)
const changes = fc.array(change, { maxLength: 3 })
const mode = fc.constantFrom('replace' as const, 'incremental' as const)

const command: fc.Arbitrary<Command> = fc.oneof(
  fc
    .record({ name, partitionCount: count, replicationFactor: fc.integer({ min: -1, max: 2 }) })
    .map((topic) => createTopic(topic.name, topic)),
  fc
    .record({ name, automatic: fc.boolean() })
    .map(({ name: topic, automatic }) =>
      createTopic(topic, { automatic, internal: topic.startsWith('__') }),
    ),
  fc.record({ kind: fc.constant('topic.delete' as const), name, purgeNow: fc.boolean() }),
  fc.record({ kind: fc.constant('topic.restore' as const), name }),
  fc.record({
    kind: fc.constant('topic.quota.alter' as const),
    name,
    producerByteRate: fc.constantFrom(null, 1000, 0),
  }),
  fc.record({
    kind: fc.constant('topic.partitions.create' as const),
    name,
    totalCount: count,
    assignments: fc.constantFrom(null, [[1]], [[2]]),
  }),
  fc.record({ kind: fc.constant('topic.config.alter' as const), name, mode, changes }),
  fc.record({
    kind: fc.constant('broker.config.alter' as const),
    brokerId: fc.constantFrom('', '1', '2'),
    mode,
    changes: fc.constantFrom<readonly ConfigChange[]>(
      [],
      [{ op: 'set', name: 'num.partitions', value: '3' }],
      [{ op: 'set', name: 'log.retention.ms', value: '9' }],
      [{ op: 'delete', name: 'num.partitions' }],
      [{ op: 'set', name: 'num.io.threads', value: '3' }],
    ),
  }),
  fc.record({
    kind: fc.constant('records.delete' as const),
    topic: name,
    partition: fc.integer({ min: 0, max: 2 }),
    offset: fc.constantFrom(-1, 0, 5),
  }),
  fc.constant({ kind: 'producer-ids.allocate' } as const),
)

const principal = fc.constantFrom('alice', 'bob')
const mechanism = fc.constantFrom('SCRAM-SHA-256' as const, 'SCRAM-SHA-512' as const)
const roles = fc.constantFrom([], ['viewer'], ['testers'], ['admin', 'testers'])
const person = fc.constantFrom({ displayName: 'Alice A.' }, { email: 'bob@example.com' })
const binding = fc.record({
  resourceType: fc.constantFrom('TOPIC' as const, 'CLUSTER' as const),
  resourceName: fc.constantFrom('a', 'kafka-cluster', ''),
  patternType: fc.constantFrom('LITERAL' as const, 'PREFIXED' as const),
  principal: fc.constantFrom('User:alice', 'User:*', 'nobody'),
  host: fc.constantFrom('*', '10.0.0.1'),
  operation: fc.constantFrom('READ' as const, 'ALL' as const),
  permission: fc.constantFrom('ALLOW' as const, 'DENY' as const),
})
const entity = fc.constantFrom<QuotaEntity>(
  { user: 'alice' },
  { user: null, clientId: 'c' },
  { ip: '10.0.0.1' },
  {},
)
const rules = fc.constantFrom<readonly RoleRule[]>(
  [],
  [{ resourceType: 'TOPIC', operation: 'READ', resourceName: '*', patternType: 'LITERAL' }],
)
const role = fc.constantFrom('testers', 'viewer')
const tokenId = fc.constantFrom('AAAAAAAAAAAAAAAAAAAAZg', 'AAAAAAAAAAAAAAAAAAAAZw')
const key = (sizeBytes: number): Buffer => Buffer.alloc(sizeBytes, 'k')

const accessCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ name: principal, mechanism }).map(({ name: user, mechanism: chosen }) => {
    const sizeBytes = chosen === 'SCRAM-SHA-256' ? 32 : 64
    const keys = { salt: key(8), storedKey: key(sizeBytes), serverKey: key(sizeBytes) }
    const asked = { name: user, mechanism: chosen, iterations: 4096, ...keys }
    return { kind: 'user.scram.upsert', ...asked } as const
  }),
  fc.record({ kind: fc.constant('user.scram.delete' as const), name: principal, mechanism }),
  fc.record({ kind: fc.constantFrom('acl.create' as const, 'acl.delete' as const), binding }),
  fc.record({
    kind: fc.constant('quota.alter' as const),
    entity,
    changes: fc.constantFrom<AlterClientQuota['changes']>(
      [{ key: 'producer_byte_rate', value: 1024 }],
      [{ key: 'producer_byte_rate', value: null }],
      [{ key: 'connection_creation_rate', value: 5 }],
      [{ key: 'request_percentage', value: 12.5 }],
    ),
  }),
  fc.record({ kind: fc.constant('account.create' as const), name: principal, roles, person }),
  fc.record({
    kind: fc.constant('account.alter' as const),
    ...{ name: principal, roles, isDisabled: fc.boolean() },
  }),
  fc.record({ kind: fc.constant('account.delete' as const), name: principal }),
  fc.record({ kind: fc.constant('person.erase' as const), account: principal }),
  fc.record({
    kind: fc.constantFrom('role.create' as const, 'role.alter' as const),
    ...{ name: role, rules },
  }),
  fc.record({ kind: fc.constant('role.delete' as const), name: role }),
  fc.record({
    kind: fc.constant('token.create' as const),
    ...{ id: tokenId, account: principal, label: fc.constant('ci') },
    expiresAtMs: fc.constantFrom(-1, 1),
    hash: fc.constant(key(32)),
  }),
  fc.record({ kind: fc.constant('token.revoke' as const), id: tokenId }),
  fc.record({
    kind: fc.constant('delegation-token.create' as const),
    ...{ id: tokenId, owner: fc.constantFrom('User:alice', 'User:bob', 'Group:x') },
    renewers: fc.constantFrom([], ['User:alice']),
    maxLifetimeMs: fc.constantFrom(-1, 1000),
    hmac: fc.constant(key(64)),
  }),
  fc.record({
    kind: fc.constant('delegation-token.renew' as const),
    ...{ id: tokenId, renewPeriodMs: fc.constantFrom(-1, 500) },
  }),
  fc.record({
    kind: fc.constant('delegation-token.expire' as const),
    ...{ id: tokenId, expiryPeriodMs: fc.constantFrom(-1, 500) },
  }),
  fc.constant({
    kind: 'audit.key.rotate',
    verifierKey: 'glasslog+1+key',
    endorsement: null,
  } as const),
)

type Step =
  | { readonly do: 'execute' | 'validate'; readonly commands: readonly Command[] }
  | { readonly do: 'restart' }

const commands = fc.array(fc.oneof(command, accessCommand), { minLength: 1, maxLength: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('execute' as const), commands }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('validate' as const), commands }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
)

/** Folding the stored history from its first record gives exactly the state in effect. */
async function expectFold(world: ControlWorld): Promise<void> {
  const { control, store } = world
  const { state } = await replayHistory(control.history)
  expect(snapshotOf(state)).toEqual(snapshotOf(control.state))
  expectSecrets(world)
  expect(snapshotOf(stateOf(control.resources))).toEqual(snapshotOf(control.state))
  const stored = await storedBytes(control.history)
  const again = await replayHistory(createMemoryHistory(stored))
  expect(snapshotOf(again.state)).toEqual(snapshotOf(control.state))

  const { topics, deletedTopics } = control.state
  const named = [...topics.values(), ...deletedTopics.values()].flatMap(({ id, partitionCount }) =>
    Array.from({ length: partitionCount }, (_, partition) => `${id}-${partition}`),
  )
  named.push(`${SECRETS_PARTITION.topicId}-0`)
  const logs = [...store.logs()].map(({ topicId, partition }) => `${topicId}-${partition}`)
  expect(logs.sort()).toEqual(named.sort())
}

/** A secret for each reference, and none that nobody refers to. */
function expectSecrets({ control: { state, secrets } }: ControlWorld): void {
  const references = [
    ...[...state.users.values()].flatMap(({ credentials }) => Object.values(credentials)),
    ...[...state.accounts.values()].flatMap((account) => account.person ?? []),
    ...[...state.tokens.values()].map(({ secret }) => secret),
    ...[...state.delegationTokens.values()].map(({ secret }) => secret),
  ]
  for (const { secretId } of references) expect(secrets.get(secretId)).toBeDefined()
  expect(secrets.size).toBe(references.length)
}

async function storedBytes(history: HistoryReader): Promise<Uint8Array[]> {
  const stored: Uint8Array[] = []
  while (stored.length < history.nextSeq) {
    stored.push(...(await history.read(stored.length, 100)).map(({ bytes }) => bytes))
  }
  return stored
}

/** One record for each command that must leave one, in order, and an answer for each. */
async function execute(world: ControlWorld, asked: readonly Command[]): Promise<void> {
  const { control } = world
  const before = control.history.nextSeq
  const outcomes = await control.execute(asked, alice)
  expect(outcomes).toHaveLength(asked.length)
  const seqs = outcomes.map(({ seq }) => seq).filter((seq) => seq >= 0)
  expect(seqs).toEqual(seqs.map((_, index) => before + index))
  for (const [index, { error, seq, after }] of outcomes.entries()) {
    const asks = asked[index]
    const automatic = asks?.kind === 'topic.create' && asks.automatic === true
    if (seq === -1) expect(automatic).toBe(true)
    if (error !== 'NONE') expect(after).toBeNull()
  }
}

/** Runs the steps in a world of their own, looking at it after each. */
async function expectFoldThroughout(steps: readonly Step[]): Promise<void> {
  let world = await ControlWorld.open()
  for (const [index, next] of steps.entries()) {
    const before = snapshotOf(world.control.state)
    if (next.do === 'execute') await execute(world, next.commands)
    else if (next.do === 'restart') world = await world.restart({ seed: index + 2 })
    else await world.control.execute(next.commands, alice, { validateOnly: true })
    if (next.do !== 'execute') expect(snapshotOf(world.control.state)).toEqual(before)
    await expectFold(world)
  }
  await world.stop()
}

const newToken = { id: 'AAAAAAAAAAAAAAAAAAAAZg', owner: 'User:alice', renewers: [] } as const
const createDelegationToken: Command = {
  ...{ kind: 'delegation-token.create', ...newToken, maxLifetimeMs: -1, hmac: key(64) },
}
const createToken: Command = {
  ...{ kind: 'token.create', id: newToken.id, account: 'alice', label: 'ci', expiresAtMs: -1 },
  hash: key(32),
}
const upsertScram: Command = {
  ...{ kind: 'user.scram.upsert', name: 'alice', mechanism: 'SCRAM-SHA-256', iterations: 4096 },
  ...{ salt: key(8), storedKey: key(32), serverKey: key(32) },
}
const createAccount: Command = {
  ...{ kind: 'account.create', name: 'alice', roles: [], person: { displayName: 'Alice A.' } },
}

describe('the control plane', () => {
  it.each([createDelegationToken, createToken, upsertScram, createAccount])(
    'leaves no secret behind when $kind comes twice',
    async (command) => {
      const owner: readonly Command[] = command === createToken ? [createAccount] : []
      await expectFoldThroughout([
        { do: 'execute', commands: owner },
        { do: 'execute', commands: [command, command] },
        { do: 'execute', commands: [command] },
        { do: 'restart' },
      ])
    },
  )

  it('is at all times the fold of its history under random calls', {
    timeout: 60_000,
  }, async () => {
    const calls = fc.array(step, { maxLength: 15 })
    await fc.assert(fc.asyncProperty(calls, expectFoldThroughout), { numRuns: 60 })
  })
})

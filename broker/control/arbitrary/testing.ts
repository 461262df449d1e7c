import fc from 'fast-check'
import type { JsonObject } from '../../../audit/index.ts'
import type { RoleRule } from '../access.ts'
import type { AlterClientQuota, Command, ConfigChange } from '../commands.ts'
import type { ClusterState } from '../port.ts'
import type { QuotaEntity } from '../quotas.ts'
import type { ReportedKind } from '../reported-operations.ts'
import { reportedKinds } from '../reported-operations.ts'
import { createTopic } from '../testing.ts'

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

const scramUpsert = fc
  .record({ name: principal, mechanism })
  .map(({ name: user, mechanism: chosen }) => {
    const sizeBytes = chosen === 'SCRAM-SHA-256' ? 32 : 64
    const keys = { salt: key(8), storedKey: key(sizeBytes), serverKey: key(sizeBytes) }
    const asked = { name: user, mechanism: chosen, iterations: 4096, ...keys }
    return { kind: 'user.scram.upsert', ...asked } as const
  })
const brokerChanges = fc.constantFrom<readonly ConfigChange[]>(
  [],
  [{ op: 'set', name: 'num.partitions', value: '3' }],
  [{ op: 'set', name: 'log.retention.ms', value: '9' }],
  [{ op: 'delete', name: 'num.partitions' }],
  [{ op: 'set', name: 'num.io.threads', value: '3' }],
)
const clientMetricsChanges = fc.constantFrom<readonly ConfigChange[]>(
  [],
  [{ op: 'set', name: 'interval.ms', value: '5000' }],
  [{ op: 'set', name: 'metrics', value: 'org.apache.kafka.producer.' }],
  [{ op: 'set', name: 'match', value: 'client_id=app-.*' }],
  [{ op: 'delete', name: 'interval.ms' }],
  [{ op: 'set', name: 'interval.ms', value: '5' }],
)
const quotaChanges = fc.constantFrom<AlterClientQuota['changes']>(
  [{ key: 'producer_byte_rate', value: 1024 }],
  [{ key: 'producer_byte_rate', value: null }],
  [{ key: 'connection_creation_rate', value: 5 }],
  [{ key: 'request_percentage', value: 12.5 }],
)
const groupId = fc.constantFrom('group-1', 'group-2')
const partition = fc.integer({ min: 0, max: 2 })
const BACKUP_ID = 'AAAAAAAAAAAAAAAAAAAAYg'

/** Stands for the id of whatever deleted topic there is when the command is given. */
const DELETED_TOPIC = 'a deleted topic'

const alarmRules = fc.constantFrom<readonly JsonObject[]>(
  [],
  [{ alert: 'Lag', expr: 'glasslog_lag > 5', for: '5m', labels: { severity: 'warning' } }],
  [{ record: 'a:b', expr: 'sum(a)' }],
  [{ record: 'a:b', alert: 'Both', expr: 'sum(a)' }],
)
const contactPoint = fc.constantFrom('on-call', 'mail', 'console')

type Reports = { readonly [Kind in ReportedKind]: fc.Arbitrary<Of<Kind>> }
const reports = Object.fromEntries(
  reportedKinds.map((kind) => [
    kind,
    fc.record({
      ...{ kind: fc.constant(kind), name: fc.constantFrom('a', 'b', '') },
      outbox: fc.constantFrom('outbox-1', 'outbox-2', 'x'),
      position: fc.integer({ min: 0, max: 9 }),
      ...{ from: fc.constant(null), to: fc.constantFrom(null, { state: 'open' }) },
    }),
  ]),
) as unknown as Reports

type Of<Kind extends Command['kind']> = Extract<Command, { readonly kind: Kind }>
const kind = <Kind extends Command['kind']>(one: Kind) => fc.constant(one)

/** Commands of every kind that there is, right and wrong, on few resources so that they meet. */
export const commandArbitraries: {
  readonly [Kind in Command['kind']]: fc.Arbitrary<Of<Kind>>
} = {
  'topic.create': fc.oneof(
    fc
      .record({ name, partitionCount: count, replicationFactor: fc.integer({ min: -1, max: 2 }) })
      .map((topic) => createTopic(topic.name, topic)),
    fc
      .record({ name, automatic: fc.boolean() })
      .map(({ name: topic, automatic }) =>
        createTopic(topic, { automatic, internal: topic.startsWith('__') }),
      ),
  ),
  'topic.delete': fc.record({ kind: kind('topic.delete'), name, purgeNow: fc.boolean() }),
  'topic.restore': fc.record({ kind: kind('topic.restore'), name }),
  'topic.purge': fc.record({ kind: kind('topic.purge'), id: fc.constant(DELETED_TOPIC) }),
  'topic.quota.alter': fc.record({
    ...{ kind: kind('topic.quota.alter'), name },
    producerByteRate: fc.constantFrom(null, 1000, 0),
  }),
  'topic.partitions.create': fc.record({
    ...{ kind: kind('topic.partitions.create'), name, totalCount: count },
    assignments: fc.constantFrom(null, [[1]], [[2]]),
  }),
  'topic.config.alter': fc.record({ kind: kind('topic.config.alter'), name, mode, changes }),
  'broker.config.alter': fc.record({
    ...{ kind: kind('broker.config.alter'), mode, changes: brokerChanges },
    brokerId: fc.constantFrom('', '1', '2'),
  }),
  'client-metrics.alter': fc.record({
    ...{ kind: kind('client-metrics.alter'), mode, changes: clientMetricsChanges },
    name: fc.constantFrom('subscription-1', 'subscription-2'),
  }),
  'records.delete': fc.record({
    ...{ kind: kind('records.delete'), topic: name, partition },
    offset: fc.constantFrom(-1, 0, 5),
  }),
  'producer-ids.allocate': fc.record({ kind: kind('producer-ids.allocate') }),
  'user.scram.upsert': scramUpsert,
  'user.scram.delete': fc.record({
    ...{ kind: kind('user.scram.delete'), name: principal, mechanism },
  }),
  'acl.create': fc.record({ kind: kind('acl.create'), binding }),
  'acl.delete': fc.record({ kind: kind('acl.delete'), binding }),
  'quota.alter': fc.record({ kind: kind('quota.alter'), entity, changes: quotaChanges }),
  'account.create': fc.record({ kind: kind('account.create'), name: principal, roles, person }),
  'account.alter': fc.oneof(
    fc.record({
      ...{ kind: kind('account.alter'), name: principal, roles, isDisabled: fc.boolean() },
    }),
    fc.record({ kind: kind('account.alter'), name: principal, person }),
  ),
  'account.delete': fc.record({ kind: kind('account.delete'), name: principal }),
  'person.erase': fc.record({ kind: kind('person.erase'), account: principal }),
  'role.create': fc.record({ kind: kind('role.create'), name: role, rules }),
  'role.alter': fc.record({ kind: kind('role.alter'), name: role, rules }),
  'role.delete': fc.record({ kind: kind('role.delete'), name: role }),
  'token.create': fc.record({
    ...{ kind: kind('token.create'), id: tokenId, account: principal, label: fc.constant('ci') },
    expiresAtMs: fc.constantFrom(-1, 1),
    hash: fc.constant(key(32)),
  }),
  'token.revoke': fc.record({ kind: kind('token.revoke'), id: tokenId }),
  'delegation-token.create': fc.record({
    ...{ kind: kind('delegation-token.create'), id: tokenId },
    owner: fc.constantFrom('User:alice', 'User:bob', 'Group:x'),
    renewers: fc.constantFrom([], ['User:alice']),
    maxLifetimeMs: fc.constantFrom(-1, 1000),
    hmac: fc.constant(key(64)),
  }),
  'delegation-token.renew': fc.record({
    ...{ kind: kind('delegation-token.renew'), id: tokenId },
    renewPeriodMs: fc.constantFrom(-1, 500),
  }),
  'delegation-token.expire': fc.record({
    ...{ kind: kind('delegation-token.expire'), id: tokenId },
    expiryPeriodMs: fc.constantFrom(-1, 500),
  }),
  'group.offsets.reset': fc
    .record({ groupId, topic: name, partition, offset: fc.constantFrom(0, 1, null) })
    .map(({ groupId: group, ...offset }) => ({
      ...{ kind: 'group.offsets.reset', groupId: group, offsets: [offset] },
    })) as fc.Arbitrary<Of<'group.offsets.reset'>>,
  'group.offsets.delete': fc.record({
    ...{ kind: kind('group.offsets.delete'), groupId, topic: name },
    partitions: fc.constantFrom([0], [0, 1]),
  }),
  'group.delete': fc.record({ kind: kind('group.delete'), groupId }),
  'listener.alter': fc.record({
    ...{ kind: kind('listener.alter'), name: fc.constantFrom('PLAINTEXT', 'EXTRA') },
    change: fc.constantFrom<Of<'listener.alter'>['change']>(
      {
        ...{ to: 'settings', host: '127.0.0.1', port: 0 },
        ...{ advertised: null, protocol: 'PLAINTEXT' },
      },
      { to: 'removed' },
      { to: 'configured' },
    ),
  }),
  'disk.capacity.alter': fc.record({
    kind: kind('disk.capacity.alter'),
    capacityBytes: fc.constantFrom(null, 10_000_000_000, 20_000_000_000, -1),
  }),
  'retention-policy.alter': fc.record({
    kind: kind('retention-policy.alter'),
    policy: fc.constantFrom<Of<'retention-policy.alter'>['policy']>(null, {
      ...{ driver: 'capacity', planWindow: { from: '02:00', to: '05:00' } },
      ...{ mode: 'retention', thresholdPercent: 80, stepPercent: 10, cooldownMs: 600_000 },
      ...{ retentionFloorMs: 3_600_000, capacityCeilingBytes: null },
      ...{ capacityGranularityBytes: 1_048_576, effectiveRetentionPercent: 100 },
    }),
  }),
  'backup.create': fc.record({
    ...{ kind: kind('backup.create'), backupId: fc.constant(BACKUP_ID) },
    phase: fc.constantFrom<Of<'backup.create'>['phase']>('running', 'done', 'failed'),
  }),
  'backup.restore': fc.record({
    ...{ kind: kind('backup.restore'), backupId: fc.constant(BACKUP_ID) },
    createdAt: fc.constant('2026-01-01T00:00:00.000Z'),
    historySize: fc.constant(1),
    historyRoot: fc.constant('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='),
  }),
  'audit.key.rotate': fc.record({
    kind: kind('audit.key.rotate'),
    verifierKey: fc.constant('glasslog+1+key'),
    endorsement: fc.constant(null),
  }),
  'rule.put': fc.record({
    kind: kind('rule.put'),
    group: fc.record({ name: fc.constantFrom('lag', 'disk', ''), rules: alarmRules }),
  }),
  'rule.delete': fc.record({ kind: kind('rule.delete'), name: fc.constantFrom('lag', 'disk') }),
  'contact-point.put': fc.record({
    ...{ kind: kind('contact-point.put'), name: contactPoint },
    settings: fc.constantFrom<JsonObject>(
      {},
      { webhook_configs: [{ url: 'https://example.com/hook' }] },
      { webhook_configs: [{ url_secret: 'hook' }] },
      { webhook_configs: [{ url_secret: 'hook', signing_secret_secret: 'key' }] },
      { webhook_configs: [{ url_file: '/etc/passwd' }] },
    ),
    secrets: fc.constantFrom({}, { hook: 'https://a' }, { hook: 'https://b', key: 'k' }),
  }),
  'contact-point.delete': fc.record({ kind: kind('contact-point.delete'), name: contactPoint }),
  'notification-policy.put': fc.record({
    kind: kind('notification-policy.put'),
    policy: fc.constantFrom(
      null,
      { route: { receiver: 'console' } },
      { route: { receiver: 'console', routes: [{ receiver: 'on-call' }] } },
    ),
  }),
  ...reports,
}

/** A command of any kind. */
export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  ...(Object.values(commandArbitraries) as readonly fc.Arbitrary<Command>[]),
)

/** The command with the ids that only the state knows. */
export function inState(command: Command, state: ClusterState): Command {
  if (command.kind !== 'topic.purge' || command.id !== DELETED_TOPIC) return command
  const [id = DELETED_TOPIC] = state.deletedTopics.keys()
  return { ...command, id }
}

import { fetchRecords, produce } from '../support/kafka-acts.ts'
import { HEALTHY_TOPIC } from './client-scenarios.ts'
import type { Scenario, World } from './scenario.ts'

/** Ids that the broker gave, which findings are named after. */
export const given = { aclOfEverybody: '', aclOfBob: '', endlessToken: '', endingToken: '' }

/** So much traffic is planned for the machine of this test. */
export const PLANNED = { produceBytesPerSecond: 10_000, consumeBytesPerSecond: 50_000 }

async function createAccount(world: World, name: string): Promise<void> {
  await world.call('POST', '/v1/accounts', { name, roles: ['viewer'] })
}

async function createToken(world: World, account: string, expiresAt?: string): Promise<string> {
  const body = {
    account,
    label: `of ${account}`,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
  return ((await world.call('POST', '/v1/tokens', body)) as { id: string }).id
}

async function limitTo(world: World, config: string, used: number): Promise<void> {
  const value = String(Math.floor(used / 0.9))
  await world.call('PATCH', '/v1/configs', { configs: { [config]: value } })
}

export const SAFETY_SCENARIOS: readonly Scenario[] = [
  {
    ...{ check: 'unused-topic', resource: 'forgotten', twins: [HEALTHY_TOPIC, 'polled'] },
    prepare: (world) => world.createTopic('forgotten'),
    mend: 'apply',
  },
  {
    ...{ check: 'unlimited-retention', resource: 'for-ever', twins: [HEALTHY_TOPIC] },
    async prepare(world) {
      await world.createTopic('for-ever', 1, { 'retention.ms': '-1' })
      await produce(world.client, 'for-ever')
    },
    async misbehave({ client }) {
      await produce(client, 'for-ever', { records: 100 })
    },
    mend: 'apply',
    async behave({ client }) {
      await produce(client, 'for-ever', { records: 100 })
    },
  },
  {
    ...{ check: 'empty-partitions', resource: 'sparse', twins: [HEALTHY_TOPIC] },
    async prepare(world) {
      await world.createTopic('sparse', 48)
    },
    async misbehave({ client }) {
      await produce(client, 'sparse', { partition: 7 })
    },
    async mend(world) {
      await world.call('DELETE', '/v1/topics/sparse')
      await world.createTopic('sparse', 1)
      await produce(world.client, 'sparse')
    },
  },
  {
    ...{ check: 'relaxed-durability', resource: 'hasty', twins: [HEALTHY_TOPIC] },
    async misbehave(world, minute) {
      if (minute === 0) await world.createTopic('hasty', 1, { 'glasslog.durability': 'os' })
    },
    mend: 'apply',
  },
  {
    check: 'broad-acl',
    get resource() {
      return given.aclOfEverybody
    },
    get twins() {
      return [given.aclOfBob]
    },
    async misbehave(world, minute) {
      if (minute > 0) return
      const rule = { resourceType: 'TOPIC', resourceName: HEALTHY_TOPIC, operation: 'WRITE' }
      const add = async (principal: string) =>
        ((await world.call('POST', '/v1/acls', { ...rule, principal })) as { id: string }).id
      given.aclOfEverybody = await add('User:*')
      given.aclOfBob = await add('User:bob')
    },
    mend: 'apply',
  },
  {
    ...{ check: 'stale-account', resource: 'gone', twins: ['robot', 'service', 'root'] },
    async prepare(world) {
      for (const name of ['gone', 'robot', 'service']) await createAccount(world, name)
      const inDays = (days: number) => new Date(world.clock.now() + days * 86_400_000).toISOString()
      await createToken(world, 'gone', inDays(1))
      given.endlessToken = await createToken(world, 'robot')
      given.endingToken = await createToken(world, 'service', inDays(365))
    },
    mend: 'apply',
  },
  {
    check: 'token-without-end',
    get resource() {
      return given.endlessToken
    },
    get twins() {
      return [given.endingToken]
    },
    mend: 'apply',
  },
  {
    ...{ check: 'certificate-expiry', resource: 'SECURE', twins: ['PLAINTEXT', 'LOGIN'] },
    mend: (world) => world.certificates.renew(),
  },
  {
    ...{ check: 'produce-bandwidth', resource: 'produce-bandwidth', twins: [] },
    mend: async () => {},
  },
  {
    ...{ check: 'consume-bandwidth', resource: 'consume-bandwidth', twins: [] },
    async misbehave({ client }) {
      await fetchRecords(client, 'films', { requests: 5 })
    },
    mend: async () => {},
  },
  {
    ...{ check: 'partitions-near-limit', resource: 'partitions', twins: [] },
    async misbehave(world, minute) {
      if (minute < 4) return
      const { partitions } = (await world.call('GET', '/v1/cluster')) as { partitions: number }
      await limitTo(world, 'glasslog.partitions.max', partitions)
    },
    mend: 'apply',
  },
  {
    ...{ check: 'connections-near-limit', resource: 'connections', twins: [] },
    async misbehave(world, minute) {
      if (minute < 4) return
      // Others have connected in this minute, too.
      await world.pass(1)
      const [open] = await world.query('glasslog_connections')
      await limitTo(world, 'max.connections', (open?.value ?? 0) + 5)
      for (let count = 0; count < 5; count++) await world.connect()
    },
    mend: 'apply',
  },
]

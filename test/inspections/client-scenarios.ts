import type { RawClient } from '../support/client.ts'
import { fetchRecords, introduce, logInByPlain, produce } from '../support/kafka-acts.ts'
import type { Scenario } from './scenario.ts'

let oldJava: RawClient

/** Topics that clients use well: the twins of what others do to theirs. */
export const HEALTHY_TOPIC = 'orders'

const healthy = {
  prepare: (world) => world.createTopic(HEALTHY_TOPIC, 4),
} satisfies Pick<Scenario, 'prepare'>

export const CLIENT_SCENARIOS: readonly Scenario[] = [
  {
    ...{ check: 'tiny-batches', resource: 'tiny', twins: [HEALTHY_TOPIC, 'quiet'] },
    async prepare(world) {
      await healthy.prepare(world)
      await world.createTopic('tiny')
      for (const partition of [0, 1, 2, 3])
        await produce(world.client, HEALTHY_TOPIC, { partition })
      await produce(world.client, 'tiny')
    },
    async misbehave({ client }) {
      await produce(client, 'tiny', { requests: 1_000, records: 2 })
      for (const partition of [0, 1, 2, 3])
        await produce(client, HEALTHY_TOPIC, { records: 300, compression: 'lz4', partition })
    },
    mend: async () => {},
    async behave({ client }) {
      await produce(client, 'tiny', { requests: 2, records: 100 })
    },
  },
  {
    check: 'synchronous-sends',
    ...{ resource: 'one-by-one', twins: [HEALTHY_TOPIC, 'tiny', 'quiet'] },
    async prepare(world) {
      await world.createTopic('one-by-one')
      await world.createTopic('quiet')
      await produce(world.client, 'one-by-one')
      await produce(world.client, 'quiet')
    },
    async misbehave({ client }) {
      await produce(client, 'one-by-one', { requests: 1_000, records: 1 })
      // A topic to which little is written has little to put into a batch.
      await produce(client, 'quiet', { requests: 120, records: 1 })
    },
    mend: async () => {},
    async behave({ client }) {
      await produce(client, 'one-by-one', { requests: 2, records: 50 })
    },
  },
  {
    ...{ check: 'uncompressed-batches', resource: 'plain', twins: ['squeezed'] },
    async prepare(world) {
      await world.createTopic('plain')
      await world.createTopic('squeezed')
      await produce(world.client, 'plain')
      await produce(world.client, 'squeezed', { compression: 'gzip' })
    },
    async misbehave({ client }) {
      const act = { requests: 40, records: 10, valueBytes: 1_000 }
      await produce(client, 'plain', act)
      await produce(client, 'squeezed', { ...act, compression: 'gzip' })
    },
    mend: 'apply',
  },
  {
    ...{ check: 'oversized-messages', resource: 'films', twins: [HEALTHY_TOPIC] },
    async prepare(world) {
      await world.createTopic('films')
      await produce(world.client, 'films')
    },
    async misbehave({ client }) {
      await produce(client, 'films', { valueBytes: 900_000 })
    },
    mend: async () => {},
    async behave({ client }) {
      await produce(client, 'films', { valueBytes: 1_000 })
    },
  },
  {
    ...{ check: 'partition-skew', resource: 'skewed', twins: [HEALTHY_TOPIC] },
    async prepare(world) {
      await world.createTopic('skewed', 4)
      await produce(world.client, 'skewed', { partition: 2 })
    },
    async misbehave({ client }) {
      await produce(client, 'skewed', { partition: 2, records: 400 })
      await produce(client, 'skewed', { partition: 1, records: 10 })
    },
    mend: async () => {},
    async behave({ client }) {
      for (const partition of [0, 1, 2, 3])
        await produce(client, 'skewed', { partition, records: 100 })
    },
  },
  {
    ...{ check: 'single-partition-topic', resource: 'narrow-and-busy', twins: ['wide-and-busy'] },
    async prepare(world) {
      await world.createTopic('narrow-and-busy')
      await world.createTopic('wide-and-busy', 6)
      await produce(world.client, 'narrow-and-busy')
      await produce(world.client, 'wide-and-busy')
    },
    async misbehave({ client }) {
      for (const topic of ['narrow-and-busy', 'wide-and-busy'])
        await produce(client, topic, { requests: 33, records: 2_000, valueBytes: 4 })
    },
    mend: 'apply',
  },
  {
    ...{ check: 'busy-polling', resource: 'polled', twins: ['idle'] },
    async prepare(world) {
      await world.createTopic('polled')
      await world.createTopic('idle')
      await fetchRecords(world.client, 'polled')
      await fetchRecords(world.client, 'idle')
    },
    async misbehave({ client }) {
      await fetchRecords(client, 'polled', { requests: 1_000 })
      // As often as a consumer asks that has nothing to read.
      await fetchRecords(client, 'idle', { requests: 120 })
    },
    mend: async () => {},
    async behave({ client }) {
      await fetchRecords(client, 'polled', { requests: 1, maxWaitMs: 50 })
    },
  },
  {
    ...{ check: 'failing-produce', resource: 'refused', twins: [HEALTHY_TOPIC] },
    async prepare(world) {
      await world.createTopic('refused', 1, { 'max.message.bytes': '1000' })
      await produce(world.client, 'refused', { valueBytes: 10 })
      await produce(world.client, 'refused', { valueBytes: 5_000 })
    },
    async misbehave({ client }) {
      await produce(client, 'refused', { requests: 4, valueBytes: 5_000 })
    },
    async mend(world) {
      await world.call('PATCH', '/v1/topics/refused', { configs: { 'max.message.bytes': null } })
    },
    async behave({ client }) {
      await produce(client, 'refused', { requests: 4, valueBytes: 5_000 })
    },
  },
  {
    ...{ check: 'message-conversion', resource: 'converted', twins: [HEALTHY_TOPIC] },
    async prepare(world) {
      await world.createTopic('converted')
      await produce(world.client, 'converted', { records: 100 })
      await fetchRecords(world.client, 'converted', { version: 3 })
    },
    async misbehave({ client }) {
      await fetchRecords(client, 'converted', { version: 3 })
    },
    mend: async () => {},
    async behave({ client }) {
      await fetchRecords(client, 'converted')
    },
  },
  {
    ...{ check: 'old-protocol-versions', resource: 'Produce v3', twins: [] },
    async prepare(world) {
      await world.createTopic('old-voice')
      await produce(world.client, 'old-voice', { version: 3 })
    },
    async misbehave({ client }) {
      await produce(client, 'old-voice', { version: 3, requests: 5, records: 50 })
    },
    mend: async () => {},
    async behave({ client }) {
      await produce(client, 'old-voice', { requests: 5, records: 50 })
    },
  },
  {
    check: 'old-client-software',
    ...{ resource: 'apache-kafka-java 2.1.0', twins: ['apache-kafka-java 3.9.0'] },
    async misbehave(world, minute) {
      if (minute > 0) return
      oldJava = await world.connect()
      await introduce(oldJava, 'apache-kafka-java', '2.1.0')
      await introduce(await world.connect(), 'apache-kafka-java', '3.9.0')
    },
    async mend(world) {
      await oldJava.close()
      await introduce(await world.connect(), 'apache-kafka-java', '3.9.0')
    },
  },
  {
    ...{ check: 'connection-churn', resource: 'connections', twins: [] },
    async misbehave(world) {
      for (let count = 0; count < 80; count++) await (await world.connect()).close()
    },
    mend: async () => {},
  },
  {
    ...{ check: 'login-failures', resource: 'PLAIN', twins: ['SCRAM-SHA-256'] },
    async prepare(world) {
      const body = { password: 'correct horse', mechanism: 'SCRAM-SHA-256' }
      await world.call('PUT', '/v1/users/alice', body)
      const client = await world.connectToLogIn()
      await logInByPlain(client, 'alice', 'wrong')
    },
    async misbehave(world) {
      for (let count = 0; count < 2; count++)
        await logInByPlain(await world.connectToLogIn(), 'alice', 'wrong')
    },
    mend: async () => {},
  },
  {
    ...{ check: 'plain-without-tls', resource: 'LOGIN', twins: ['PLAINTEXT', 'SECURE'] },
    async prepare(world) {
      await logInByPlain(await world.connectToLogIn(), 'alice', 'correct horse')
    },
    async misbehave(world) {
      await logInByPlain(await world.connectToLogIn(), 'alice', 'correct horse')
    },
    mend: async () => {},
  },
  {
    ...{ check: 'denied-requests', resource: 'denied WRITE on TOPIC', twins: [] },
    async prepare(world) {
      await world.createTopic('secret')
      const client = await world.connectToLogIn()
      await logInByPlain(client, 'alice', 'correct horse')
      await produce(client, 'secret')
    },
    async misbehave(world) {
      const client = await world.connectToLogIn()
      await logInByPlain(client, 'alice', 'correct horse')
      await produce(client, 'secret', { requests: 4 })
    },
    async mend(world) {
      await world.call('POST', '/v1/acls', {
        ...{ resourceType: 'TOPIC', resourceName: 'secret', principal: 'User:alice' },
        operation: 'WRITE',
      })
    },
  },
  {
    ...{ check: 'clients-throttled', resource: 'ANONYMOUS producer_byte_rate', twins: [] },
    async prepare(world) {
      await world.createTopic('wanted')
      const entity = { clientId: 'greedy' }
      await world.call('PUT', '/v1/quotas', { entity, limits: { producer_byte_rate: 1_000 } })
      await produce(await world.connect('greedy'), 'wanted', { valueBytes: 50_000 })
    },
    async misbehave(world) {
      // An answer comes at once and says for how long to wait; who does not ask again is done.
      for (let count = 0; count < 6; count++)
        await produce(await world.connect('greedy'), 'wanted', { valueBytes: 50_000 })
    },
    mend: 'apply',
  },
  {
    ...{ check: 'topic-throttled', resource: 'held', twins: ['wanted'] },
    async prepare(world) {
      await world.createTopic('held')
      await world.call('PUT', '/v1/topics/held/quota', {
        ...{ producerByteRate: 1_000, consumerByteRate: null },
      })
      await produce(await world.connect(), 'held', { valueBytes: 50_000 })
    },
    async misbehave(world) {
      for (let count = 0; count < 6; count++)
        await produce(await world.connect(), 'held', { valueBytes: 50_000 })
    },
    mend: 'apply',
  },
]

import assert from 'node:assert/strict'
import type { Message } from '@platformatic/kafka'
import {
  Admin,
  ConfigResourceTypes,
  IncrementalAlterConfigOperationTypes,
} from '@platformatic/kafka'
import { baseTimeMs, expectFailure, named, numbered, scenarioTopics, until } from '../interop.ts'
import { connection, newConsumer, produce, readValues, toMessages } from './records.ts'

export const admin: Admin = new Admin(connection)

export async function createTopics(): Promise<void> {
  for (const [suffix, partitions] of Object.entries(scenarioTopics)) {
    const [created] = await admin.createTopics({ topics: [named(suffix)], partitions, replicas: 1 })
    assert.equal(created?.partitions, partitions)
  }
  await expectFailure(/TOPIC_ALREADY_EXISTS/, () => admin.createTopics({ topics: [named('acks')] }))
  await until('all are listed', async () => {
    const listed = await admin.listTopics()
    return Object.keys(scenarioTopics).every((suffix) => listed.includes(named(suffix)))
  })
}

export async function describeCluster(): Promise<void> {
  const metadata = await admin.metadata({ topics: [] })
  assert.equal(metadata.brokers.size, 1)
  assert.ok(metadata.brokers.has(metadata.controllerId))
  assert.notEqual(metadata.id, '')
}

export async function describeTopics(): Promise<void> {
  const topic = named('group')
  const metadata = await admin.metadata({ topics: [topic], forceUpdate: true })
  const partitions = metadata.topics.get(topic)?.partitions ?? []
  assert.equal(partitions.length, 4)
  for (const { leader, replicas, isr } of partitions) {
    assert.deepEqual(replicas, [leader])
    assert.deepEqual(isr, [leader])
  }
  await expectFailure(/Unknown topic/, () => admin.metadata({ topics: [named('nobody-made')] }))
}

export async function createPartitions(): Promise<void> {
  const topic = named('admin')
  const grow = (count: number): Promise<void> =>
    admin.createPartitions({ topics: [{ name: topic, count, assignments: null }] })
  await grow(5)
  await until('five partitions', async () => {
    const metadata = await admin.metadata({ topics: [topic], forceUpdate: true })
    return metadata.topics.get(topic)?.partitionsCount === 5
  })
  await expectFailure(/INVALID_PARTITIONS/, () => grow(2))
}

const topicResource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: named('admin') }

async function config(name: string): Promise<string | null | undefined> {
  const [described] = await admin.describeConfigs({ resources: [topicResource] })
  return described?.configs.find((entry) => entry.name === name)?.value
}

export async function describeConfigs(): Promise<void> {
  assert.equal(await config('cleanup.policy'), 'delete')
  assert.notEqual(await config('retention.ms'), undefined)
}

export async function alterConfigs(): Promise<void> {
  const replace = (entries: Record<string, string>): Promise<void> =>
    admin.alterConfigs({
      resources: [
        {
          ...topicResource,
          configs: Object.entries(entries).map(([name, value]) => ({ name, value })),
        },
      ],
    })
  await replace({ 'retention.ms': '7200000', 'max.message.bytes': '500000' })
  await until(
    'both are set',
    async () =>
      (await config('retention.ms')) === '7200000' &&
      (await config('max.message.bytes')) === '500000',
  )
  await replace({ 'retention.ms': '3600000' })
  await until(
    'one is set, the other back to its default',
    async () =>
      (await config('retention.ms')) === '3600000' &&
      (await config('max.message.bytes')) !== '500000',
  )
  await expectFailure(/INVALID_CONFIG|INVALID_REQUEST/, () => replace({ 'retention.ms': 'soon' }))
}

export async function alterConfigsIncrementally(): Promise<void> {
  const { SET, DELETE } = IncrementalAlterConfigOperationTypes
  const set = (name: string, value: string): Promise<void> =>
    admin.incrementalAlterConfigs({
      resources: [{ ...topicResource, configs: [{ name, value, configOperation: SET }] }],
    })
  await set('retention.ms', '7200000')
  await set('max.message.bytes', '400000')
  await until(
    'both are set',
    async () =>
      (await config('retention.ms')) === '7200000' &&
      (await config('max.message.bytes')) === '400000',
  )
  await admin.incrementalAlterConfigs({
    resources: [{ ...topicResource, configs: [{ name: 'retention.ms', configOperation: DELETE }] }],
  })
  await until(
    'one is back to its default',
    async () => (await config('retention.ms')) === '604800000',
  )
  assert.equal(await config('max.message.bytes'), '400000')
  await expectFailure(/INVALID_CONFIG|INVALID_REQUEST/, () => set('retention.ms', 'soon'))
}

/** A group with committed offsets, seen while it has a member and after. */
export class GroupAdmin {
  private readonly group = named('administered')
  private readonly topic = named('administered')

  async describe(): Promise<void> {
    await produce(toMessages(this.topic, numbered('group', 10)))
    let seen = 0
    const consumer = newConsumer('administered')
    const stream = await consumer.consume({ topics: [this.topic], mode: 'earliest' })
    stream.on('data', (_: Message) => {
      seen += 1
    })
    await until('the member has read', () => seen === 10)
    await consumer.commit({
      offsets: [{ topic: this.topic, partition: 0, offset: 10n, leaderEpoch: 0 }],
    })
    const described = (await admin.describeGroups({ groups: [this.group] })).get(this.group)
    assert.equal(described?.state, 'STABLE')
    assert.equal(described?.members.size, 1)
    await expectFailure(/NON_EMPTY_GROUP/, () => admin.deleteGroups({ groups: [this.group] }))
    await consumer.close(true)
    await until('it is empty', async () => {
      const groups = await admin.describeGroups({ groups: [this.group] })
      return groups.get(this.group)?.state === 'EMPTY'
    })
  }

  async list(): Promise<void> {
    const groups = await admin.listGroups()
    assert.equal(groups.get(this.group)?.protocolType, 'consumer')
  }

  private async offset(): Promise<bigint | undefined> {
    const topics = [{ name: this.topic, partitionIndexes: [0] }]
    const [group] = await admin.listConsumerGroupOffsets({
      groups: [{ groupId: this.group, topics }],
    })
    return group?.topics[0]?.partitions[0]?.committedOffset
  }

  async listOffsets(): Promise<void> {
    assert.equal(await this.offset(), 10n)
  }

  async alterOffsets(): Promise<void> {
    const topics = [{ name: this.topic, partitionOffsets: [{ partition: 0, offset: 3n }] }]
    await admin.alterConsumerGroupOffsets({ groupId: this.group, topics })
    assert.equal(await this.offset(), 3n)
  }

  async deleteOffsets(): Promise<void> {
    const topics = [{ name: this.topic, partitionIndexes: [0] }]
    await admin.deleteConsumerGroupOffsets({ groupId: this.group, topics })
    assert.equal(await this.offset(), -1n)
  }

  async delete(): Promise<void> {
    // Without members and offsets the group may be gone already, so it gets an offset again.
    const topics = [{ name: this.topic, partitionOffsets: [{ partition: 0, offset: 3n }] }]
    await admin.alterConsumerGroupOffsets({ groupId: this.group, topics })
    await admin.deleteGroups({ groups: [this.group] })
    await expectFailure(/GROUP_ID_NOT_FOUND/, () => admin.deleteGroups({ groups: [this.group] }))
  }
}

export async function listOffsets(): Promise<void> {
  const name = named('list-offsets')
  const ages = [0, 10, 20, 90, 30]
  for (const age of ages) {
    const timestamp = BigInt(baseTimeMs + age)
    await produce([{ topic: name, partition: 0, value: Buffer.from(String(age)), timestamp }])
  }
  const at = async (timestamp: bigint): Promise<bigint | undefined> => {
    const partitions = [{ partitionIndex: 0, timestamp }]
    const [topic] = await admin.listOffsets({ topics: [{ name, partitions }] })
    return topic?.partitions[0]?.offset
  }
  assert.deepEqual([await at(-2n), await at(-1n)], [0n, 5n])
  assert.equal(await at(BigInt(baseTimeMs + 15)), 2n, 'by time')
  assert.equal(await at(-3n), 3n, 'largest timestamp')
}

export async function deleteRecords(): Promise<void> {
  const name = named('delete-records')
  await produce(toMessages(name, numbered('doomed', 100)))
  const [deleted] = await admin.deleteRecords({
    topics: [{ name, partitions: [{ partition: 0, offset: 40n }] }],
  })
  assert.equal(deleted?.partitions[0]?.lowWatermark, 40n)
  assert.equal((await readValues(name, 60))[0], 'doomed-40')
}

export async function describeLogDirs(): Promise<void> {
  const name = named('bounds')
  const [broker] = await admin.describeLogDirs({ topics: [{ name, partitions: [0] }] })
  const [topic] = broker?.results.flatMap((directory) => directory.topics) ?? []
  assert.equal(topic?.name, name)
  assert.ok((topic?.partitions[0]?.partitionSize ?? 0n) > 0n, 'a size is known')
}

export async function deleteTopic(): Promise<void> {
  const topic = named('short-lived')
  await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })
  await produce(toMessages(topic, numbered('before', 3)))
  await admin.deleteTopics({ topics: [topic] })
  await until('it is gone', async () => !(await admin.listTopics()).includes(topic))
  await expectFailure(/UNKNOWN_TOPIC_OR_PARTITION/, () => admin.deleteTopics({ topics: [topic] }))
  await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })
  await produce(toMessages(topic, numbered('after', 2)))
  assert.deepEqual(await readValues(topic, 2), numbered('after', 2))
}

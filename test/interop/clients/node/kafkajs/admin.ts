import assert from 'node:assert/strict'
import type { Admin } from 'kafkajs'
import kafkajs from 'kafkajs'
import { expectFailure, named, numbered, scenarioTopics, until } from '../interop.ts'
import { impatient, kafka, produce, readUntil, readValues, toMessages } from './records.ts'

export const admin: Admin = kafka.admin()

export async function createTopics(): Promise<void> {
  const topics = Object.entries(scenarioTopics).map(([suffix, numPartitions]) => ({
    topic: named(suffix),
    numPartitions,
  }))
  assert.equal(await admin.createTopics({ topics, waitForLeaders: true }), true)
  // kafkajs turns TOPIC_ALREADY_EXISTS into false.
  assert.equal(await admin.createTopics({ topics: [{ topic: named('acks') }] }), false)
  const listed = await admin.listTopics()
  for (const { topic } of topics) assert.ok(listed.includes(topic), `${topic} is not listed`)
}

export async function describeCluster(): Promise<void> {
  const cluster = await admin.describeCluster()
  assert.equal(cluster.brokers.length, 1)
  assert.equal(cluster.controller, cluster.brokers[0]?.nodeId)
  assert.notEqual(cluster.clusterId, '')
}

export async function describeTopics(): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [named('group')] })
  const partitions = topics[0]?.partitions ?? []
  assert.deepEqual(partitions.map((one) => one.partitionId).sort(), [0, 1, 2, 3])
  for (const { leader, replicas, isr } of partitions) {
    assert.deepEqual(replicas, [leader])
    assert.deepEqual(isr, [leader])
  }
}

export async function createPartitions(): Promise<void> {
  const grow = (count: number): Promise<boolean> =>
    admin.createPartitions({ topicPartitions: [{ topic: named('admin'), count }] })
  await grow(5)
  await until('five partitions', async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [named('admin')] })
    return topics[0]?.partitions.length === 5
  })
  await expectFailure(/INVALID_PARTITIONS/, () => grow(2))
}

async function config(name: string): Promise<string | undefined> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: true,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: named('admin') }],
  })
  return resources[0]?.configEntries.find((entry) => entry.configName === name)?.configValue
}

export async function describeConfigs(): Promise<void> {
  assert.equal(await config('cleanup.policy'), 'delete')
  assert.notEqual(await config('retention.ms'), undefined)
}

export async function alterConfigs(): Promise<void> {
  const replace = (entries: Record<string, string>): Promise<unknown> =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: named('admin'),
          configEntries: Object.entries(entries).map(([name, value]) => ({ name, value })),
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

/** A group with committed offsets, seen while it has a member and after. */
export class GroupAdmin {
  private readonly group = named('administered')
  private readonly topic = named('administered')

  async listAndDescribe(): Promise<void> {
    await produce(this.topic, toMessages(numbered('group', 10)))
    let seen = 0
    const consumer = kafka.consumer({ groupId: this.group, ...impatient })
    await consumer.connect()
    await consumer.subscribe({ topics: [this.topic], fromBeginning: true })
    await consumer.run({
      eachMessage: async () => {
        seen += 1
      },
    })
    await until('the member has read', () => seen === 10)
    const { groups } = await admin.describeGroups([this.group])
    assert.equal(groups[0]?.state, 'Stable')
    assert.equal(groups[0]?.protocol, 'RoundRobinAssigner')
    assert.equal(groups[0]?.members.length, 1)
    await expectFailure(/NON_EMPTY_GROUP|not empty/i, () => admin.deleteGroups([this.group]))
    await consumer.disconnect()
    await until('it is empty', async () => {
      const described = await admin.describeGroups([this.group])
      return described.groups[0]?.state === 'Empty'
    })
  }

  async list(): Promise<void> {
    const { groups } = await admin.listGroups()
    const listed = groups.find((group) => group.groupId === this.group)
    assert.equal(listed?.protocolType, 'consumer')
  }

  async offset(): Promise<string | undefined> {
    const [fetched] = await admin.fetchOffsets({ groupId: this.group, topics: [this.topic] })
    return fetched?.partitions[0]?.offset
  }

  async listOffsets(): Promise<void> {
    assert.equal(await this.offset(), '10')
  }

  async alterOffsets(): Promise<void> {
    const partitions = [{ partition: 0, offset: '3' }]
    await admin.setOffsets({ groupId: this.group, topic: this.topic, partitions })
    assert.equal(await this.offset(), '3')
  }

  async delete(): Promise<void> {
    await admin.deleteGroups([this.group])
    await expectFailure(/GROUP_ID_NOT_FOUND|not.*found/i, () => admin.deleteGroups([this.group]))
  }
}

export async function bounds(): Promise<void> {
  const topic = named('bounds')
  await produce(topic, toMessages(numbered('bounds', 25)))
  const [partition] = await admin.fetchTopicOffsets(topic)
  assert.deepEqual([partition?.low, partition?.high], ['0', '25'])
}

export async function deleteRecords(): Promise<void> {
  const topic = named('delete-records')
  await produce(topic, toMessages(numbered('doomed', 100)))
  // The call looks only at partitions that this admin client has met before.
  await admin.fetchTopicOffsets(topic)
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '40' }] })
  const [partition] = await admin.fetchTopicOffsets(topic)
  assert.deepEqual([partition?.low, partition?.high], ['40', '100'])
  assert.equal((await readValues(topic, 60))[0], 'doomed-40')
}

export async function listReassignments(): Promise<void> {
  const { topics } = await admin.listPartitionReassignments({})
  assert.deepEqual(topics, [])
}

export async function deleteTopic(): Promise<void> {
  const topic = named('short-lived')
  await admin.createTopics({ topics: [{ topic }], waitForLeaders: true })
  await produce(topic, toMessages(numbered('before', 3)))
  await admin.deleteTopics({ topics: [topic] })
  await until('it is gone', async () => !(await admin.listTopics()).includes(topic))
  await admin.createTopics({ topics: [{ topic }], waitForLeaders: true })
  await produce(topic, toMessages(numbered('after', 2)))
  const values: string[] = []
  await readUntil(
    'short-lived',
    [topic],
    ({ message }) => values.push(String(message.value)),
    () => values.length >= 2,
  )
  assert.deepEqual(values, numbered('after', 2))
}

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { named, numbered, until } from '../interop.ts'
import { consumeValues, produceValues } from './console.ts'
import { expectRefusal, run } from './tools.ts'

async function createTopic(suffix: string, partitions: number): Promise<void> {
  const flags = ['--partitions', String(partitions), '--replication-factor', '1']
  const output = await run('kafka-topics', ['--create', '--topic', named(suffix), ...flags])
  assert.match(output, /Created topic/)
}

export async function createTopics(): Promise<void> {
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'])
    await createTopic(`roundtrip.${codec}`, 3)
  await createTopic('group', 4)
  await createTopic('admin', 2)
  const again = ['--create', '--topic', named('admin')]
  await expectRefusal(/already exists/, 'kafka-topics', again)
  const listed = (await run('kafka-topics', ['--list'])).split('\n')
  assert.ok(listed.includes(named('admin')), 'the topic is not listed')
}

export async function describeTopics(): Promise<void> {
  const output = await run('kafka-topics', ['--describe', '--topic', named('group')])
  assert.match(output, /PartitionCount: 4\s+ReplicationFactor: 1/)
  const rows = [
    ...output.matchAll(/Partition: (\d+)\s+Leader: (\d+)\s+Replicas: (\d+)\s+Isr: (\d+)/g),
  ]
  assert.deepEqual(rows.map(([, partition]) => partition).sort(), ['0', '1', '2', '3'])
  for (const [, , leader, replicas, isr] of rows)
    assert.deepEqual([replicas, isr], [leader, leader])
  await expectRefusal(/does not exist/, 'kafka-topics', [
    '--describe',
    '--topic',
    named('nobody-made'),
  ])
}

export async function createPartitions(): Promise<void> {
  const grow = (count: string): string[] => [
    '--alter',
    '--topic',
    named('admin'),
    '--partitions',
    count,
  ]
  await run('kafka-topics', grow('5'))
  const describe = ['--describe', '--topic', named('admin')]
  await until('five partitions', async () =>
    (await run('kafka-topics', describe)).includes('PartitionCount: 5'),
  )
  await expectRefusal(
    /higher than|InvalidPartitions|would not be an increase/,
    'kafka-topics',
    grow('2'),
  )
}

const topicEntity = ['--entity-type', 'topics', '--entity-name', named('admin')]

export async function describeConfigs(): Promise<void> {
  const topic = await run('kafka-configs', ['--describe', '--all', ...topicEntity])
  assert.match(topic, /cleanup\.policy=delete /)
  assert.match(topic, /retention\.ms=604800000 /)
  const brokers = await run('kafka-configs', ['--describe', '--all', '--entity-type', 'brokers'])
  assert.match(brokers, /auto\.create\.topics\.enable=true /)
}

export async function alterConfigs(): Promise<void> {
  const alter = (...change: readonly string[]): string[] => ['--alter', ...topicEntity, ...change]
  const dynamic = (): Promise<string> => run('kafka-configs', ['--describe', ...topicEntity])
  await run('kafka-configs', alter('--add-config', 'retention.ms=7200000,max.message.bytes=500000'))
  await until('both are set', async () => {
    const output = await dynamic()
    return output.includes('retention.ms=7200000') && output.includes('max.message.bytes=500000')
  })
  await run('kafka-configs', alter('--delete-config', 'retention.ms'))
  await until('one is unset', async () => !(await dynamic()).includes('retention.ms=7200000'))
  assert.match(await dynamic(), /max\.message\.bytes=500000/)
  const wrong = alter('--add-config', 'retention.ms=soon')
  await expectRefusal(/InvalidConfiguration|Invalid value/, 'kafka-configs', wrong)
}

export async function apiVersions(): Promise<void> {
  const output = await run('kafka-broker-api-versions', [])
  const usable = [...output.matchAll(/\w+\((\d+)\): .*\[usable: \d+\]/g)]
  assert.ok(usable.length >= 30, `only ${usable.length} APIs can be used`)
  assert.doesNotMatch(output, /NONE USABLE/)
}

export async function describeCluster(): Promise<void> {
  assert.match(await run('kafka-cluster', ['cluster-id']), /Cluster ID: \S+/)
}

export async function listConfigResources(): Promise<void> {
  assert.equal((await run('kafka-client-metrics', ['--list'])).trim(), '')
}

async function offsetAt(topic: string, time: string): Promise<string> {
  const output = await run('kafka-get-offsets', ['--topic', topic, '--time', time])
  return output.trim()
}

export async function bounds(): Promise<void> {
  const topic = named('bounds')
  await produceValues(topic, numbered('bounds', 25))
  assert.equal(await offsetAt(topic, 'earliest'), `${topic}:0:0`)
  assert.equal(await offsetAt(topic, 'latest'), `${topic}:0:25`)
}

export async function listOffsets(): Promise<void> {
  const topic = named('list-offsets')
  await produceValues(topic, ['old'])
  await sleep(20)
  const betweenMs = Date.now()
  await produceValues(topic, ['young'])
  assert.equal(await offsetAt(topic, String(betweenMs)), `${topic}:0:1`)
  assert.equal(await offsetAt(topic, 'max-timestamp'), `${topic}:0:1`)
}

export async function deleteRecords(): Promise<void> {
  const topic = named('delete-records')
  await produceValues(topic, numbered('doomed', 100))
  const directory = mkdtempSync(join(tmpdir(), 'delete-records-'))
  const file = join(directory, 'offsets.json')
  writeFileSync(
    file,
    JSON.stringify({ version: 1, partitions: [{ topic, partition: 0, offset: 40 }] }),
  )
  const output = await run('kafka-delete-records', ['--offset-json-file', file])
  rmSync(directory, { recursive: true })
  assert.match(output, /low_watermark: 40/)
  assert.equal((await consumeValues(topic, 60))[0], 'doomed-40')
}

export async function describeLogDirs(): Promise<void> {
  const output = await run('kafka-log-dirs', ['--describe', '--topic-list', named('bounds')])
  const size = new RegExp(`"partition":"${named('bounds')}-0","size":(\\d+)`).exec(output)
  assert.ok(Number(size?.[1]) > 0, `a size is known: ${output}`)
}

export async function describeProducers(): Promise<void> {
  const what = ['describe-producers', '--topic', named('idempotent'), '--partition', '0']
  const output = await run('kafka-transactions', what)
  // ProducerId ProducerEpoch LatestCoordinatorEpoch LastSequence LastTimestamp ...
  assert.match(output, /^\d+\s+0\s+-1\s+4999\s/m)
}

export async function electLeaders(): Promise<void> {
  const elect = (topic: string): string[] => [
    ...['--election-type', 'preferred', '--topic', topic],
    ...['--partition', '0'],
  ]
  const output = await run('kafka-leader-election', elect(named('admin')))
  assert.match(output, /already elected|Successfully completed/)
  const unknown = elect(named('nobody-made'))
  await expectRefusal(/does not exist|UnknownTopicOrPartition/, 'kafka-leader-election', unknown)
}

export async function listReassignments(): Promise<void> {
  assert.match(
    await run('kafka-reassign-partitions', ['--list']),
    /No partition reassignments found/,
  )
}

export async function deleteTopic(): Promise<void> {
  const topic = named('short-lived')
  await createTopic('short-lived', 1)
  await produceValues(topic, numbered('before', 3))
  await run('kafka-topics', ['--delete', '--topic', topic])
  await until(
    'it is gone',
    async () => !(await run('kafka-topics', ['--list'])).split('\n').includes(topic),
  )
  await expectRefusal(/does not exist/, 'kafka-topics', ['--delete', '--topic', topic])
  await createTopic('short-lived', 1)
  await produceValues(topic, numbered('after', 2))
  assert.deepEqual(await consumeValues(topic, 2), numbered('after', 2))
}

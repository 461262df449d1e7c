import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BrokerProcess } from '../support/broker-process.ts'
import { runCommand, startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'

/** `glasslog backup` and `glasslog restore`, with a real client and real processes. */

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
const at = (name: string): string => join(directory.path, name)

const kafkaOf = ({ kafka: { host, port } }: BrokerProcess): Kafka =>
  new Kafka({ brokers: [`${host}:${port}`], logLevel: logLevel.NOTHING })

/** Acknowledged values by partition, in order. */
type Acknowledged = Map<number, string[]>

function valuesOf(values: Acknowledged, partition: number): string[] {
  const known = values.get(partition)
  if (known) return known
  const fresh: string[] = []
  values.set(partition, fresh)
  return fresh
}

/** Produces until it is told to stop, or the broker goes. */
function produceTo(kafka: Kafka, topic: string, acknowledged: Acknowledged) {
  let isStopped = false
  const wellUnderWay = Promise.withResolvers<void>()
  const producer = kafka.producer({ retry: { retries: 0 } })
  const run = async (): Promise<void> => {
    await producer.connect()
    for (let count = 0; !isStopped; count++) {
      const partition = count % 2
      const values = Array.from({ length: 20 }, (_, index) => `${count}-${index}`.padEnd(200, '.'))
      await producer.send({
        topic,
        acks: -1,
        messages: values.map((value) => ({ partition, value })),
      })
      valuesOf(acknowledged, partition).push(...values)
      if (count === 20) wellUnderWay.resolve()
    }
    await producer.disconnect()
  }
  const ended = run()
  return {
    isWellUnderWay: wellUnderWay.promise,
    async stop(): Promise<void> {
      isStopped = true
      await ended
    },
  }
}

/** All values of a topic by partition, read from the beginning. */
async function consumeAll(kafka: Kafka, topic: string): Promise<Acknowledged> {
  const admin = kafka.admin()
  await admin.connect()
  const ends = (await admin.fetchTopicOffsets(topic)).map(({ high }) => Number(high))
  await admin.disconnect()
  const found: Acknowledged = new Map()
  let left = ends.reduce((sum, end) => sum + end, 0)
  const consumer = kafka.consumer({ groupId: `reader-${topic}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const done = Promise.withResolvers<void>()
  if (left === 0) done.resolve()
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      valuesOf(found, partition).push(String(message.value))
      if (--left === 0) done.resolve()
    },
  })
  await done.promise
  await consumer.disconnect()
  return found
}

const copyOf = (acknowledged: Acknowledged): Acknowledged =>
  new Map(Array.from(acknowledged, ([partition, values]) => [partition, [...values]]))

const restoreTo = (backup: string, data: string) =>
  runCommand('restore', at(backup), '--data-dir', at(data))

const acknowledged: Acknowledged = new Map()
let before: Acknowledged = new Map()
let after: Acknowledged = new Map()

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(at('data'), {
    args: ['--override', 'log.segment.bytes=1048576'],
  })
  const kafka = kafkaOf(broker)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({
    topics: [
      { topic: 'orders', numPartitions: 2 },
      { topic: 'gone', numPartitions: 1 },
    ],
  })
  const load = produceTo(kafka, 'orders', acknowledged)
  await load.isWellUnderWay
  await admin.setOffsets({
    groupId: 'billing',
    topic: 'orders',
    partitions: [{ partition: 0, offset: '7' }],
  })
  before = copyOf(acknowledged)
  const made = await runCommand(
    ...['backup', at('backup'), '--data-dir', at('data'), '--with-keys', '--reason', 'nightly'],
  )
  after = copyOf(acknowledged)
  expect(made).toMatchObject({ code: 0, stderr: '' })
  expect(made.stdout).toMatch(/^done: backup \S+ of cluster \S+ as of /)
  await admin.deleteTopics({ topics: ['gone'] })
  await load.stop()
  await admin.disconnect()
}, 60_000)

afterAll(async () => {
  await broker?.end('SIGKILL')
  await directory?.remove()
})

describe('a backup of a running broker', () => {
  it('holds every record that was acknowledged before, in order, and the rest of that moment', async () => {
    expect(await restoreTo('backup', 'restored')).toMatchObject({ code: 0, stderr: '' })
    const restored = await startBrokerProcess(at('restored'))
    try {
      const kafka = kafkaOf(restored)
      const found = await consumeAll(kafka, 'orders')
      for (const [partition, values] of found) {
        expect(values.length).toBeGreaterThanOrEqual(before.get(partition)?.length ?? 0)
        // One call may have been on its way.
        expect(values.length).toBeLessThanOrEqual((after.get(partition)?.length ?? 0) + 40)
        expect(values).toEqual(acknowledged.get(partition)?.slice(0, values.length))
      }
      const admin = kafka.admin()
      await admin.connect()
      expect(await admin.listTopics()).toContain('gone')
      const [offsets] = await admin.fetchOffsets({ groupId: 'billing', topics: ['orders'] })
      expect(offsets?.partitions).toContainEqual(
        expect.objectContaining({ partition: 0, offset: '7' }),
      )
      await admin.disconnect()
    } finally {
      await restored.end('SIGTERM')
    }
  }, 60_000)

  it('goes on with its history, whose proof covers the backup', async () => {
    const manifest = JSON.parse(await readFile(at('backup/manifest.json'), 'utf8')) as {
      history: { size: number; root: string; checkpoint: string }
    }
    const list = await runCommand('audit', 'list', '--data-dir', at('restored'), '--json')
    const records = list.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; operation: string })
    const restore = records.find(({ operation }) => operation === 'backup.restore')
    expect(restore).toMatchObject({
      seq: manifest.history.size,
      door: 'system',
      after: { historySize: manifest.history.size, historyRoot: manifest.history.root },
    })
    await writeFile(at('in-backup'), `${manifest.history.checkpoint}\n`)
    const exported = await runCommand('audit', 'export', '--data-dir', at('restored'))
    await writeFile(at('export.jsonl'), exported.stdout)
    const key = at('restored/audit/checkpoint.pub')
    const verify = ['audit', 'verify', '--file', at('export.jsonl'), '--key', key]
    expect(await runCommand(...verify, '--checkpoint', at('in-backup'))).toMatchObject({ code: 0 })
    // What the original went on with after the cut is not in it, and that shows once it is signed.
    const forked = async () => {
      await writeFile(at('later'), await readFile(at('data/audit/checkpoints'), 'utf8'))
      return (await runCommand(...verify, '--checkpoint', at('later'))).code
    }
    await expect.poll(forked, { timeout: 20_000, interval: 500 }).toBe(20)
  }, 45_000)

  it('is two records: what for, and what came of it', async () => {
    const list = await runCommand(
      ...['audit', 'list', '--data-dir', at('data'), '--operation', 'backup.create', '--json'],
    )
    const records = list.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(records.reverse()).toMatchObject([
      { reason: 'nightly', after: { phase: 'running' }, actor: { principal: 'User:root' } },
      { after: { phase: 'done', content: { manifest: expect.stringMatching(/^[0-9a-f]{64}$/) } } },
    ])
  })

  it('is sound, and says so without writing anything', async () => {
    expect(await runCommand('backup', at('backup'), '--verify')).toMatchObject({ code: 0 })
    const tried = await runCommand(
      'restore',
      at('backup'),
      '--data-dir',
      at('nowhere'),
      '--dry-run',
    )
    expect(tried).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing was written') })
    await expect(access(at('nowhere'))).rejects.toThrow()
  })

  it('has keys only when they are asked for, and then for its owner alone', async () => {
    const made = await runCommand('backup', at('keyless'), '--data-dir', at('data'), '--json')
    expect(JSON.parse(made.stdout)).toMatchObject({ verdict: 'done', hasKeys: false })
    await expect(access(at('keyless/data/secrets.key'))).rejects.toThrow()
    await expect(access(at('keyless/data/root.token'))).rejects.toThrow()
    expect((await stat(at('backup/data/audit/checkpoint.key'))).mode & 0o777).toBe(0o600)
    const restored = await restoreTo('keyless', 'keyless-data')
    expect(restored.stdout).toContain('Before the broker starts, put back')
  })

  it('comes over HTTP as well, without the keys', async () => {
    const token = (await readFile(at('data/root.token'), 'utf8')).trim()
    const remote = ['--admin', broker.adminUrl, '--token', token]
    expect(await runCommand('backup', at('remote'), ...remote)).toMatchObject({ code: 0 })
    expect(await runCommand('backup', at('remote'), '--verify')).toMatchObject({ code: 0 })
    expect((await runCommand('backup', at('no'), ...remote, '--with-keys')).code).toBe(64)
  })
})

describe('what is refused', () => {
  it('is a directory that has something in it', async () => {
    const again = await runCommand('backup', at('backup'), '--data-dir', at('data'))
    expect(again).toMatchObject({ code: 78, stderr: expect.stringContaining('not empty') })
    expect(await restoreTo('backup', 'restored')).toMatchObject({ code: 78 })
  })

  it('is a data directory that is in use', async () => {
    await mkdir(at('taken'))
    const running = await startBrokerProcess(at('taken'))
    await rm(at('taken/endpoints.json'))
    const made = await runCommand('backup', at('of-taken'), '--data-dir', at('taken'))
    expect(made).toMatchObject({ code: 75, stderr: expect.stringContaining('another process') })
    await running.end('SIGKILL')
  }, 20_000)

  it('is wrong usage, and what is no backup', async () => {
    expect((await runCommand('backup')).code).toBe(64)
    expect((await runCommand('restore')).code).toBe(64)
    expect((await runCommand('backup', at('x'), '--rate', 'fast', '--verify')).code).toBe(64)
    const nothing = await runCommand('restore', at('data'), '--data-dir', at('y'))
    expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining('is no backup') })
    const missing = await runCommand('backup', at('z'), '--data-dir', at('missing'))
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not a data directory'),
    })
  })
})

describe('a broker that is killed', () => {
  it('leaves a directory of which a backup can be made, and half of one that is recognised', async () => {
    const main = join(import.meta.dirname, '../../cli/main.ts')
    const copying = spawn(
      process.execPath,
      [main, 'backup', at('half'), '--data-dir', at('data'), '--rate', '100K'],
      { stdio: 'ignore' },
    )
    const copied = once(copying, 'close')
    await expect
      .poll(
        () =>
          access(at('half/data/checkpoint')).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true)
    await broker.end('SIGKILL')
    const [code] = await copied
    expect(code).toBe(1)
    expect((await runCommand('backup', at('half'), '--verify')).code).toBe(1)

    const dead = await runCommand('backup', at('dead'), '--data-dir', at('data'), '--with-keys')
    expect(dead).toMatchObject({ code: 0, stderr: '' })
    expect((await restoreTo('dead', 'from-dead')).code).toBe(0)
    const restored = await startBrokerProcess(at('from-dead'))
    const found = await consumeAll(kafkaOf(restored), 'orders')
    await restored.end('SIGTERM')
    expect(found).toEqual(acknowledged)
    const list = await runCommand(
      ...['audit', 'list', '--data-dir', at('from-dead'), '--operation', 'backup.create', '--json'],
    )
    expect(JSON.parse(list.stdout.split('\n', 1)[0] ?? '')).toMatchObject({
      after: { phase: 'failed', failure: 'the broker ended while it was made' },
    })
  }, 60_000)
})

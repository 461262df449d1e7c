import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { expectedRecord, RoundTripCheck, roundTripPartitions } from '../expected.ts'
import { named, numbered, recordCount, topicsToCrossRead } from '../interop.ts'
import { assumedRelease, consume, kcat, produce } from './kcat.ts'

/** kcat sets neither timestamps nor headers record by record, so its own records have format 0. */
const OWN_FORMAT = 0
const FIELDS = '%p\t%o\t%T\t%K\t%k\t%S\t%s\t%h\n'

export async function roundTrip(codec: string): Promise<void> {
  const topic = named(`roundtrip.${codec}`)
  const lines: string[][] = Array.from({ length: roundTripPartitions }, () => [])
  for (let i = 0; i < recordCount; i++) {
    const { key, value, partition } = expectedRecord(i)
    lines[partition]?.push(`${key ?? ''}\t${value ?? ''}`)
  }
  for (const [partition, values] of lines.entries())
    await produce(topic, values, ['-p', String(partition), '-K', '\\t', '-Z', '-z', codec])
  await verify(topic, OWN_FORMAT)
}

async function verify(topic: string, format: number): Promise<void> {
  const check = new RoundTripCheck(topic, format)
  for (const line of await consume(topic, ['-f', FIELDS])) {
    const [partition, offset, timestamp, keyBytes, key, valueBytes, value, headers] =
      line.split('\t')
    check.add({
      partition: Number(partition),
      offset: Number(offset),
      timestampMs: Number(timestamp),
      key: keyBytes === '-1' ? null : (key ?? ''),
      value: valueBytes === '-1' ? null : (value ?? ''),
      headers: Object.fromEntries(
        (headers ?? '')
          .split(',')
          .filter((header) => header !== '')
          .map((header) => header.split('=')),
      ),
    })
  }
  check.finish()
}

export async function crossRead(): Promise<void> {
  // As it spoke to brokers of 0.9 it gets neither timestamps nor headers.
  const known = assumedRelease === undefined ? 2 : OWN_FORMAT
  for (const [topic, format] of topicsToCrossRead()) await verify(topic, Math.min(format, known))
}

export async function autoCreate(): Promise<void> {
  await produce(named('auto'), numbered('auto', 10))
  assert.deepEqual(await consume(named('auto')), numbered('auto', 10))
}

export async function acks(): Promise<void> {
  const topic = named('acks')
  for (const level of ['0', '1', 'all'])
    await produce(topic, numbered(`acks-${level}`, 100), ['-X', `acks=${level}`])
  const expected = ['0', '1', 'all'].flatMap((level) => numbered(`acks-${level}`, 100))
  assert.deepEqual(await consume(topic), expected)
}

export async function headers(): Promise<void> {
  const topic = named('headers')
  await produce(topic, ['v'], ['-H', 'a=1', '-H', 'a=2', '-H', 'b=', '-H', 'only=é'])
  assert.deepEqual(await consume(topic, ['-f', '%h\n']), ['a=1,a=2,b=,only=é'])
}

export async function idempotent(): Promise<void> {
  const topic = named('idempotent')
  const values = numbered('once', 5000)
  // Small batches, so that many are in flight and a sequence number goes wrong if any can.
  const settings = [
    '-X',
    'enable.idempotence=true',
    '-X',
    'batch.num.messages=20',
    '-X',
    'linger.ms=0',
  ]
  await produce(topic, values, settings)
  assert.deepEqual(await consume(topic), values)
}

export async function seekTime(): Promise<void> {
  const topic = named('seek')
  await produce(topic, numbered('old', 100))
  await sleep(50)
  const betweenMs = Date.now()
  await sleep(50)
  await produce(topic, numbered('young', 100))
  assert.deepEqual(await offsetAt(topic, betweenMs), 100)
  const young = await kcat(['-C', '-q', '-e', '-t', topic, '-o', `s@${betweenMs}`])
  assert.deepEqual(young, numbered('young', 100))
}

export async function bounds(): Promise<void> {
  const topic = named('bounds')
  await produce(topic, numbered('bounds', 25))
  assert.deepEqual([await offsetAt(topic, -2), await offsetAt(topic, -1)], [0, 25])
}

async function offsetAt(topic: string, timeMs: number): Promise<number> {
  const [line = ''] = await kcat(['-Q', '-t', `${topic}:0:${timeMs}`])
  return Number(/offset (-?\d+)/.exec(line)?.[1])
}

type Metadata = {
  readonly controllerid: number
  readonly brokers: readonly { readonly id: number; readonly name: string }[]
  readonly topics: readonly {
    readonly partitions: readonly {
      readonly partition: number
      readonly leader: number
      readonly replicas: readonly { readonly id: number }[]
    }[]
  }[]
}

async function metadata(args: readonly string[] = []): Promise<Metadata> {
  return JSON.parse((await kcat(['-L', '-J', ...args])).join('\n'))
}

export async function describeCluster(): Promise<void> {
  const { brokers, controllerid } = await metadata()
  assert.equal(brokers.length, 1)
  assert.equal(controllerid, brokers[0]?.id)
}

export async function describeTopics(): Promise<void> {
  const { topics } = await metadata(['-t', named('group')])
  const partitions = topics[0]?.partitions ?? []
  assert.deepEqual(partitions.map(({ partition }) => partition).sort(), [0, 1, 2, 3])
  for (const { leader, replicas } of partitions) assert.deepEqual(replicas, [{ id: leader }])
}

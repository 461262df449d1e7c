import assert from 'node:assert/strict'
import type { EachMessagePayload, IHeaders, Message, ProducerConfig } from 'kafkajs'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { expectedRecord, RoundTripCheck } from '../expected.ts'
import {
  baseTimeMs,
  bootstrap,
  named,
  numbered,
  recordCount,
  topicsToCrossRead,
  until,
} from '../interop.ts'

/** A consumer that stops quickly: kafkajs waits for the fetch under way, by default up to 5 s. */
export const impatient = { maxWaitTimeInMs: 200 } as const

export const kafka: Kafka = new Kafka({
  clientId: 'interop-kafkajs',
  brokers: [bootstrap],
  logLevel: logLevel.ERROR,
})

const compressionTypes = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const

/** Codecs by the names of the steps. */
export type Codec = keyof typeof compressionTypes

const BATCH = 500

export async function produce(
  topic: string,
  messages: readonly Message[],
  { compression = 'none', acks = -1, config = {} }: ProduceOptions = {},
): Promise<void> {
  const producer = kafka.producer(config)
  await producer.connect()
  try {
    for (let at = 0; at < messages.length; at += BATCH)
      await producer.send({
        topic,
        acks,
        compression: compressionTypes[compression],
        messages: messages.slice(at, at + BATCH),
      })
  } finally {
    await producer.disconnect()
  }
}

type ProduceOptions = {
  readonly compression?: Codec
  readonly acks?: number
  readonly config?: ProducerConfig
}

/** Reads topics from their beginning in a group of their own until `isDone` says so. */
export async function readUntil(
  group: string,
  topics: readonly string[],
  onMessage: (payload: EachMessagePayload) => void,
  isDone: () => boolean,
): Promise<void> {
  const consumer = kafka.consumer({ groupId: named(group), ...impatient })
  let failure: unknown
  await consumer.connect()
  try {
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async (payload) => {
        try {
          if (failure === undefined) onMessage(payload)
        } catch (error) {
          failure = error
        }
      },
    })
    await until('everything was read', () => failure !== undefined || isDone())
    if (failure !== undefined) throw failure
  } finally {
    await consumer.disconnect()
  }
}

export async function readValues(topic: string, count: number): Promise<string[]> {
  const values: string[] = []
  await readUntil(
    `values.${topic}`,
    [topic],
    ({ message }) => values.push(String(message.value)),
    () => values.length >= count,
  )
  return values
}

export async function roundTrip(codec: Codec): Promise<void> {
  const topic = named(`roundtrip.${codec}`)
  const messages = Array.from({ length: recordCount }, (_, i) => {
    const { key, value, partition, headers, timestampMs } = expectedRecord(i)
    return { key, value, partition, headers: { ...headers }, timestamp: String(timestampMs) }
  })
  await produce(topic, messages, { compression: codec })
  await verify(`roundtrip.${codec}`, [[topic, 2]])
}

async function verify(
  group: string,
  topics: readonly (readonly [string, number])[],
): Promise<void> {
  const checks = new Map(
    topics.map(([topic, format]) => [topic, new RoundTripCheck(topic, format)] as const),
  )
  await readUntil(
    group,
    [...checks.keys()],
    ({ topic, partition, message }) =>
      checks.get(topic)?.add({
        partition,
        offset: Number(message.offset),
        key: message.key === null ? null : String(message.key),
        value: message.value === null ? null : String(message.value),
        timestampMs: Number(message.timestamp),
        headers: plainHeaders(message.headers),
      }),
    () => [...checks.values()].every((check) => check.isComplete),
  )
  for (const check of checks.values()) check.finish()
}

function plainHeaders(headers: IHeaders | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]),
  )
}

export const crossRead = (): Promise<void> => verify('cross-read', topicsToCrossRead())

export async function autoCreate(): Promise<void> {
  const topic = named('auto')
  await produce(topic, toMessages(numbered('auto', 10)))
  assert.deepEqual(await readValues(topic, 10), numbered('auto', 10))
}

export function toMessages(values: readonly string[]): Message[] {
  return values.map((value) => ({ value, partition: 0 }))
}

export async function acks(): Promise<void> {
  const topic = named('acks')
  for (const level of [0, 1, -1])
    await produce(topic, toMessages(numbered(`acks${level}`, 100)), { acks: level })
  const expected = [0, 1, -1].flatMap((level) => numbered(`acks${level}`, 100))
  assert.deepEqual(await readValues(topic, expected.length), expected)
}

export async function headers(): Promise<void> {
  const topic = named('headers')
  const binary = Buffer.from([0, 0xff, 0x80])
  await produce(topic, [
    { key: 'k', value: 'v', headers: { a: ['1', '2'], b: '', bin: binary } },
    { key: '', value: '' },
    { key: null, value: null, headers: { only: 'é' } },
  ])
  const messages: EachMessagePayload['message'][] = []
  await readUntil(
    'headers',
    [topic],
    ({ message }) => messages.push(message),
    () => messages.length >= 3,
  )
  assert.deepEqual(messages[0]?.headers, {
    a: [Buffer.from('1'), Buffer.from('2')],
    b: Buffer.alloc(0),
    bin: binary,
  })
  assert.deepEqual([messages[1]?.key?.length, messages[1]?.value?.length], [0, 0])
  assert.deepEqual([messages[2]?.key, messages[2]?.value], [null, null])
  assert.equal(String(messages[2]?.headers?.only), 'é')
}

export async function idempotent(): Promise<void> {
  const topic = named('idempotent')
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  const values = numbered('once', 2000)
  await producer.connect()
  for (let at = 0; at < values.length; at += 20)
    await producer.send({ topic, messages: toMessages(values.slice(at, at + 20)) })
  await producer.disconnect()
  assert.deepEqual(await readValues(topic, values.length), values)
}

export async function seekTime(): Promise<void> {
  const topic = named('seek')
  const timeOf = (i: number): number => baseTimeMs + i * 10
  const messages = numbered('seek', 1000).map((value, i) => ({
    value,
    partition: 0,
    timestamp: String(timeOf(i)),
  }))
  await produce(topic, messages)
  const admin = kafka.admin()
  await admin.connect()
  const found = async (timeMs: number): Promise<string | undefined> =>
    (await admin.fetchTopicOffsetsByTimestamp(topic, timeMs))[0]?.offset
  assert.equal(await found(timeOf(0) - 1), '0')
  assert.equal(await found(timeOf(500)), '500')
  assert.equal(await found(timeOf(500) + 1), '501')
  const start = await found(timeOf(700))
  await admin.disconnect()
  assert.equal(start, '700')

  const values: string[] = []
  const consumer = kafka.consumer({ groupId: named('seek'), ...impatient })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic] })
  await consumer.run({
    eachMessage: async ({ message }) => {
      values.push(String(message.value))
    },
  })
  consumer.seek({ topic, partition: 0, offset: '700' })
  await until('records from there on', () => values.length >= 300)
  await consumer.disconnect()
  assert.deepEqual(values, numbered('seek', 1000).slice(700))
}

import assert from 'node:assert/strict'
import type { CompressionAlgorithmValue, Message, MessageToProduce } from '@platformatic/kafka'
import { Consumer, Producer } from '@platformatic/kafka'
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

export const connection = { clientId: 'interop-platformatic', bootstrapBrokers: [bootstrap] }

const BATCH = 500

export function bytes(text: string): Buffer {
  return Buffer.from(text)
}

export function newConsumer(group: string): Consumer {
  return new Consumer({ ...connection, groupId: named(group), maxWaitTime: 200 })
}

type SendOptions = {
  readonly compression?: CompressionAlgorithmValue
  readonly acks?: number
  readonly idempotent?: boolean
}

export async function produce(
  messages: readonly MessageToProduce[],
  options: SendOptions = {},
): Promise<void> {
  const producer = new Producer({ ...connection, autocreateTopics: true })
  try {
    for (let at = 0; at < messages.length; at += BATCH)
      await producer.send({ acks: -1, ...options, messages: messages.slice(at, at + BATCH) })
  } finally {
    await producer.close()
  }
}

export function toMessages(topic: string, values: readonly string[]): MessageToProduce[] {
  return values.map((value) => ({ topic, partition: 0, value: bytes(value) }))
}

/** Reads topics from their beginning in a group of their own until `isDone` says so. */
export async function readUntil(
  group: string,
  topics: readonly string[],
  onMessage: (message: Message) => void,
  isDone: () => boolean,
): Promise<void> {
  const consumer = newConsumer(group)
  let failure: unknown
  try {
    const stream = await consumer.consume({
      topics: [...topics],
      mode: 'earliest',
      autocommit: false,
    })
    stream.on('error', (error: Error) => {
      failure ??= error
    })
    stream.on('data', (message: Message) => {
      try {
        if (failure === undefined) onMessage(message)
      } catch (error) {
        failure = error
      }
    })
    await until('everything was read', () => failure !== undefined || isDone())
    if (failure !== undefined) throw failure
  } finally {
    await consumer.close(true)
  }
}

export async function readValues(topic: string, count: number): Promise<string[]> {
  const values: string[] = []
  await readUntil(
    `values.${topic}`,
    [topic],
    (message) => values.push(String(message.value)),
    () => values.length >= count,
  )
  return values
}

export async function roundTrip(codec: CompressionAlgorithmValue): Promise<void> {
  const topic = named(`roundtrip.${codec}`)
  const messages = Array.from({ length: recordCount }, (_, i): MessageToProduce => {
    const { key, value, partition, headers, timestampMs } = expectedRecord(i)
    return {
      topic,
      partition,
      timestamp: BigInt(timestampMs),
      headers: new Map(Object.entries(headers).map(([name, text]) => [bytes(name), bytes(text)])),
      ...(key === null ? {} : { key: bytes(key) }),
      ...(value === null ? {} : { value: bytes(value) }),
    }
  })
  await produce(messages, { compression: codec })
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
    ({ topic, partition, offset, key, value, timestamp, headers }) =>
      checks.get(topic)?.add({
        partition,
        offset: Number(offset),
        key: textOf(key),
        value: textOf(value),
        timestampMs: Number(timestamp),
        headers: Object.fromEntries(
          [...headers].map(([name, text]) => [String(name), String(text)]),
        ),
      }),
    () => [...checks.values()].every((check) => check.isComplete),
  )
  for (const check of checks.values()) check.finish()
}

function textOf(data: Buffer | null | undefined): string | null {
  return data === null || data === undefined ? null : String(data)
}

export const crossRead = (): Promise<void> => verify('cross-read', topicsToCrossRead())

export async function autoCreate(): Promise<void> {
  const topic = named('auto')
  await produce(toMessages(topic, numbered('auto', 10)))
  assert.deepEqual(await readValues(topic, 10), numbered('auto', 10))
}

export async function acks(): Promise<void> {
  const topic = named('acks')
  for (const level of [0, 1, -1])
    await produce(toMessages(topic, numbered(`acks${level}`, 100)), { acks: level })
  const expected = [0, 1, -1].flatMap((level) => numbered(`acks${level}`, 100))
  assert.deepEqual(await readValues(topic, expected.length), expected)
}

export async function headers(): Promise<void> {
  const topic = named('headers')
  const binary = Buffer.from([0, 0xff, 0x80])
  const rich = new Map([
    [bytes('a'), bytes('1')],
    [bytes('a'), bytes('2')],
    [bytes('b'), Buffer.alloc(0)],
    [bytes('bin'), binary],
  ])
  const only = new Map([[bytes('only'), bytes('é')]])
  await produce([
    { topic, partition: 0, key: bytes('k'), value: bytes('v'), headers: rich },
    { topic, partition: 0, headers: only },
  ])
  const messages: Message[] = []
  await readUntil(
    'headers',
    [topic],
    (message) => messages.push(message),
    () => messages.length >= 2,
  )
  assert.deepEqual([...(messages[0]?.headers ?? [])], [...rich])
  assert.deepEqual([textOf(messages[1]?.key), textOf(messages[1]?.value)], [null, null])
  assert.deepEqual([...(messages[1]?.headers ?? [])], [...only])
}

export async function idempotent(): Promise<void> {
  const topic = named('idempotent')
  const producer = new Producer({ ...connection, idempotent: true })
  const values = numbered('once', 2000)
  for (let at = 0; at < values.length; at += 20)
    await producer.send({ messages: toMessages(topic, values.slice(at, at + 20)) })
  await producer.close()
  assert.deepEqual(await readValues(topic, values.length), values)
}

export async function seekTime(): Promise<void> {
  const topic = named('seek')
  const timeOf = (i: number): bigint => BigInt(baseTimeMs + i * 10)
  const messages = toMessages(topic, numbered('seek', 1000))
  await produce(messages.map((message, i) => ({ ...message, timestamp: timeOf(i) })))
  const consumer = newConsumer('seek')
  const found = async (timestamp: bigint): Promise<bigint | undefined> =>
    (await consumer.listOffsetsWithTimestamps({ topics: [topic], timestamp })).get(topic)?.get(0)
      ?.offset
  assert.equal(await found(timeOf(0) - 1n), 0n)
  assert.equal(await found(timeOf(500)), 500n)
  assert.equal(await found(timeOf(500) + 1n), 501n)
  const offset = (await found(timeOf(700))) ?? -1n
  const values: string[] = []
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'manual',
    offsets: [{ topic, partition: 0, offset }],
  })
  stream.on('data', (message: Message) => values.push(String(message.value)))
  await until('records from there on', () => values.length >= 300)
  await consumer.close(true)
  assert.deepEqual(values, numbered('seek', 1000).slice(700))
}

export async function bounds(): Promise<void> {
  const topic = named('bounds')
  await produce(toMessages(topic, numbered('bounds', 25)))
  const consumer = newConsumer('bounds')
  const at = async (timestamp: bigint): Promise<bigint | undefined> =>
    (await consumer.listOffsets({ topics: [topic], timestamp })).get(topic)?.[0]
  assert.deepEqual([await at(-2n), await at(-1n)], [0n, 25n])
  await consumer.close(true)
}

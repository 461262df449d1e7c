import { Kafka, logLevel } from 'kafkajs'
import type { Broker } from '../../broker/index.ts'

/**
 * What the kept data directories hold, written and read back by the same rules: `steady` lies in
 * segments, the end of `crashed` only in the journal, `trimmed` begins at offset 5, `gone` was
 * deleted, and a group committed offset 7 of `steady`.
 */
export const RECORDS = 10
export const TRIMMED_TO = 5
export const COMMITTED = 7
export const GROUP = 'readers'

export function kafkaOf(broker: Broker): Kafka {
  const { host, port } = broker.kafka
  return new Kafka({ brokers: [`${host}:${port}`], logLevel: logLevel.NOTHING })
}

export const recordValue = (topic: string, n: number): string => `${topic} ${n}`

export async function produce(kafka: Kafka, topic: string, from: number, to: number) {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const messages = Array.from({ length: to - from }, (_, n) => ({
    key: `key ${from + n}`,
    value: recordValue(topic, from + n),
    headers: { n: String(from + n) },
  }))
  await producer.send({ topic, messages, acks: -1 })
  await producer.disconnect()
}

/** Values of a topic's only partition, from its start to its end. */
export async function consume(kafka: Kafka, topic: string, count: number): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: `check-${topic}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const values: string[] = []
  const all = Promise.withResolvers<void>()
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      values.push(message.value?.toString() ?? '')
      if (values.length === count) all.resolve()
    },
  })
  await all.promise
  await consumer.disconnect()
  return values
}

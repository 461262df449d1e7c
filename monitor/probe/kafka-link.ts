import { Kafka, logLevel, Partitioners } from 'kafkajs'

/** Where Kafka clients come in, and how. */
export interface KafkaEndpoint {
  readonly address: string
  readonly isTls: boolean
  /** Null where the listener asks for no login. */
  readonly login: { readonly user: string; readonly password: string } | null
}

/** A producer and a consumer on one topic. */
export interface KafkaLink {
  /** Resolves once the record is acknowledged by acks=all. */
  send(text: string): Promise<void>
  close(): Promise<void>
}

const CLIENT_ID = 'glasslog-probe'
const GROUP = '__glasslog_probe'

/**
 * Connects through kafkajs, as an application would. Its own retries are off: a failure is what the probe is there
 * to see. `onRecord` gets each record that comes back; the consumer joins in the background, and again after a break.
 */
export async function openKafkaLink(
  { address, isTls, login }: KafkaEndpoint,
  topic: string,
  timeoutMs: number,
  onRecord: (text: string) => void,
): Promise<KafkaLink> {
  const kafka = new Kafka({
    ...{ clientId: CLIENT_ID, brokers: [address], logLevel: logLevel.NOTHING, ssl: isTls },
    ...(login === null
      ? {}
      : {
          sasl: {
            mechanism: 'scram-sha-512' as const,
            username: login.user,
            password: login.password,
          },
        }),
    connectionTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    retry: { retries: 0 },
  })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  const consumer = kafka.consumer({
    groupId: GROUP,
    // Answered as soon as something comes.
    ...{ maxWaitTimeInMs: 500, minBytes: 1 },
    retry: { retries: 5, restartOnFailure: async () => true },
  })
  const close = async (): Promise<void> => {
    await Promise.allSettled([consumer.disconnect(), producer.disconnect()])
  }
  try {
    await producer.connect()
    await consumer.connect()
    await consumer.subscribe({ topics: [topic] })
    await consumer.run({
      eachMessage: async ({ message }) => onRecord(message.value?.toString() ?? ''),
    })
  } catch (error) {
    await close()
    throw error
  }
  return {
    async send(value) {
      await producer.send({ topic, acks: -1, timeout: timeoutMs, messages: [{ value }] })
    },
    close,
  }
}

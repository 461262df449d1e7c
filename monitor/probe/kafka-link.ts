import { Kafka, logLevel, Partitioners } from 'kafkajs'

/** Where Kafka clients come in, and how. */
export interface KafkaEndpoint {
  readonly address: string
  readonly isTls: boolean
  /** Null where the listener asks for no login. */
  readonly login: { readonly user: string; readonly password: string } | null
}

/** What goes through, and how it comes back. */
export interface ProbeRoute {
  readonly topic: string
  /** Of one monitor alone: two in one group would take each other's records, and each would miss its own. */
  readonly group: string
  readonly timeoutMs: number
}

/** A producer and a consumer on one topic. */
export interface KafkaLink {
  /** Resolves once the record is acknowledged by acks=all. */
  send(text: string): Promise<void>
  close(): Promise<void>
}

const CLIENT_ID = 'glasslog-probe'
const GROUP_PREFIX = '__glasslog_probe'
/** As many letters of a random id as keep the monitors of one broker apart. */
const INSTANCE_LENGTH = 8

/** The group of a monitor; the same after a restart, so that no groups pile up. `instance` is a random id in hexadecimal. */
export function probeGroup(instance: string): string {
  return `${GROUP_PREFIX}-${instance.slice(0, INSTANCE_LENGTH)}`
}

/** Of any monitor: one that is gone for good leaves its group behind, and nobody misses that. */
export function isProbeGroup(group: string): boolean {
  return group.startsWith(`${GROUP_PREFIX}-`)
}

/**
 * A monitor that was killed, or a broker that went away, leaves a member in the group that nobody else gets past: it
 * is forgotten after this time, and records that cannot come back until then count as lost.
 */
const SESSION_TIMEOUT_MS = 6_000
const HEARTBEAT_MS = 2_000

/**
 * Connects through kafkajs, as an application would. Its own retries are off: a failure is what the probe is there
 * to see. `onRecord` gets each record that comes back. A link whose consumer has ended takes no more records, and does
 * not begin anew: whoever holds it opens another.
 */
export async function openKafkaLink(
  { address, isTls, login }: KafkaEndpoint,
  { topic, group, timeoutMs }: ProbeRoute,
  onRecord: (text: string) => void,
): Promise<KafkaLink> {
  const kafka = new Kafka({
    ...{ clientId: CLIENT_ID, brokers: [address], logLevel: logLevel.NOTHING },
    // A listener of this machine, by an address that no certificate names. A password is safe even from a stranger:
    // SCRAM shows it to nobody, and makes the other side prove that it knows it.
    ssl: isTls ? { rejectUnauthorized: false } : false,
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
    groupId: group,
    // Answered as soon as something comes.
    ...{ maxWaitTimeInMs: 500, minBytes: 1 },
    ...{ sessionTimeout: SESSION_TIMEOUT_MS, rebalanceTimeout: SESSION_TIMEOUT_MS },
    heartbeatInterval: HEARTBEAT_MS,
    retry: { retries: 5, restartOnFailure: async () => false },
  })
  const ended: { by: Error | null } = { by: null }
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    ended.by = payload.error
  })
  const expectConsumer = (): void => {
    if (ended.by !== null) throw ended.by
  }
  const close = async (): Promise<void> => {
    await Promise.allSettled([consumer.disconnect(), producer.disconnect()])
  }
  try {
    await producer.connect()
    await consumer.connect()
    // A group that is new would else begin behind the first record, if that is sent before it asks where the end is.
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ message }) => onRecord(message.value?.toString() ?? ''),
    })
    expectConsumer()
  } catch (error) {
    await close()
    throw error
  }
  return {
    async send(value) {
      expectConsumer()
      await producer.send({ topic, acks: -1, timeout: timeoutMs, messages: [{ value }] })
    },
    close,
  }
}

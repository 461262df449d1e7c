import { randomBytes } from 'node:crypto'
import {
  Admin,
  ConfigResourceTypes,
  IncrementalAlterConfigOperationTypes,
  Producer as PlatformaticProducer,
  stringSerializers,
} from '@platformatic/kafka'
import type { Consumer, KafkaConfig, Producer } from 'kafkajs'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { PASSWORD } from './operator.ts'
import type { Repeated } from './repeat.ts'

/** Where the listeners of the scenario are, as `host:port`. */
export interface Listeners {
  readonly plain: string
  readonly login: string
  readonly tls: string
}

const CLEAN_UP_MS = 5_000

/** The clients of the scenario: producers, groups, and those that do what they should not. */
export class Clients {
  readonly #listeners: Listeners
  readonly #repeated: Repeated
  readonly #open: { disconnect(): Promise<void> }[] = []

  constructor(listeners: Listeners, repeated: Repeated) {
    this.#listeners = listeners
    this.#repeated = repeated
  }

  async start(): Promise<void> {
    await this.#askForReports()
    await this.#produce()
    await this.#consume()
    await this.#misbehave()
    await this.#comeAndGo()
  }

  async stop(): Promise<void> {
    const ended = Promise.allSettled(this.#open.map((client) => client.disconnect()))
    // A client that a quota holds would wait for its last answer.
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, CLEAN_UP_MS).unref())])
  }

  #kafka(clientId: string, options: Partial<KafkaConfig> = {}): Kafka {
    return new Kafka({
      clientId,
      brokers: [this.#listeners.plain],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
      ...options,
    })
  }

  async #producer(clientId: string, options: Partial<KafkaConfig> = {}): Promise<Producer> {
    const producer = this.#kafka(clientId, options).producer({ allowAutoTopicCreation: false })
    this.#open.push(producer)
    await producer.connect()
    return producer
  }

  /** Clients that can are to say each second how they do (KIP-714). */
  async #askForReports(): Promise<void> {
    const admin = new Admin({
      clientId: 'operator',
      bootstrapBrokers: [this.#listeners.plain],
    })
    const set = (name: string, value: string) => ({
      ...{ name, value, configOperation: IncrementalAlterConfigOperationTypes.SET },
    })
    await admin.incrementalAlterConfigs({
      resources: [
        {
          resourceType: ConfigResourceTypes.CLIENT_METRICS,
          resourceName: 'everybody',
          configs: [set('metrics', '*'), set('interval.ms', '1000')],
        },
      ],
    })
    await admin.close()
  }

  async #produce(): Promise<void> {
    const shop = await this.#producer('shop')
    this.#repeated.start('shop', 100, () =>
      shop.send({
        topic: 'orders',
        compression: CompressionTypes.GZIP,
        messages: messages(50).map((message) => ({ ...message, headers: traceContext() })),
      }),
    )
    const tls = await this.#producer('shop-tls', {
      brokers: [this.#listeners.tls],
      ssl: { rejectUnauthorized: false },
    })
    this.#repeated.start('shop-tls', 500, () =>
      tls.send({ topic: 'orders', messages: messages(5) }),
    )
    const till = new PlatformaticProducer({
      clientId: 'till',
      bootstrapBrokers: [this.#listeners.plain],
      serializers: stringSerializers,
    })
    this.#open.push({ disconnect: () => till.close() })
    this.#repeated.start('till', 200, () =>
      till.send({ messages: messages(10).map((message) => ({ topic: 'payments', ...message })) }),
    )
    const seed = await this.#producer('seed')
    await seed.send({ topic: 'deleted', messages: messages(100) })
    await seed.send({ topic: 'old-format', messages: messages(100) })
  }

  async #consume(): Promise<void> {
    await this.#member('billing', 'orders', async () => undefined)
    // Takes its time with each record, so that it falls behind.
    await this.#member(
      'reports',
      'payments',
      () => new Promise((resolve) => setTimeout(resolve, 100)),
    )
  }

  /** A member of a group that commits all the time. */
  async #member(groupId: string, topic: string, handle: () => Promise<void>): Promise<Consumer> {
    const consumer = this.#kafka(`${groupId}-reader`).consumer({
      groupId,
      maxBytesPerPartition: 4_096,
    })
    this.#open.push(consumer)
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ autoCommitThreshold: 10, eachMessage: handle })
    return consumer
  }

  /** What quotas hold, what nobody may write, and passwords that are wrong. */
  async #misbehave(): Promise<void> {
    const bulk = await this.#producer('bulk')
    this.#repeated.start('bulk', 500, () =>
      bulk.send({ topic: 'payments', messages: [{ value: 'x'.repeat(25_000) }] }),
    )
    const throttled = await this.#producer('careless')
    this.#repeated.start('careless', 500, () =>
      throttled.send({ topic: 'throttled', messages: [{ value: 'x'.repeat(7_000) }] }),
    )
    const intruder = await this.#producer('intruder')
    this.#repeated.start('intruder', 500, () =>
      mustFail(() => intruder.send({ topic: 'forbidden', messages: messages(1) })),
    )
    this.#repeated.start('guesser', 2_000, () =>
      mustFail(() => this.#logIn({ username: 'alice', password: 'hunter2' })),
    )
  }

  /** A member that joins and leaves, and a user who logs in and out. */
  async #comeAndGo(): Promise<void> {
    this.#repeated.start('second member', 3_000, async () => {
      const member = await this.#member('billing', 'orders', async () => undefined)
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      await member.disconnect()
    })
    this.#repeated.start('alice', 2_000, () =>
      this.#logIn({ username: 'alice', password: PASSWORD }),
    )
  }

  async #logIn(credentials: { username: string; password: string }): Promise<void> {
    const admin = this.#kafka('alice', {
      brokers: [this.#listeners.login],
      sasl: { mechanism: 'scram-sha-512', ...credentials },
    }).admin()
    try {
      await admin.connect()
    } finally {
      await admin.disconnect()
    }
  }
}

function messages(count: number): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, at) => ({
    key: `customer ${at % 7}`,
    value: JSON.stringify({ at, total: at * 3, note: 'as ordered, to be delivered' }),
  }))
}

/** The headers of a record whose trace is sampled, as instrumented producers send them (W3C Trace Context). */
function traceContext(): { traceparent: string } {
  return {
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
  }
}

async function mustFail(work: () => Promise<unknown>): Promise<void> {
  const failed = await work().then(
    () => false,
    () => true,
  )
  if (!failed) throw new Error('this should have been refused')
}

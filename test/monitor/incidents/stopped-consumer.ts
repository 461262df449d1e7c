import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, Producer } from 'kafkajs'
import { Kafka, logLevel } from 'kafkajs'
import type { Incident, Stage } from './incident.ts'

/** Of the consumer that stops. */
export const GROUP = 'billing'
const TOPIC = 'orders'
const PAUSE_MS = 100
const RECORDS_MISSED = 10

/** The only consumer of a group stops, as it does when its application is stopped, and the producer goes on. */
export class StoppedConsumer implements Incident {
  readonly name = 'a consumer stops while records come'
  readonly alert = { alertname: 'ConsumersGone', group: GROUP }
  readonly finding = { check: 'group-without-members', resource: GROUP }
  #consumer: Consumer | null = null
  #producer: Producer | null = null
  #producing: Promise<void> = Promise.resolve()
  #isOver = false
  #sent = 0

  async prepare({ kafkaAddress, call }: Stage): Promise<void> {
    await call('POST', '/v1/topics', { name: TOPIC, partitions: 3 })
    const kafka = new Kafka({ brokers: [kafkaAddress], logLevel: logLevel.NOTHING })
    this.#producer = kafka.producer()
    await this.#producer.connect()
    this.#consumer = kafka.consumer({ groupId: GROUP })
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topic: TOPIC, fromBeginning: true })
    await this.#consumer.run({ eachMessage: async () => {} })
    this.#producing = this.#produce(this.#producer)
  }

  async cause(): Promise<void> {
    await this.#consumer?.disconnect()
    this.#consumer = null
    const missed = this.#sent + RECORDS_MISSED
    while (this.#sent < missed) await sleep(PAUSE_MS)
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#producing
    await this.#consumer?.disconnect()
    await this.#producer?.disconnect()
  }

  async #produce(producer: Producer): Promise<void> {
    while (!this.#isOver) {
      // A disk that another incident fills refuses them; what waits by then is enough.
      const isTaken = await producer
        .send({ topic: TOPIC, messages: [{ key: String(this.#sent), value: 'an order' }] })
        .then(
          () => true,
          () => false,
        )
      if (isTaken) this.#sent++
      await sleep(PAUSE_MS)
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, Producer } from 'kafkajs'
import { Kafka, logLevel } from 'kafkajs'
import type { Incident, Stage } from './incident.ts'

/** Of the consumer that stops. */
export const GROUP = 'billing'
/** Of a consumer that is deployed anew meanwhile: it is back within seconds. */
const TWIN = 'shipping'
const TOPIC = 'orders'
const PAUSE_MS = 100
const RECORDS_MISSED = 10

/** The only consumer of a group stops, as it does when its application is stopped, and the producer goes on. */
export class StoppedConsumer implements Incident {
  readonly name = 'a consumer stops while records come'
  readonly alert = { alertname: 'ConsumersGone', group: GROUP }
  readonly twin = { alertname: 'ConsumersGone', group: TWIN }
  readonly finding = { check: 'group-without-members', resource: GROUP }
  readonly #consumers = new Map<string, Consumer>()
  #kafka: Kafka | null = null
  #producer: Producer | null = null
  #producing: Promise<void> = Promise.resolve()
  #isOver = false
  #sent = 0

  async prepare({ kafkaAddress, call }: Stage): Promise<void> {
    await call('POST', '/v1/topics', { name: TOPIC, partitions: 3 })
    this.#kafka = new Kafka({ brokers: [kafkaAddress], logLevel: logLevel.NOTHING })
    this.#producer = this.#kafka.producer()
    await this.#producer.connect()
    await Promise.all([this.#consume(GROUP), this.#consume(TWIN)])
    this.#producing = this.#produce(this.#producer)
  }

  async cause(): Promise<void> {
    await Promise.all([this.#stopConsumer(GROUP), this.#stopConsumer(TWIN)])
    await this.#consume(TWIN)
    const missed = this.#sent + RECORDS_MISSED
    while (this.#sent < missed) await sleep(PAUSE_MS)
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#producing
    for (const group of this.#consumers.keys()) await this.#stopConsumer(group)
    await this.#producer?.disconnect()
  }

  async #consume(groupId: string): Promise<void> {
    const consumer = this.#kafka?.consumer({ groupId })
    if (consumer === undefined) return
    this.#consumers.set(groupId, consumer)
    await consumer.connect()
    await consumer.subscribe({ topic: TOPIC, fromBeginning: true })
    await consumer.run({ eachMessage: async () => {} })
  }

  async #stopConsumer(groupId: string): Promise<void> {
    await this.#consumers.get(groupId)?.disconnect()
    this.#consumers.delete(groupId)
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

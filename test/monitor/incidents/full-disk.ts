import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Producer } from 'kafkajs'
import { Kafka, logLevel } from 'kafkajs'
import type { Incident, Stage } from './incident.ts'

const TOPIC = 'archive'
const MIB = 1024 * 1024
const ROOM_BYTES = 24 * MIB
const BATCH_BYTES = MIB / 2
const PAUSE_MS = 200

/** The broker may use a little more of its volume than it does, and a producer fills that. */
export class FullDisk implements Incident {
  readonly name = 'a producer fills the capacity of the broker'
  readonly alert = { alertname: 'ProduceRefused' }
  readonly twin = null
  readonly finding = { check: 'disk-usage', resource: 'data' }
  #producer: Producer | null = null
  #filling: Promise<void> = Promise.resolve()
  #isOver = false

  async prepare({ kafkaAddress, call }: Stage): Promise<void> {
    await call('POST', '/v1/topics', { name: TOPIC, partitions: 1 })
    const retry = { retries: 0 }
    const kafka = new Kafka({ brokers: [kafkaAddress], logLevel: logLevel.NOTHING, retry })
    this.#producer = kafka.producer()
    await this.#producer.connect()
  }

  async cause({ call }: Stage): Promise<void> {
    const { usedBytes, floorBytes } = (await call('GET', '/v1/disk-capacity')) as {
      readonly usedBytes: number
      readonly floorBytes: number
    }
    const capacityBytes = usedBytes + floorBytes + ROOM_BYTES
    await call('PUT', '/v1/disk-capacity', { capacityBytes })
    await new Promise<void>((resolve) => {
      this.#filling = this.#fill(resolve)
    })
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#filling
    await this.#producer?.disconnect()
  }

  /** Goes on once it is refused: a broker may find a little room again, in its journal. */
  async #fill(onRefused: () => void): Promise<void> {
    while (!this.#isOver) {
      try {
        const value = randomBytes(BATCH_BYTES)
        await this.#producer?.send({ topic: TOPIC, messages: [{ value }] })
      } catch {
        onRefused()
        await sleep(PAUSE_MS)
      }
    }
  }
}

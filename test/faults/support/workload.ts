import type { AppendResult } from '../../../broker/log/index.ts'
import type { Random } from '../../../kit/index.ts'
import { seededRandom } from '../../../kit/index.ts'
import { addToSequence } from '../../../protocol/index.ts'
import type { ProducerState, SentRecord } from './ledger.ts'
import type { LogKey } from './observation.ts'
import type { Send, StoreLife } from './store-life.ts'
import { COMPACTED, CONFIG, logs, topic, topicIds } from './topics.ts'

/**
 * A scripted stretch of a broker's life in which everything happens that ever touches the disk, a
 * restart included. The same seed gives the same calls.
 */
export async function runWorkload(life: StoreLife, seed: number): Promise<void> {
  const script = new Script(life, seededRandom(seed))
  await runFirstLife(life, script)
  await life.close()
  await life.open()
  await life.createKnown()
  life.acceptEpoch()
  await script.mixedAppends()
  await script.flush()
}

/** The same up to the restart. */
export async function runWorkloadWithoutRestart(life: StoreLife, seed: number): Promise<void> {
  await runFirstLife(life, new Script(life, seededRandom(seed)))
}

async function runFirstLife(life: StoreLife, script: Script): Promise<void> {
  await life.open()
  life.acceptEpoch()
  await script.createTopics()
  await script.mixedAppends()
  await script.idempotentAppends()
  await script.atomicAppends()
  await script.keyedAppends()
  await script.flush()
  await script.journalRotation()
  await script.trims()
  await script.appendsWithoutPause()
  await script.dropAndCreateAgain()
  await script.keyedAppends()
  await script.checkpointAndCompaction()
}

class Script {
  readonly #life: StoreLife
  readonly #random: Random
  readonly #producers: ProducerState[] = [
    { producerId: 1000n, producerEpoch: 0, nextSequence: 0 },
    { producerId: 1001n, producerEpoch: 3, nextSequence: 2 ** 31 - 4 },
  ]
  #valueCount = 0

  constructor(life: StoreLife, random: Random) {
    this.#life = life
    this.#random = random
  }

  async createTopics(): Promise<void> {
    const life = this.#life
    await life.create(topic(topicIds.orders, 'orders', 2))
    await life.create(
      topic(topicIds.metrics, 'metrics', 1, { config: { ...CONFIG, durability: 'os' } }),
    )
    await life.create(topic(topicIds.table, 'table', 1, { config: COMPACTED }))
    await life.create(topic(topicIds.history, '__history', 1, { internal: true }))
    await life.create(topic(topicIds.scratch, 'scratch', 1))
  }

  async mixedAppends(): Promise<void> {
    const { orders0, orders1, metrics, scratch, scratchAgain } = logs
    const last = this.#life.ledger.logs.has(scratchAgain) ? scratchAgain : scratch
    for (const acks of ['durable', 'written', 'none'] as const) {
      const answers = [
        this.#life.send([{ log: orders0, records: this.#records(1, 200) }], { acks }),
        this.#life.send([{ log: orders1, records: this.#records(3, 150) }], { acks: 'durable' }),
        this.#life.send(
          [
            { log: metrics, records: this.#records(2, 100) },
            { log: last, records: this.#records(1, 6_000) },
          ],
          { acks },
        ),
      ]
      await this.#answered(answers)
    }
  }

  /** Five in flight, a retry of each, and a sequence that skips. The second producer's sequence wraps. */
  async idempotentAppends(): Promise<void> {
    const life = this.#life
    for (const producer of this.#producers) {
      const log = producer.producerEpoch === 0 ? logs.orders0 : logs.orders1
      const answers = Array.from({ length: 5 }, () =>
        life.send([{ log, records: this.#records(2, 80), producer }], { acks: 'durable' }),
      )
      const originals = (await this.#answered(answers)).flat()
      const sent = life.ledger.log(log).sent.slice(-5)
      const retries = (await this.#answered(sent.map((batch) => life.resend(batch)))).flat()
      this.#expect(retries, 'duplicate')
      if (!life.hadFailures && offsetsOf(retries) !== offsetsOf(originals)) {
        throw new Error('a retry got other offsets')
      }
      const nextSequence = addToSequence(producer.nextSequence, 7)
      const ahead = { ...producer, nextSequence, skipsAhead: true } as const
      const skipped = life.send([{ log, records: this.#records(1, 50), producer: ahead }], {
        acks: 'durable',
      })
      this.#expect(await life.drive(skipped), 'out-of-order-sequence')
    }
    life.look()
  }

  async atomicAppends(): Promise<void> {
    const { orders0, orders1, table, history } = logs
    const together = { acks: 'durable', atomic: true } as const
    const pair = (first: LogKey, second: LogKey): Send[] => [
      { log: first, records: this.#records(1, 300) },
      { log: second, records: this.#records(2, 2_500) },
    ]
    await this.#answered([
      this.#life.send(pair(orders1, history), together),
      this.#life.send(pair(orders0, orders1), together),
      this.#life.send(
        [...pair(history, orders0), { log: table, records: this.#keyed(1) }],
        together,
      ),
    ])
    const { endOffset } = this.#life.log(history)
    const expected = this.#life.send(
      [{ log: history, records: this.#records(1, 100), expectedOffset: endOffset }],
      { acks: 'durable' },
    )
    this.#expect(await this.#life.drive(expected), 'appended')
    const refused = this.#life.send(
      [
        { log: orders0, records: this.#records(1, 100) },
        { log: history, records: this.#records(1, 100), expectedOffset: endOffset },
      ],
      together,
    )
    this.#expect(await this.#life.drive(refused), 'refused-with-others', 'unexpected-offset')
  }

  async keyedAppends(): Promise<void> {
    const life = this.#life
    for (let i = 0; i < 8; i++) {
      await this.#answered([
        life.send([{ log: logs.table, records: this.#keyed(4) }], { acks: 'durable' }),
      ])
    }
  }

  async flush(): Promise<void> {
    await this.#life.sleep(2_500)
    this.#life.look()
  }

  async journalRotation(): Promise<void> {
    const { orders0, orders1 } = logs
    for (let i = 0; i < 8; i++) {
      await this.#answered([
        this.#life.send([{ log: orders0, records: this.#records(1, 4_500) }], { acks: 'durable' }),
        this.#life.send([{ log: orders1, records: this.#records(2, 1_800) }], { acks: 'written' }),
      ])
    }
    this.#life.look()
  }

  async trims(): Promise<void> {
    const { orders0, orders1 } = logs
    const life = this.#life
    await life.trim(orders0, Math.floor(life.log(orders0).highWatermark / 2))
    await this.#answered([
      life.send([{ log: orders0, records: this.#records(2, 400) }], { acks: 'durable' }),
    ])
    await life.trim(orders1, life.log(orders1).highWatermark)
    await this.#answered([
      life.send([{ log: orders1, records: this.#records(1, 400) }], { acks: 'durable' }),
    ])
  }

  /** Appends in flight at every moment of flushes, a checkpoint and trims. */
  async appendsWithoutPause(): Promise<void> {
    const { orders0, orders1, metrics, history } = logs
    const life = this.#life
    const [producer] = this.#producers
    const answers: Promise<unknown>[] = []
    const cycle = [orders0, metrics, orders1, history]
    for (let step = 0; step < 60; step++) {
      const log = cycle[step % cycle.length] ?? orders0
      const acks = step % 3 === 0 ? 'written' : 'durable'
      const send = { log, records: this.#records(1 + (step % 3), 250) }
      const isFromProducer = log === orders0 && producer !== undefined
      answers.push(life.send([isFromProducer ? { ...send, producer } : send], { acks }))
      if (step % 25 === 20) {
        const trim = life.startTrim(orders0, life.log(orders0).highWatermark - 1)
        // It is waited for below; should it fail before that, nobody is surprised.
        trim.catch(() => {})
        answers.push(trim)
      }
      await life.sleep(83)
    }
    await life.drive(Promise.all(answers))
    life.look()
  }

  async dropAndCreateAgain(): Promise<void> {
    const { scratchAgain, orders0 } = logs
    await this.#answered([
      this.#life.send([{ log: logs.scratch, records: this.#records(1, 900) }], { acks: 'durable' }),
    ])
    await this.#life.drop(topicIds.scratch)
    await this.#life.create(topic(topicIds.scratchAgain, 'scratch', 1))
    await this.#answered([
      this.#life.send(
        [
          { log: scratchAgain, records: this.#records(2, 700) },
          { log: orders0, records: this.#records(1, 700) },
        ],
        { acks: 'durable', atomic: true },
      ),
    ])
  }

  async checkpointAndCompaction(): Promise<void> {
    await this.#life.sleep(6_000)
    await this.#answered([
      this.#life.send([{ log: logs.table, records: this.#keyed(3) }], { acks: 'durable' }),
    ])
    await this.#life.sleep(20_000)
    this.#life.look()
  }

  #expect(results: readonly AppendResult[], ...kinds: AppendResult['kind'][]): void {
    if (this.#life.hadFailures) return
    for (const [i, result] of results.entries()) {
      const kind = kinds[i] ?? kinds[0]
      if (result.kind !== kind) throw new Error(`expected ${kind}, got ${JSON.stringify(result)}`)
    }
  }

  async #answered(
    answers: readonly Promise<readonly AppendResult[]>[],
  ): Promise<(readonly AppendResult[])[]> {
    return this.#life.drive(Promise.all(answers))
  }

  #records(count: number, sizeBytes: number): SentRecord[] {
    return Array.from({ length: count }, () => ({ key: null, value: this.#value(sizeBytes) }))
  }

  /** Few keys, so that most records are superseded; now and then a tombstone. */
  #keyed(count: number): SentRecord[] {
    return Array.from({ length: count }, () => ({
      key: `key-${this.#random.below(6)}`,
      value: this.#random.below(6) === 0 ? null : this.#value(120),
    }))
  }

  #value(sizeBytes: number): string {
    const name = `value-${this.#valueCount++}-`
    return name + this.#random.bytes(Math.ceil(sizeBytes / 2)).toString('hex')
  }
}

function offsetsOf(results: readonly AppendResult[]): string {
  return results.map((result) => ('baseOffset' in result ? result.baseOffset : '-')).join()
}

import assert from 'node:assert/strict'
import type { Consumer } from 'kafkajs'
import { named, numbered, until } from '../interop.ts'
import { impatient, kafka, produce, toMessages } from './records.ts'

const PARTITIONS = 4
const ROUND = 400

/** A member with kafkajs's own defaults: round robin, its own timeouts, its own commits. */
class Member {
  readonly values: string[] = []
  partitions: readonly number[] = []
  private readonly consumer: Consumer = kafka.consumer({ groupId: named('share') })

  async start(topic: string): Promise<void> {
    this.consumer.on(this.consumer.events.GROUP_JOIN, ({ payload }) => {
      this.partitions = payload.memberAssignment[topic] ?? []
    })
    await this.consumer.connect()
    await this.consumer.subscribe({ topics: [topic], fromBeginning: true })
    await this.consumer.run({
      eachMessage: async ({ message }) => {
        this.values.push(String(message.value))
      },
    })
  }

  stop(): Promise<void> {
    return this.consumer.disconnect()
  }
}

/** Two members share a topic of four partitions, then one of them leaves. */
export class GroupShare {
  private readonly topic = named('group')
  private readonly first = new Member()
  private readonly second = new Member()
  private rounds = 0

  async share(): Promise<void> {
    await this.first.start(this.topic)
    await until('the first member has all', () => this.first.partitions.length === PARTITIONS)
    await this.second.start(this.topic)
    await until(
      'each has half',
      () =>
        new Set([...this.first.partitions, ...this.second.partitions]).size === PARTITIONS &&
        this.first.partitions.length === PARTITIONS / 2,
    )
    await this.produceRound()
    assert.equal(this.first.values.length, ROUND / 2)
  }

  async takeOver(): Promise<void> {
    assert.equal(
      this.second.partitions.length,
      PARTITIONS / 2,
      'group-share did not get far enough',
    )
    await this.second.stop()
    await until('the first member took over', () => this.first.partitions.length === PARTITIONS)
    await this.produceRound()
    await this.first.stop()
  }

  private async produceRound(): Promise<void> {
    const messages = Array.from({ length: ROUND }, (_, i) => ({
      value: `${this.rounds}-${i}`,
      partition: i % PARTITIONS,
    }))
    await produce(this.topic, messages)
    this.rounds += 1
    const all = (): string[] => [...this.first.values, ...this.second.values]
    await until('all records arrive', () => all().length >= this.rounds * ROUND)
    assert.equal(all().length, this.rounds * ROUND)
    assert.equal(new Set(all()).size, this.rounds * ROUND, 'some records came twice')
  }
}

export async function commitResume(): Promise<void> {
  const topic = named('commit')
  await produce(topic, toMessages(numbered('commit', 1000)))
  const before = await readAndCommit(topic, 500)
  assert.deepEqual(before.slice(0, 500), numbered('commit', 1000).slice(0, 500))
  const after = await readAndCommit(topic, 500)
  assert.deepEqual(after, numbered('commit', 1000).slice(500))
  const admin = kafka.admin()
  await admin.connect()
  const [committed] = await admin.fetchOffsets({ groupId: named('commit'), topics: [topic] })
  await admin.disconnect()
  assert.equal(committed?.partitions[0]?.offset, '1000')
  assert.equal(committed?.partitions[0]?.metadata, 'half-way')
}

async function readAndCommit(topic: string, count: number): Promise<string[]> {
  const values: string[] = []
  let start: number | undefined
  const consumer = kafka.consumer({ groupId: named('commit'), ...impatient })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      start ??= Number(message.offset)
      values.push(String(message.value))
    },
  })
  await until('enough was read', () => values.length >= count)
  await consumer.commitOffsets([
    { topic, partition: 0, offset: String((start ?? 0) + count), metadata: 'half-way' },
  ])
  await consumer.disconnect()
  return values
}

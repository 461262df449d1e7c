import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Message, MessageToProduce } from '@platformatic/kafka'
import { Consumer } from '@platformatic/kafka'
import { named, numbered, until } from '../interop.ts'
import { bytes, connection, newConsumer, produce, toMessages } from './records.ts'

const PARTITIONS = 4
const ROUND = 400
const COMMIT_INTERVAL_MS = 100
const FETCH_UNDER_WAY_MS = 1_000

/** A member with the client's defaults but for a faster heartbeat. */
class Member {
  readonly values: string[] = []
  private readonly topic: string
  private readonly consumer: Consumer

  constructor(group: string, topic: string) {
    this.topic = topic
    this.consumer = new Consumer({
      ...connection,
      groupId: named(group),
      heartbeatInterval: 500,
      sessionTimeout: 10_000,
      maxWaitTime: 200,
    })
  }

  get partitions(): readonly number[] {
    const own = this.consumer.assignments?.find(({ topic }) => topic === this.topic)
    return own?.partitions ?? []
  }

  async start(): Promise<void> {
    const stream = await this.consumer.consume({
      topics: [this.topic],
      mode: 'committed',
      fallbackMode: 'earliest',
      autocommit: COMMIT_INTERVAL_MS,
    })
    stream.on('data', (message: Message) => this.values.push(String(message.value)))
  }

  async stop(): Promise<void> {
    await this.consumer.close(true)
  }
}

/** Two members share a topic of four partitions, then one of them leaves. */
export class GroupShare {
  private readonly topic = named('group')
  private readonly first = new Member('share', this.topic)
  private readonly second = new Member('share', this.topic)
  private rounds = 0

  async share(): Promise<void> {
    await this.first.start()
    await until('the first member has all', () => this.first.partitions.length === PARTITIONS)
    await this.second.start()
    await untilHalves(this.first, this.second)
    // The client lets a fetch of the old assignment end, and hands its records on.
    await sleep(FETCH_UNDER_WAY_MS)
    await this.produceRound()
    assert.equal(this.first.values.length, ROUND / 2)
  }

  async takeOver(): Promise<void> {
    assert.equal(
      this.second.partitions.length,
      PARTITIONS / 2,
      'group-share did not get far enough',
    )
    // It commits by its timer alone, not when it leaves.
    await sleep(COMMIT_INTERVAL_MS * 5)
    await this.second.stop()
    await until('the first member took over', () => this.first.partitions.length === PARTITIONS)
    await this.produceRound()
    await this.first.stop()
  }

  private async produceRound(): Promise<void> {
    const messages = Array.from(
      { length: ROUND },
      (_, i): MessageToProduce => ({
        topic: this.topic,
        partition: i % PARTITIONS,
        value: bytes(`${this.rounds}-${i}`),
      }),
    )
    await produce(messages)
    this.rounds += 1
    const all = (): string[] => [...this.first.values, ...this.second.values]
    await until('all records arrive', () => all().length >= this.rounds * ROUND)
    assert.equal(all().length, this.rounds * ROUND)
    assert.equal(new Set(all()).size, this.rounds * ROUND, 'some records came twice')
  }
}

function untilHalves(first: Member, second: Member): Promise<void> {
  return until(
    'each has half',
    () =>
      first.partitions.length === PARTITIONS / 2 &&
      new Set([...first.partitions, ...second.partitions]).size === PARTITIONS,
  )
}

export async function commitResume(): Promise<void> {
  const topic = named('commit')
  await produce(toMessages(topic, numbered('commit', 1000)))
  const first = await readThenCommit(topic, 500, 500n)
  assert.deepEqual(first.slice(0, 500), numbered('commit', 1000).slice(0, 500))
  const rest = await readThenCommit(topic, 500, 1000n)
  assert.deepEqual(rest, numbered('commit', 1000).slice(500))
}

async function readThenCommit(topic: string, count: number, offset: bigint): Promise<string[]> {
  const consumer = newConsumer('commit')
  const values: string[] = []
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'committed',
    fallbackMode: 'earliest',
    autocommit: false,
  })
  stream.on('data', (message: Message) => values.push(String(message.value)))
  await until('enough was read', () => values.length >= count)
  await consumer.commit({ offsets: [{ topic, partition: 0, offset, leaderEpoch: 0 }] })
  const committed = await consumer.listCommittedOffsets({ topics: [{ topic, partitions: [0] }] })
  assert.deepEqual(committed.get(topic), [offset])
  await consumer.close(true)
  return values
}

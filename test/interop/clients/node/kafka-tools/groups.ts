import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { named, numbered, until } from '../interop.ts'
import { ConsoleMember, consumeValues, produceRecords, produceValues } from './console.ts'
import { expectRefusal, run } from './tools.ts'

const ROUND = 400

function describe(group: string, ...args: readonly string[]): Promise<string> {
  return run('kafka-consumer-groups', ['--describe', '--group', group, ...args])
}

/** How many partitions each member has, as kafka-consumer-groups --members shows it. */
async function partitionCounts(group: string): Promise<number[]> {
  const output = await describe(group, '--members')
  return [...output.matchAll(/console-consumer\s+(\d+)/g)].map(([, count]) => Number(count)).sort()
}

function untilPartitionsAre(expected: readonly number[]): Promise<void> {
  return until(`the members have ${expected}`, async () => {
    return String(await partitionCounts(named('share'))) === String(expected)
  })
}

/** Two members share a topic of four partitions, then one of them leaves. */
export class GroupShare {
  private readonly members: ConsoleMember[] = []

  async share(): Promise<void> {
    this.members.push(new ConsoleMember(named('share'), named('group')))
    this.members.push(new ConsoleMember(named('share'), named('group')))
    await untilPartitionsAre([2, 2])
    await this.produceRound(0)
    for (const { values } of this.members) assert.ok(values.length > 0, 'a member got nothing')
  }

  async takeOver(): Promise<void> {
    const [first, second] = this.members
    assert.ok(first && second, 'group-share did not get far enough')
    await second.stop()
    await untilPartitionsAre([4])
    await this.produceRound(1)
    await first.stop()
  }

  private async produceRound(round: number): Promise<void> {
    const records = numbered(String(round), ROUND).map((value) => ({
      headers: null,
      key: value,
      value,
    }))
    await produceRecords(named('group'), records)
    const all = (): string[] => this.members.flatMap((member) => member.values)
    await until('all records arrive', () => all().length >= (round + 1) * ROUND)
    assert.equal(all().length, (round + 1) * ROUND)
    assert.equal(new Set(all()).size, (round + 1) * ROUND, 'some records came twice')
  }
}

export async function commitResume(): Promise<void> {
  const topic = named('commit')
  const values = numbered('commit', 1000)
  await produceValues(topic, values)
  const group = ['--group', named('commit'), '--from-beginning']
  assert.deepEqual(await consumeValues(topic, 500, group), values.slice(0, 500))
  assert.deepEqual(await consumeValues(topic, 500, group), values.slice(500))
}

/** A group is sent to a time, and a consumer resumes there. */
export async function seekTime(): Promise<void> {
  const topic = named('seek')
  await produceValues(topic, numbered('old', 50))
  await sleep(50)
  const between = new Date().toISOString().replace('Z', '')
  await sleep(50)
  await produceValues(topic, numbered('young', 50))
  await resetOffsets(named('seek'), topic, '--to-datetime', between)
  const young = await consumeValues(topic, 50, ['--group', named('seek')])
  assert.deepEqual(young, numbered('young', 50))
}

async function resetOffsets(group: string, topic: string, ...to: readonly string[]): Promise<void> {
  const what = ['--group', group, '--topic', topic]
  await run('kafka-consumer-groups', ['--reset-offsets', ...what, ...to, '--execute'])
}

/** A group with committed offsets, seen while it has a member and after. */
export class GroupAdmin {
  private readonly group = named('administered')
  private readonly topic = named('administered')

  async describe(): Promise<void> {
    await produceValues(this.topic, numbered('group', 10))
    const member = new ConsoleMember(this.group, this.topic)
    await until('the member has read', () => member.values.length === 10)
    assert.match(await describe(this.group, '--state'), /\srange\s+Stable\s+1\b/)
    await expectRefusal(/is not empty/, 'kafka-consumer-groups', [
      '--delete',
      '--group',
      this.group,
    ])
    await member.stop()
    assert.match(await describe(this.group, '--state'), /\sEmpty\s+0\b/)
  }

  async list(): Promise<void> {
    const output = await run('kafka-consumer-groups', ['--list', '--state'])
    assert.match(output, new RegExp(`^${this.group}\\s+Empty`, 'm'))
  }

  private async checkOffset(current: string, lag: string): Promise<void> {
    // GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG
    const row = new RegExp(`${this.topic}\\s+0\\s+${current}\\s+10\\s+${lag}\\b`)
    assert.match(await describe(this.group), row)
  }

  listOffsets(): Promise<void> {
    return this.checkOffset('10', '0')
  }

  async alterOffsets(): Promise<void> {
    await resetOffsets(this.group, this.topic, '--to-offset', '3')
    await this.checkOffset('3', '7')
  }

  async deleteOffsets(): Promise<void> {
    const what = ['--group', this.group, '--topic', this.topic]
    assert.match(await run('kafka-consumer-groups', ['--delete-offsets', ...what]), /Successful/)
  }

  async delete(): Promise<void> {
    // Without members and offsets the group may be gone already, so it gets an offset again.
    await resetOffsets(this.group, this.topic, '--to-offset', '3')
    const output = await run('kafka-consumer-groups', ['--delete', '--group', this.group])
    assert.match(output, /was successful/)
  }
}

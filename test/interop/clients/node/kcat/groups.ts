import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { named, numbered, until } from '../interop.ts'
import { kcat, Member, produce } from './kcat.ts'

const PARTITIONS = 4
const PER_PARTITION = 100

async function produceRound(round: number): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const values = numbered(`${round}-${partition}`, PER_PARTITION)
    await produce(named('group'), values, ['-p', String(partition)])
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

/** Two members share a topic of four partitions, then one of them leaves. */
export class GroupShare {
  private readonly members: Member[] = []

  async share(): Promise<void> {
    const first = this.join()
    await until('the first member has all', () => first.partitions.length === PARTITIONS)
    await untilHalves(first, this.join())
    await produceRound(0)
    await this.untilEachOnce(1)
    assert.equal(first.values.length, (PARTITIONS / 2) * PER_PARTITION)
  }

  async takeOver(): Promise<void> {
    const [first, second] = this.members
    assert.ok(first && second, 'group-share did not get far enough')
    await second.stop()
    await until('the first member took over', () => first.partitions.length === PARTITIONS)
    await produceRound(1)
    await this.untilEachOnce(2)
    await first.stop()
  }

  private join(): Member {
    const member = new Member(named('share'), named('group'))
    this.members.push(member)
    return member
  }

  private async untilEachOnce(rounds: number): Promise<void> {
    const all = (): string[] => this.members.flatMap((member) => member.values)
    const wanted = rounds * PARTITIONS * PER_PARTITION
    await until('all records arrive', () => all().length >= wanted)
    assert.equal(all().length, wanted)
    assert.equal(new Set(all()).size, wanted, 'some records came twice')
  }
}

/** A static member that returns under its name gets its partitions back without a rebalance. */
export async function staticMembership(): Promise<void> {
  const join = (name: string): Member =>
    new Member(named('static'), named('group'), { 'group.instance.id': name })
  const first = join('one')
  await until('the first member has all', () => first.partitions.length === PARTITIONS)
  const second = join('two')
  await untilHalves(first, second)
  const before = second.partitions
  const { assignments } = first
  await second.stop()
  const returned = join('two')
  await until('the second member is back', () => returned.partitions.length === before.length)
  await sleep(1_500)
  assert.deepEqual(returned.partitions, before)
  assert.equal(first.assignments, assignments, 'assignments of the first member')
  await Promise.all([first.stop(), returned.stop()])
}

/** The first member gives up only what the second one gets. */
export async function cooperative(): Promise<void> {
  const join = (): Member =>
    new Member(named('cooperative'), named('group'), {
      'partition.assignment.strategy': 'cooperative-sticky',
    })
  const first = join()
  await until('the first member has all', () => first.partitions.length === PARTITIONS)
  const second = join()
  await untilHalves(first, second)
  assert.equal(first.revokedPartitions, PARTITIONS / 2, 'partitions taken from the first member')
  await second.stop()
  await until('the first member took over', () => first.partitions.length === PARTITIONS)
  assert.equal(first.revokedPartitions, PARTITIONS / 2, 'partitions taken from the first member')
  await first.stop()
}

export async function commitResume(): Promise<void> {
  const topic = named('commit')
  const values = numbered('commit', 1000)
  await produce(topic, values)
  const read = ['-G', named('commit'), '-q', '-X', 'auto.offset.reset=earliest', '-c', '500', topic]
  assert.deepEqual(await kcat(read), values.slice(0, 500))
  assert.deepEqual(await kcat(read), values.slice(500))
}

import { describe, expect, it } from 'vitest'
import type { Random } from '../../kit/index.ts'
import { seededRandom } from '../../kit/index.ts'
import type { CoordinatorRecord } from './records/coordinator-record.ts'
import { GroupWorld } from './testing.ts'

interface Actor {
  readonly groupId: string
  readonly instanceId: string | null
  memberId: string
  generationId: number
  isWaiting: boolean
}

/**
 * Random members do random things to a few groups; now and then the coordinator starts again from
 * its log. What it knew before and what it reads afterwards must be the same.
 */
class Crowd {
  readonly #world: GroupWorld
  readonly #random: Random
  readonly #actors: Actor[]

  constructor(world: GroupWorld, random: Random) {
    this.#world = world
    this.#random = random
    this.#actors = Array.from({ length: 9 }, (_, i) => ({
      groupId: `g${i % 3}`,
      memberId: '',
      instanceId: i % 4 === 0 ? `i${i}` : null,
      generationId: -1,
      isWaiting: false,
    }))
  }

  act(): void {
    const { groups } = this.#world
    const actor = this.#pick(this.#actors)
    const { groupId, generationId } = actor
    const roll = this.#random.below(100)
    if (roll < 60) void this.#live(actor)
    else if (roll < 85) void this.#commit(actor)
    else if (roll < 89) void this.#join(actor)
    else if (roll < 91) void groups.leave(groupId, [identity(actor)])
    else if (roll < 94)
      void groups.heartbeat({ ...identity(actor), generationId: generationId - 1 })
    else if (roll < 96) actor.memberId = ''
    else if (roll < 98) void this.#world.deleteGroup(groupId)
    else void this.#world.deleteOffsets(groupId, 't')
  }

  /** What a well-behaved client does when it is its turn. */
  async #live(actor: Actor): Promise<void> {
    if (actor.isWaiting) return
    const { generationId } = actor
    if (generationId < 0) return this.#join(actor)
    const error = await this.#world.groups.heartbeat({ ...identity(actor), generationId })
    if (error !== 'NONE') actor.generationId = -1
    if (error === 'UNKNOWN_MEMBER_ID') actor.memberId = ''
  }

  async #join(actor: Actor): Promise<void> {
    actor.isWaiting = true
    const answer = await this.#world.groups.join({
      ...identity(actor),
      clientId: 'c',
      clientHost: '/h',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 20_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: this.#subscription() }],
      requiresKnownMemberId: this.#random.below(2) === 0,
      supportsSkippingAssignment: true,
    })
    if (answer.error === 'NONE' || answer.error === 'MEMBER_ID_REQUIRED') {
      actor.memberId = answer.memberId
      actor.generationId = answer.generationId
    } else if (answer.error === 'UNKNOWN_MEMBER_ID' || answer.error === 'FENCED_INSTANCE_ID') {
      actor.memberId = ''
    }
    if (answer.error === 'MEMBER_ID_REQUIRED') return this.#join(actor)
    // Some never sync.
    if (answer.error === 'NONE' && this.#random.below(10) > 0) await this.#sync(actor)
    actor.isWaiting = false
  }

  async #sync(actor: Actor): Promise<void> {
    const { groupId, generationId } = actor
    const assignments = this.#actors
      .filter((other) => other.groupId === groupId)
      .map(({ memberId }) => ({ memberId, assignment: Buffer.from(`a${this.#random.below(9)}`) }))
    const protocol = { protocolType: null, protocolName: null }
    const answer = await this.#world.groups.sync({
      ...identity(actor),
      generationId,
      ...protocol,
      assignments,
    })
    if (answer.error !== 'NONE') actor.generationId = -1
  }

  async #commit(actor: Actor): Promise<void> {
    const asMember = this.#random.below(4) > 0
    await this.#world.groups.commitOffsets({
      ...(asMember ? identity(actor) : { ...identity(actor), memberId: '', groupInstanceId: null }),
      generationId: asMember ? actor.generationId : -1,
      retentionMs: this.#random.below(4) === 0 ? 30_000 : -1,
      unknownGroupError: 'ILLEGAL_GENERATION',
      topics: [
        {
          name: 't',
          id: this.#world.control.state.topics.get('t')?.id ?? '',
          partitions: [
            {
              index: this.#random.below(3),
              offset: this.#random.below(1_000),
              leaderEpoch: 1,
              metadata: 'm',
              committedAtMs: -1,
            },
          ],
        },
      ],
    })
  }

  /** Mostly the same, of a topic; sometimes none, sometimes one that cannot be read. */
  #subscription(): Buffer {
    const roll = this.#random.below(20)
    if (roll === 0) return Buffer.from([0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])
    if (roll === 1) return Buffer.from([0, 0, 0, 0, 0, 9])
    return Buffer.from([0, 0, 0, 0, 0, 1, 0, 1, 0x74, 0xff, 0xff, 0xff, 0xff])
  }

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[this.#random.below(choices.length)]
    if (choice === undefined) throw new Error('nothing to choose from')
    return choice
  }
}

function identity({ groupId, memberId, instanceId }: Actor) {
  return { groupId, memberId, groupInstanceId: instanceId }
}

/** What must survive: groups that are stable or empty, and all offsets. */
function durableState(world: GroupWorld) {
  const { groups } = world.groups.list()
  const settled = groups
    .filter(({ state }) => state === 'Stable' || state === 'Empty')
    // A group that handed out an id and recorded nothing is not there afterwards.
    .filter(({ generationId, offsets }) => generationId > 0 || offsets.size > 0)
    // What is counted since the start begins anew.
    .map((group) => ({ ...group, members: group.members, offsets: undefined, activity: undefined }))
  const offsets = groups.map(({ groupId, offsets: committed }) => [
    groupId,
    structuredClone(committed),
  ])
  return {
    settled: settled.sort((a, b) => (a.groupId < b.groupId ? -1 : 1)),
    offsets: offsets.filter(([, committed]) => (committed as Map<string, unknown>).size > 0).sort(),
  }
}

describe('replay', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is what memory was (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const world = await GroupWorld.open({
      seed,
      topics: { t: 3 },
      configs: {
        'group.initial.rebalance.delay.ms': '500',
        'offsets.topic.num.partitions': '2',
        'offsets.retention.check.interval.ms': '7000',
      },
    })
    const crowd = new Crowd(world, random)
    let settledGroups = 0
    for (let life = 0; life < 12; life++) {
      for (let step = 0; step < 60; step++) {
        crowd.act()
        await world.time.advance(random.below(3) === 0 ? random.below(2_000) : 0)
      }
      await world.quiesce()
      const before = durableState(world)
      settledGroups += before.settled.length
      await world.restart()
      const after = durableState(world)
      expect(after.offsets, `seed ${seed}, life ${life}`).toEqual(before.offsets)
      const afterById = new Map(after.settled.map((group) => [group.groupId, group]))
      for (const group of before.settled) {
        expect(afterById.get(group.groupId), `seed ${seed}, life ${life}`).toEqual(group)
      }
    }
    expect(settledGroups).toBeGreaterThan(5)
  })
})

describe('a crash', () => {
  it.each([1, 2, 3, 4, 5, 6])('loses no commit that was answered (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const world = await GroupWorld.open({ seed, topics: { t: 3 } })
    await world.finish(world.groups.findCoordinator('g'))
    /** By partition: what was answered last, and what was sent since and may or may not be there. */
    const answered = new Map<number, number>()
    const sent = new Map<number, number[]>()
    let offset = 0
    const commit = async (index: number): Promise<void> => {
      const mine = offset++
      sent.set(index, [...(sent.get(index) ?? []), mine])
      const topicId = world.control.state.topics.get('t')?.id ?? ''
      const partition = { index, offset: mine, leaderEpoch: -1, metadata: '', committedAtMs: -1 }
      const { partitions } = await world.groups.commitOffsets({
        groupId: 'g',
        generationId: -1,
        memberId: '',
        groupInstanceId: null,
        retentionMs: -1,
        unknownGroupError: 'ILLEGAL_GENERATION',
        topics: [{ name: 't', id: topicId, partitions: [partition] }],
      })
      if (partitions[0]?.[0] === 'NONE') answered.set(index, mine)
    }
    for (let life = 0; life < 8; life++) {
      world.slowDisk(3)
      for (let step = 0; step < 30; step++) {
        void commit(random.below(3))
        await world.time.advance(random.below(4))
      }
      const before = new Map(answered)
      await world.crash(random.below(1_000))
      const { offsets } = await world.finish(world.groups.fetchOffsets('g', false))
      for (const [index, atLeast] of before) {
        const found = offsets.get('t')?.get(index)?.offset ?? -1
        expect(found, `seed ${seed}, life ${life}`).toBeGreaterThanOrEqual(atLeast)
        expect(sent.get(index)).toContain(found)
        answered.set(index, found)
      }
    }
    expect(answered.size).toBe(3)
  })
})

describe('the log', () => {
  it('can be compacted: the latest record of each key alone gives the same state', async () => {
    const options = { topics: { t: 3 }, configs: { 'offsets.topic.num.partitions': '2' } }
    const world = await GroupWorld.open(options)
    const crowd = new Crowd(world, seededRandom(99))
    for (let step = 0; step < 400; step++) {
      crowd.act()
      await world.time.advance(step % 3 === 0 ? 700 : 0)
    }
    await world.quiesce()
    const records = await world.records()
    const latest = new Map<string, CoordinatorRecord>()
    for (const record of records) {
      // A key keeps the place of its latest record, as in a compacted log.
      latest.delete(keyOf(record))
      latest.set(keyOf(record), record)
    }
    expect(latest.size).toBeLessThan(records.length / 3)

    await world.restart()
    const whole = durableState(world)
    expect(whole.settled.length + whole.offsets.length).toBeGreaterThan(2)
    const compacted = await GroupWorld.open(options)
    await compacted.finish(compacted.groups.findCoordinator('g'))
    await compacted.finish(compacted.groups.stop())
    await compacted.write([...latest.values()])
    await compacted.restart()
    expect(durableState(compacted)).toEqual(whole)
  })
})

function keyOf(record: CoordinatorRecord): string {
  if (record.kind === 'group') return record.groupId
  const topic = record.kind === 'offset' ? record.topic : `parked ${record.topicId}`
  return `${record.groupId}/${topic}/${record.partition}`
}

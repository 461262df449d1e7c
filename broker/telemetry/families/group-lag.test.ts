import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeBatch } from '../../../protocol/index.ts'
import { systemActor } from '../../control/index.ts'
import { GroupWorld } from '../../groups/testing.ts'
import { TopicTrafficTable } from '../../handlers/index.ts'
import type { Family, Sample } from '../family.ts'
import { labelText } from '../family.ts'
import { Slices } from '../slices.ts'
import { GroupsView } from '../view/group-view.ts'
import { TopicView } from '../view/topic-view.ts'
import { groupLagFamilies } from './group-lag.ts'
import { topicFamilies } from './topics.ts'

/** A scripted life of topics and groups in simulated time: what families say beside the truth. */

const SECOND_MS = 1_000
const OWN = { group: 'readers', topic: 't', partition: 0 }
const KAFKA = { consumergroup: 'readers', topic: 't', partition: 0 }

let world: GroupWorld
/** When each record was appended. */
let appendedMs: number[]

/** Kept from scrape to scrape, as in a broker. */
let views: { readonly groupsView: GroupsView; readonly topicView: TopicView }

beforeEach(async () => {
  world = await GroupWorld.open({ topics: { t: 1 } })
  appendedMs = []
  openViews()
})

afterEach(() => world.stop())

function topicId(): string {
  return world.control.state.topics.get('t')?.id ?? ''
}

/** One record; its producer's clock is an hour slow. */
async function append(key: string | null = null): Promise<void> {
  const log = world.store.find(topicId(), 0)
  if (!log) throw new Error('the log is gone')
  const timestampMs = world.time.clock.now() - 3_600 * SECOND_MS
  appendedMs.push(world.time.clock.now())
  const batch = encodeBatch([
    { timestampMs, key: key === null ? null : Buffer.from(key), value: Buffer.alloc(100) },
  ])
  await world.finish(world.store.append([{ log, batch }], { acks: 'durable' }))
}

async function appendEverySecond(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await append()
    await world.time.advance(SECOND_MS)
  }
}

async function commit(offset: number): Promise<void> {
  const partition = { index: 0, offset, leaderEpoch: -1, metadata: null, committedAtMs: -1 }
  await world.finish(
    world.groups.commitOffsets({
      ...{ groupId: 'readers', generationId: -1, memberId: '', groupInstanceId: null },
      ...{ retentionMs: -1, unknownGroupError: 'ILLEGAL_GENERATION' },
      topics: [{ name: 't', id: topicId(), partitions: [partition] }],
    }),
  )
}

async function configure(configs: Readonly<Record<string, string>>): Promise<void> {
  const changes = Object.entries(configs).map(
    ([name, value]) => ({ name, op: 'set', value }) as const,
  )
  const command = { kind: 'topic.config.alter', name: 't', mode: 'incremental', changes } as const
  await world.finish(world.control.execute([command], systemActor))
}

function openViews(): void {
  const sources = { control: world.control, groups: world.groups, log: world.store }
  const limits = { maxGroups: 9, maxGroupPartitions: 9 }
  views = {
    groupsView: new GroupsView(sources, limits, world.time.clock),
    topicView: new TopicView(sources, 9),
  }
}

/** Values by family and labels, as a scrape would show them. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const { groupsView, topicView } = views
  await world.finish(topicView.refresh(new Slices(world.time)))
  await world.finish(groupsView.refresh(new Slices(world.time)))
  const traffic = new TopicTrafficTable()
  const families: readonly Family[] = [
    ...groupLagFamilies({ groupsView }),
    ...topicFamilies({ traffic, topicView }),
  ]
  const values = new Map<string, number>()
  for (const { name, samples } of families) {
    for (const { labels, value } of samples() as Iterable<Sample>) {
      values.set(`${name} ${typeof labels === 'string' ? labels : labelText(labels)}`, value)
    }
  }
  return values
}

async function read(name: string, labels: Readonly<Record<string, string | number>> = OWN) {
  return (await scrape()).get(`${name} ${labelText(labels)}`)
}

/** Age of the record at `offset`. */
function ageSeconds(offset: number): number {
  return (world.time.clock.now() - (appendedMs[offset] ?? Number.NaN)) / 1000
}

async function expectLag(offset: number): Promise<void> {
  const seconds = await read('glasslog_group_lag_seconds')
  expect(Math.abs((seconds ?? Number.NaN) - ageSeconds(offset))).toBeLessThan(1)
}

describe('lag', () => {
  it('is the age of the oldest record that is not committed, whatever producers say', async () => {
    await appendEverySecond(600)
    for (const offset of [599, 300, 7, 0]) {
      await commit(offset)
      await expectLag(offset)
    }
    expect(await read('kafka_consumergroup_lag', KAFKA)).toBe(600)
  })

  it('is 0 for who has read everything, and grows from the next append on', async () => {
    await appendEverySecond(3)
    await commit(3)
    await world.time.advance(3_600 * SECOND_MS)
    expect(await read('glasslog_group_lag_seconds')).toBe(0)
    expect(await read('glasslog_group_lag_bytes')).toBe(0)
    await append()
    await world.time.advance(30 * SECOND_MS)
    await expectLag(3)
  })

  it('of a group that is rewound is that of where it is now', async () => {
    await appendEverySecond(60)
    await commit(60)
    await commit(10)
    await expectLag(10)
    expect(await read('kafka_consumergroup_current_offset', KAFKA)).toBe(10)
    const sizeBytes = world.store.find(topicId(), 0)?.sizeBytes ?? 0
    expect(await read('glasslog_group_lag_bytes')).toBe((sizeBytes * 50) / 60)
  })

  it('of a group that never commits is not there, nor that of a deleted topic', async () => {
    await appendEverySecond(3)
    const name = 'glasslog_group_lag_seconds'
    expect(await read(name)).toBeUndefined()
    await commit(1)
    expect(await read(name)).toBeGreaterThan(0)
    await world.deleteTopic('t')
    expect(await read(name)).toBeUndefined()
    expect(
      await read('kafka_consumergroup_lag_sum', { consumergroup: 'readers', topic: 't' }),
    ).toBeUndefined()
  })

  it('begins anew with a topic that has the name of one that was deleted', async () => {
    await append('a')
    await append('a')
    await commit(0)
    await world.time.advance(600 * SECOND_MS)
    await expectLag(0)
    await world.deleteTopic('t')
    await world.createTopic('t', 1)
    appendedMs = []
    expect(await read('glasslog_group_lag_seconds')).toBeUndefined()
    await appendEverySecond(5)
    await commit(1)
    await expectLag(1)
    expect(await read('kafka_consumergroup_lag', KAFKA)).toBe(4)
    expect(await read('kafka_topic_partition_current_offset', { topic: 't', partition: 0 })).toBe(5)
  })

  it('is that of the first record that is left, where retention took some', async () => {
    await appendEverySecond(30)
    await commit(5)
    const log = world.store.find(topicId(), 0)
    if (!log) throw new Error('the log is gone')
    await world.finish(world.store.trim(log, 20))
    await expectLag(20)
    expect(await read('kafka_consumergroup_lag', KAFKA)).toBe(10)
  })

  it('in a compacted topic is the age of the next record that is left', async () => {
    await configure({
      'cleanup.policy': 'compact',
      'min.cleanable.dirty.ratio': '0',
      'segment.ms': '1000',
    })
    for (let n = 0; n < 20; n++) {
      await append(n < 15 ? 'same' : `own ${n}`)
      await world.time.advance(10 * SECOND_MS)
    }
    await append('newest')
    await world.time.advance(600 * SECOND_MS)
    for (const [committed, next] of [
      [17, 17],
      [3, 14],
      [16, 16],
    ] as const) {
      await commit(committed)
      await expectLag(next)
    }
  })

  it('of before a restart is not later than the start, and not earlier than the record says', async () => {
    await appendEverySecond(60)
    await commit(10)
    await world.restart()
    openViews()
    const startedMs = world.time.clock.now()
    await world.time.advance(60 * SECOND_MS)
    const seconds = (await read('glasslog_group_lag_seconds')) ?? Number.NaN
    expect(seconds).toBeGreaterThanOrEqual((world.time.clock.now() - startedMs) / 1000)
    expect(seconds).toBeLessThanOrEqual(ageSeconds(10) + 3_600)
  })
})

describe('what retention leaves', () => {
  it('is the time until the oldest uncommitted record may be taken', async () => {
    await configure({ 'retention.ms': String(100 * SECOND_MS) })
    await appendEverySecond(10)
    await commit(0)
    const left = await read('glasslog_group_retention_left_seconds')
    expect(Math.abs((left ?? Number.NaN) - (100 - ageSeconds(0)))).toBeLessThan(1)
    const ratio = await read('glasslog_group_retention_left_ratio')
    expect(Math.abs((ratio ?? Number.NaN) - (100 - ageSeconds(0)) / 100)).toBeLessThan(0.01)
  })

  it('is nothing that is shown where nothing waits or nothing is taken', async () => {
    await configure({ 'retention.ms': '-1' })
    await appendEverySecond(2)
    await commit(0)
    expect(await read('glasslog_group_retention_left_seconds')).toBeUndefined()
    await configure({ 'retention.bytes': '100000' })
    expect(await read('glasslog_group_retention_left_seconds')).toBeUndefined()
    expect(await read('glasslog_group_retention_left_ratio')).toBeLessThan(1)
    await commit(2)
    expect(await read('glasslog_group_retention_left_ratio')).toBeUndefined()
  })
})

it('sums are over the partitions of a topic', async () => {
  await appendEverySecond(5)
  await commit(2)
  const labels = { consumergroup: 'readers', topic: 't' }
  expect(await read('kafka_consumergroup_lag_sum', labels)).toBe(3)
  expect(await read('kafka_consumergroup_current_offset_sum', labels)).toBe(2)
})

it('segments of a partition come with time', async () => {
  const labels = { topic: 't', partition: 0 }
  expect(await read('kafka_log_log_numlogsegments', labels)).toBe(0)
  await append()
  await world.time.advance(60 * SECOND_MS)
  expect(await read('kafka_log_log_numlogsegments', labels)).toBe(1)
})

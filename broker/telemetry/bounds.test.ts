import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemTimers } from '../../kit/index.ts'
import { createSimTime } from '../../kit/testing.ts'
import { GroupWorld } from '../groups/testing.ts'
import { TopicTrafficTable } from '../handlers/index.ts'
import { ClientTable } from '../network/index.ts'
import { Quotas } from '../quotas/index.ts'
import { connectionFamilies } from './families/connections.ts'
import { groupLagFamilies } from './families/group-lag.ts'
import { ownFamilies } from './families/own.ts'
import { topicFamilies } from './families/topics.ts'
import type { Family, Sample } from './family.ts'
import { labelText } from './family.ts'
import type { MetricSettings } from './settings.ts'
import { DEFAULT_METRIC_SETTINGS } from './settings.ts'
import { Slices } from './slices.ts'
import { GroupsView } from './view/group-view.ts'
import { QuotaView } from './view/quota-view.ts'
import { TopicView } from './view/topic-view.ts'

/** A label never takes more values than its bound says: the rest is counted together. */

let world: GroupWorld

beforeEach(async () => {
  world = await GroupWorld.open({ topics: { a: 2, b: 2, c: 2 } })
})

afterEach(() => world.stop())

function topicId(name: string): string {
  return world.control.state.topics.get(name)?.id ?? ''
}

async function commit(groupId: string, offset = 0, topic = 'a', count = 2): Promise<void> {
  const partitions = Array.from({ length: count }, (_, index) => ({
    ...{ index, offset, leaderEpoch: -1, metadata: null, committedAtMs: -1 },
  }))
  await world.finish(
    world.groups.commitOffsets({
      ...{ groupId, generationId: -1, memberId: '', groupInstanceId: null, retentionMs: -1 },
      unknownGroupError: 'ILLEGAL_GENERATION',
      topics: [{ name: topic, id: topicId(topic), partitions }],
    }),
  )
}

/** Every look at the time ends a slice. */
function shortSlices(): Slices {
  let nowMs = 0
  const clock = { ...world.time.clock, monotonicMs: () => (nowMs += 1_000) }
  return new Slices({ clock, timers: systemTimers })
}

const clients = new ClientTable(createSimTime().clock, 2)

async function scrape(change: Partial<MetricSettings>) {
  const settings = { ...DEFAULT_METRIC_SETTINGS, ...change }
  const sources = { control: world.control, groups: world.groups, log: world.store }
  const { clock } = world.time
  const groupsView = new GroupsView(sources, settings, clock)
  const topicView = new TopicView(sources, settings.maxTopics)
  const quotas = new Quotas({ state: world.control.state, clock })
  const quotaView = new QuotaView({ quotas }, settings, clock)
  await world.finish(topicView.refresh(new Slices(world.time)))
  await world.finish(groupsView.refresh(new Slices(world.time)))
  const traffic = new TopicTrafficTable()
  for (const name of ['a', 'b', 'c']) traffic.of(topicId(name)).messagesIn = 10
  const families = [
    ...groupLagFamilies({ groupsView }),
    ...topicFamilies({ traffic, topicView }),
    ...ownFamilies({
      ...{ version: '1', scrapes: { count: 0, lastMs: 0 }, access: { denials: [] } },
      ...{ topicView, groupsView, quotaView, clients, otherSoftware: () => 7, disk: () => null },
    }),
  ]
  return (name: string) => seriesOf(families, name)
}

function seriesOf(families: readonly Family[], name: string): Readonly<Record<string, number>> {
  const family = families.find((each) => each.name === name)
  if (!family) throw new Error(`there is no ${name}`)
  const samples = [...(family.samples() as Iterable<Sample>)]
  return Object.fromEntries(
    samples.map(({ labels, value }) => [
      typeof labels === 'string' ? labels : labelText(labels),
      value,
    ]),
  )
}

const MESSAGES = 'kafka_server_brokertopicmetrics_messagesin_total'
const OVERFLOWS = 'glasslog_label_overflows'

it('metrics-max-topics', async () => {
  const all = await scrape({})
  expect(all(MESSAGES)).toEqual({ 'topic="a"': 10, 'topic="b"': 10, 'topic="c"': 10 })
  const some = await scrape({ maxTopics: world.control.state.topics.size - 1 })
  expect(Object.keys(some(MESSAGES))).toHaveLength(3)
  expect(some(MESSAGES)['topic="_other"']).toBe(10)
  const sizes = Object.keys(some('kafka_log_log_size'))
  expect(sizes).toHaveLength(Object.keys(all('kafka_log_log_size')).length - 2)
  expect(some(OVERFLOWS)['label="topic"']).toBe(1)
})

it('metrics-max-groups and metrics-max-group-partitions', async () => {
  for (const group of ['g1', 'g2', 'g3']) await commit(group)
  const all = await scrape({})
  expect(Object.keys(all('glasslog_group_lag_seconds'))).toHaveLength(6)
  const some = await scrape({ maxGroups: 1 })
  expect(Object.keys(some('glasslog_group_lag_seconds'))).toHaveLength(2)
  expect(some('kafka_consumergroup_lag_sum')['consumergroup="_other",topic="a"']).toBe(0)
  expect(Object.keys(some('kafka_consumergroup_lag_sum'))).toHaveLength(2)
  expect(some(OVERFLOWS)['label="group"']).toBe(2)
  const few = await scrape({ maxGroupPartitions: 5 })
  expect(Object.keys(few('kafka_consumergroup_lag'))).toHaveLength(5)
  expect(Object.keys(few('kafka_consumergroup_lag_sum'))).toHaveLength(3)
  expect(few(OVERFLOWS)['label="group_partition"']).toBe(1)
})

it('has no series of its own for a group whose id would make each of its series long', async () => {
  await commit('x'.repeat(249))
  await commit('y'.repeat(250))
  const all = await scrape({})
  expect(Object.keys(all('glasslog_group_lag_seconds'))).toHaveLength(2)
  expect(all('kafka_consumergroup_lag_sum')['consumergroup="_other",topic="a"']).toBe(0)
  expect(all(OVERFLOWS)['label="group"']).toBe(1)
})

it('metrics-max-client-software', async () => {
  const kinds = ['a', 'a', 'a', 'b', 'b', 'c', 'd']
  const connections = kinds.map((softwareName) => ({ softwareName, softwareVersion: '1' }))
  const families = connectionFamilies({
    connections: () => connections as never,
    ...{ clients, maxClientSoftware: 2 },
  })
  expect(seriesOf(families, 'glasslog_client_software_connections')).toEqual({
    'software="a",version="1"': 3,
    'software="b",version="1"': 2,
    'software="_other",version="_other"': 2,
  })
})

it('metrics-max-client-ids: who is away for long makes room, and ids are cut', async () => {
  const time = createSimTime()
  const table = new ClientTable(time.clock, 2)
  const first = table.move(undefined, 'first')
  table.move(undefined, `second ${'x'.repeat(1000)}`)
  expect(table.move(undefined, 'third')).toBe(table.others)
  table.leave(first)
  expect(table.move(undefined, 'fourth')).toBe(table.others)
  await time.advance(11 * 60_000)
  const fifth = table.move(undefined, 'fifth')
  expect(fifth).not.toBe(table.others)
  expect([...table.all()].map(({ clientId }) => clientId.length)).toEqual([128, 5])
  for (let n = 0; n < 10_000; n++) table.move(fifth, `client ${n}`)
  expect([...table.all()].length).toBeLessThanOrEqual(3)
})

it('gives no client the label of those that are counted together', () => {
  const table = new ClientTable(createSimTime().clock, 2)
  expect(table.move(undefined, '_other')).toBe(table.others)
  table.others.requests++
  expect([...table.all()].map(({ clientId }) => clientId)).toEqual(['_other'])
})

it('never shows a part of what is counted together, while another scrape counts anew', async () => {
  for (const group of ['g1', 'g2', 'g3', 'g4']) await commit(group, 5)
  const sources = { control: world.control, groups: world.groups, log: world.store }
  const view = new GroupsView(sources, { maxGroups: 1, maxGroupPartitions: 9 }, world.time.clock)
  const others = () => view.sums.find(({ group }) => group === '_other')?.committedOffsets
  const slices = shortSlices()
  await world.finish(view.refresh(slices))
  const seen = new Set([others()])
  let isDone = false
  const again = view.refresh(slices).then(() => {
    isDone = true
  })
  for (; !isDone; seen.add(others())) await new Promise(setImmediate)
  await again
  expect([...seen]).toEqual([30])
})

it('lets others work while a group of many partitions is measured, and shows no part of its sum', async () => {
  await world.stop()
  world = await GroupWorld.open({ topics: { wide: 300 } })
  await commit('g', 1, 'wide', 300)
  const sources = { control: world.control, groups: world.groups, log: world.store }
  const view = new GroupsView(sources, { maxGroups: 1, maxGroupPartitions: 999 }, world.time.clock)
  const slices = shortSlices()
  await world.finish(view.refresh(slices))
  await commit('g', 2, 'wide', 300)
  const seen = new Set<number | undefined>()
  let turns = 0
  let isDone = false
  const again = view.refresh(slices).then(() => {
    isDone = true
  })
  for (; !isDone; turns++) {
    seen.add(view.sums[0]?.committedOffsets)
    await new Promise(setImmediate)
  }
  await again
  seen.add(view.sums[0]?.committedOffsets)
  expect([...seen]).toEqual([300, 600])
  expect(turns).toBeGreaterThan(300 / 64)
})

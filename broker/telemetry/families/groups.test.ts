import { afterEach, beforeEach, expect, it } from 'vitest'
import type { JoinAnswer, JoinRequest } from '../../groups/index.ts'
import { GroupWorld } from '../../groups/testing.ts'
import type { Family, Sample } from '../family.ts'
import { Slices } from '../slices.ts'
import { GroupsView } from '../view/group-view.ts'
import { groupFamilies } from './groups.ts'

/** The coordinator's counters, each moved by what it counts, and the groups in each state. */

let world: GroupWorld

beforeEach(async () => {
  world = await GroupWorld.open({
    topics: { t: 2 },
    configs: {
      'group.initial.rebalance.delay.ms': '0',
      'offsets.retention.minutes': '1',
      'offsets.retention.check.interval.ms': '1000',
    },
  })
})

afterEach(() => world.stop())

const JOIN: JoinRequest = {
  ...{ groupId: 'g', memberId: '', groupInstanceId: null, clientId: 'c', clientHost: '10.0.0.1' },
  ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' },
  protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  ...{ requiresKnownMemberId: false, supportsSkippingAssignment: false },
}

async function becomeStable(): Promise<JoinAnswer> {
  const joined = await world.finish(world.groups.join(JOIN))
  const { memberId, generationId } = joined
  await world.finish(
    world.groups.sync({
      ...{ groupId: 'g', generationId, memberId, groupInstanceId: null },
      ...{ protocolType: null, protocolName: null },
      assignments: [{ memberId, assignment: Buffer.from('all') }],
    }),
  )
  return joined
}

async function commit(groupId = 'other', memberId = '', generationId = -1): Promise<void> {
  const id = world.control.state.topics.get('t')?.id ?? ''
  const partitions = [0, 1].map((index) => ({
    ...{ index, offset: 0, leaderEpoch: -1, metadata: null, committedAtMs: -1 },
  }))
  await world.finish(
    world.groups.commitOffsets({
      ...{ groupId, generationId, memberId, groupInstanceId: null, retentionMs: -1 },
      unknownGroupError: 'ILLEGAL_GENERATION',
      topics: [{ name: 't', id, partitions }],
    }),
  )
}

async function families(): Promise<readonly Family[]> {
  const sources = { control: world.control, groups: world.groups, log: world.store }
  const limits = { maxGroups: 10, maxGroupPartitions: 100 }
  const groupsView = new GroupsView(sources, limits, world.time.clock)
  await world.finish(groupsView.refresh(new Slices(world.time)))
  return groupFamilies({ groups: world.groups, groupsView })
}

function value(name: string): Promise<number> {
  return read(`glasslog_coordinator_${name}_total`)
}

async function read(name: string): Promise<number> {
  const family = (await families()).find((each) => each.name === name)
  const [sample] = [...((family?.samples() ?? []) as Iterable<Sample>)]
  return sample?.value ?? Number.NaN
}

it('a member that comes and goes', async () => {
  const { memberId, generationId } = await becomeStable()
  const who = { groupId: 'g', generationId, memberId, groupInstanceId: null }
  await world.finish(world.groups.heartbeat(who))
  await world.finish(world.groups.leave('g', [who]))
  const names = ['joins', 'syncs', 'heartbeats', 'leaves', 'rebalances', 'completed_rebalances']
  expect(await Promise.all(names.map(value))).toEqual([1, 1, 1, 1, 2, 1])
  expect(await value('appends')).toBeGreaterThan(0)
  expect(await value('appended_records')).toBeGreaterThanOrEqual(await value('appends'))
  expect(await value('shard_loads')).toBeGreaterThan(0)
})

it('groups in each state', async () => {
  const states = [
    'kafka_coordinator_group_groupmetadatamanager_numgroupsempty',
    'kafka_coordinator_group_groupmetadatamanager_numgroupscompletingrebalance',
    'kafka_coordinator_group_groupmetadatamanager_numgroupspreparingrebalance',
  ]
  const counts = () => Promise.all(states.map(read))
  await commit()
  expect(await counts()).toEqual([1, 0, 0])
  await world.finish(world.groups.join(JOIN))
  expect(await counts()).toEqual([1, 1, 0])
  const second = world.groups.join(JOIN)
  await world.quiesce()
  expect(await counts()).toEqual([1, 0, 1])
  await world.finish(second)
})

it('cuts what clients call their protocol', async () => {
  const long = 'x'.repeat(30_000)
  const protocols = [{ name: long, metadata: Buffer.alloc(0) }]
  await world.finish(world.groups.join({ ...JOIN, protocolType: long, protocols }))
  const family = (await families()).find(({ name }) => name === 'glasslog_group_info')
  const [sample] = [...((family?.samples() ?? []) as Iterable<Sample>)]
  expect(JSON.stringify(sample?.labels).length).toBeGreaterThan(300)
  expect(JSON.stringify(sample?.labels).length).toBeLessThan(600)
})

it('a member that is gone', async () => {
  await becomeStable()
  await world.time.advance(11_000)
  expect(await value('expired_members')).toBe(1)
})

it('offsets that are committed, deleted, expired, and deleted with their group', async () => {
  await commit()
  expect(await value('offset_commits')).toBe(2)
  await world.deleteOffsets('other', 't')
  expect(await value('deleted_offsets')).toBe(2)
  await commit('left')
  await world.time.advance(120_000)
  expect(await value('expired_offsets')).toBe(2)
  await commit('unwanted')
  expect(await world.deleteGroup('unwanted')).toBe('NONE')
  expect(await value('deleted_groups')).toBeGreaterThan(0)
})

it('a disk that refuses', async () => {
  await commit()
  expect(await value('failed_appends')).toBe(0)
  world.failDisk()
  const failing = commit('late').catch(() => {})
  await world.time.advance(60_000)
  await failing
  world.mendDisk()
  expect(await value('failed_appends')).toBeGreaterThan(0)
})

it('names every counter', async () => {
  const names = (await families()).map(({ name }) => name)
  expect(names.filter((name) => name.startsWith('glasslog_coordinator_'))).toEqual([
    'glasslog_coordinator_joins_total',
    'glasslog_coordinator_syncs_total',
    'glasslog_coordinator_heartbeats_total',
    'glasslog_coordinator_leaves_total',
    'glasslog_coordinator_rebalances_total',
    'glasslog_coordinator_completed_rebalances_total',
    'glasslog_coordinator_expired_members_total',
    'glasslog_coordinator_offset_commits_total',
    'glasslog_coordinator_expired_offsets_total',
    'glasslog_coordinator_deleted_offsets_total',
    'glasslog_coordinator_deleted_groups_total',
    'glasslog_coordinator_appends_total',
    'glasslog_coordinator_appended_records_total',
    'glasslog_coordinator_failed_appends_total',
    'glasslog_coordinator_shard_loads_total',
  ])
})

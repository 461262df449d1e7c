import { afterEach, beforeEach, expect, it } from 'vitest'
import { ConsumerProtocolAssignment, codec, Writer } from '../../../protocol/index.ts'
import type { JoinRequest } from '../../groups/index.ts'
import { GroupWorld } from '../../groups/testing.ts'
import type { Sample } from '../family.ts'
import { Slices } from '../slices.ts'
import { GroupsView } from '../view/group-view.ts'
import { kminionGroupFamilies } from './kminion-groups.ts'

/** What members were given, as kminion counts it. */

let world: GroupWorld

beforeEach(async () => {
  world = await GroupWorld.open({
    topics: { t: 4, u: 1 },
    configs: { 'group.initial.rebalance.delay.ms': '3000' },
  })
})

afterEach(() => world.stop())

const JOIN: JoinRequest = {
  ...{ groupId: 'g', memberId: '', groupInstanceId: null, clientId: 'c', clientHost: '10.0.0.1' },
  ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' },
  protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  ...{ requiresKnownMemberId: false, supportsSkippingAssignment: false },
}

const TOPIC_MEMBERS = 'kminion_kafka_consumer_group_topic_members'

type Given = Readonly<Record<string, readonly number[]>>

function encoded(given: Given): Buffer {
  const writer = new Writer()
  writer.int16(0)
  codec(ConsumerProtocolAssignment, 0).write(writer, {
    assignedPartitions: Object.entries(given).map(([topic, partitions]) => ({
      topic,
      partitions: [...partitions],
    })),
    userData: null,
  })
  return Buffer.concat(writer.finish())
}

/** A group whose members were given these assignments. */
async function stableGroup(given: readonly Buffer[], protocolType = 'consumer'): Promise<void> {
  await world.finish(world.groups.findCoordinator('g'))
  const joining = given.map(() => world.groups.join({ ...JOIN, protocolType }))
  await world.time.advance(3_000)
  const joined = await world.finish(Promise.all(joining))
  const leader = joined.find(({ members }) => members.length > 0)
  const { generationId = -1, memberId = '' } = leader ?? {}
  await world.finish(
    world.groups.sync({
      ...{ groupId: 'g', generationId, memberId, groupInstanceId: null },
      ...{ protocolType: null, protocolName: null },
      assignments: joined.map((each, at) => ({
        memberId: each.memberId,
        assignment: given[at] ?? Buffer.alloc(0),
      })),
    }),
  )
}

/** Values by what of the group they are. */
async function scrape(): Promise<Readonly<Record<string, number>>> {
  const { control, groups, store: log, time } = world
  const groupsView = new GroupsView(
    { control, groups, log },
    { maxGroups: 10, maxGroupPartitions: 100 },
    time.clock,
  )
  await world.finish(groupsView.refresh(new Slices(time)))
  const values: Record<string, number> = {}
  for (const { name, samples } of kminionGroupFamilies({ control, groupsView })) {
    for (const { labels, value } of samples() as Iterable<Sample>) {
      const { topic_name: topic = '' } = labels as Readonly<Record<string, string>>
      values[`${name} ${topic}`.trim()] = value
    }
  }
  return values
}

it('counts members and partitions by topic, and members without any', async () => {
  await stableGroup([
    encoded({ t: [0, 1], u: [0] }),
    encoded({ t: [2] }),
    encoded({}),
    Buffer.alloc(0),
  ])
  expect(await scrape()).toMatchObject({
    kminion_kafka_consumer_group_info: 1,
    kminion_kafka_consumer_group_members: 4,
    kminion_kafka_consumer_group_empty_members: 2,
    'kminion_kafka_consumer_group_topic_members t': 2,
    'kminion_kafka_consumer_group_topic_members u': 1,
    'kminion_kafka_consumer_group_topic_assigned_partitions t': 3,
    'kminion_kafka_consumer_group_topic_assigned_partitions u': 1,
  })
})

it('has no partitions for anybody while a group rebalances, nor names that are no topics', async () => {
  await stableGroup([encoded({ t: [0, 1], 'no topic': [0] })])
  const stable = await scrape()
  expect(Object.keys(stable).filter((key) => key.startsWith(TOPIC_MEMBERS))).toEqual([
    `${TOPIC_MEMBERS} t`,
  ])
  const joining = world.groups.join(JOIN)
  await world.quiesce()
  const rebalancing = await scrape()
  expect(rebalancing).toMatchObject({
    kminion_kafka_consumer_group_info: 0,
    kminion_kafka_consumer_group_empty_members: 2,
  })
  expect(rebalancing).not.toHaveProperty(`${TOPIC_MEMBERS} t`)
  await world.time.advance(20_000)
  await world.finish(joining)
})

it('knows nothing of the partitions of others than consumers', async () => {
  await stableGroup([encoded({ t: [0] }), Buffer.alloc(0)], 'connect')
  const values = await scrape()
  expect(values).toMatchObject({
    kminion_kafka_consumer_group_members: 2,
    kminion_kafka_consumer_group_empty_members: 1,
  })
  expect(values).not.toHaveProperty(`${TOPIC_MEMBERS} t`)
})

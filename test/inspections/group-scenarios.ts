import { GroupAct, produce } from '../support/kafka-acts.ts'
import { HEALTHY_TOPIC } from './client-scenarios.ts'
import type { Scenario, World } from './scenario.ts'

/** Reads all that there is, and commits it. */
const HEALTHY_GROUP = 'keeping-up'

const groups = new Map<string, GroupAct>()

async function begin(world: World, name: string, members = 1): Promise<GroupAct> {
  const clients = await Promise.all(Array.from({ length: members }, () => world.connect()))
  const group = new GroupAct(name, clients)
  groups.set(name, group)
  return group
}

function groupOf(name: string): GroupAct {
  const group = groups.get(name)
  if (!group) throw new Error(`no group ${name}`)
  return group
}

async function commitAll(world: World, name: string, topic: string): Promise<void> {
  const { partitionStates } = (await world.call('GET', `/v1/topics/${topic}`)) as {
    partitionStates: { partition: number; endOffset: number }[]
  }
  for (const { partition, endOffset } of partitionStates)
    await groupOf(name).commit(topic, endOffset, partition)
}

/** A group with one member on a topic that has a backlog, and how it commits minute by minute. */
function committing(
  name: string,
  { partitions = 2, offsets }: { partitions?: number; offsets: readonly (number | null)[] },
): Pick<Scenario, 'prepare' | 'misbehave' | 'behave'> {
  const topic = `of-${name}`
  return {
    async prepare(world) {
      await world.createTopic(topic, partitions)
      await produce(world.client, topic, { records: 1_000 })
      const group = await begin(world, name)
      await group.rebalance([{ [topic]: Array.from({ length: partitions }, (_, at) => at) }])
    },
    async misbehave(world, minute) {
      await produce(world.client, topic, { records: 200 })
      const offset = offsets[minute]
      if (offset !== null && offset !== undefined) await groupOf(name).commit(topic, offset)
    },
    async behave(world) {
      await commitAll(world, name, topic)
    },
  }
}

export const GROUP_SCENARIOS: readonly Scenario[] = [
  {
    ...{ check: 'consumer-stopped', resource: 'silent', twins: [HEALTHY_GROUP, 'slow'] },
    ...committing('silent', { offsets: [10, 20, null, null, null] }),
    mend: async () => {},
  },
  {
    ...{ check: 'consumer-stalled', resource: 'stuck', twins: [HEALTHY_GROUP, 'slow'] },
    ...committing('stuck', { offsets: [50, 50, 50, 50, 50] }),
    mend: async () => {},
  },
  {
    ...{ check: 'offsets-rewound', resource: 'returned', twins: [HEALTHY_GROUP, 'stuck'] },
    ...committing('returned', { offsets: [500, 600, 700, 100, 150] }),
    mend: async () => {},
  },
  {
    ...{ check: 'consumer-falling-behind', resource: 'slow', twins: [HEALTHY_GROUP, 'silent'] },
    ...committing('slow', { offsets: [50, 100, 150, 200, 250] }),
    mend: async () => {},
  },
  {
    ...{ check: 'too-few-partitions', resource: 'bottleneck', twins: [HEALTHY_GROUP, 'slow'] },
    ...committing('bottleneck', { partitions: 1, offsets: [50, 100, 150, 200, 250] }),
    mend: 'apply',
  },
  {
    ...{ check: 'frequent-commits', resource: 'eager', twins: [HEALTHY_GROUP, 'slow'] },
    async prepare(world) {
      await world.createTopic('of-eager')
      await produce(world.client, 'of-eager', { records: 10 })
      const group = await begin(world, 'eager')
      await group.rebalance([{ 'of-eager': [0] }])
      await group.commit('of-eager', 10)
    },
    async misbehave(world, minute) {
      await produce(world.client, 'of-eager', { records: 100 })
      await groupOf('eager').commit('of-eager', 110 + minute * 100, 0, 100)
    },
    mend: async () => {},
    async behave(world) {
      await produce(world.client, 'of-eager', { records: 100 })
      await commitAll(world, 'eager', 'of-eager')
    },
  },
  {
    ...{ check: 'group-without-members', resource: 'orphans', twins: [HEALTHY_GROUP, 'silent'] },
    async prepare(world) {
      await world.createTopic('of-orphans')
      await produce(world.client, 'of-orphans', { records: 100 })
      const group = await begin(world, 'orphans')
      await group.rebalance([{ 'of-orphans': [0] }])
      await group.commit('of-orphans', 100)
    },
    async misbehave(world, minute) {
      if (minute === 0) await groupOf('orphans').leave()
      await produce(world.client, 'of-orphans', { records: 100 })
    },
    mend: 'apply',
  },
  {
    ...{ check: 'retention-overtakes', resource: 'late', twins: [HEALTHY_GROUP] },
    async prepare(world) {
      await world.createTopic('of-late', 1, { 'retention.ms': '3600000' })
      const group = await begin(world, 'late')
      await group.rebalance([{ 'of-late': [0] }])
    },
    async misbehave(world, minute) {
      await produce(world.client, 'of-late', { records: 100 })
      await groupOf('late').commit('of-late', 10 + minute)
    },
    mend: 'apply',
  },
  {
    ...{ check: 'rebalance-storm', resource: 'restless', twins: [HEALTHY_GROUP] },
    async prepare(world) {
      await (await begin(world, 'restless')).rebalance([{ [HEALTHY_TOPIC]: [0] }])
    },
    async misbehave() {
      for (let count = 0; count < 2; count++)
        await groupOf('restless').rebalance([{ [HEALTHY_TOPIC]: [0] }])
    },
    mend: async () => {},
  },
  {
    ...{ check: 'idle-members', resource: 'crowd', twins: ['fair'] },
    async prepare(world) {
      await world.createTopic('of-crowd')
      await begin(world, 'crowd', 2)
      await begin(world, 'fair', 2)
    },
    async misbehave(_, minute) {
      if (minute > 0) return
      await groupOf('crowd').rebalance([{ 'of-crowd': [0] }, {}])
      await groupOf('fair').rebalance([{ [HEALTHY_TOPIC]: [0, 1] }, { [HEALTHY_TOPIC]: [2, 3] }])
    },
    mend: 'apply',
    async behave(_, minute) {
      if (minute === 0) await groupOf('crowd').rebalance([{ 'of-crowd': [0] }, { 'of-crowd': [1] }])
    },
  },
  {
    ...{ check: 'uneven-assignment', resource: 'lopsided', twins: ['fair'] },
    async prepare(world) {
      await begin(world, 'lopsided', 2)
    },
    async misbehave(_, minute) {
      if (minute === 0)
        await groupOf('lopsided').rebalance([
          { 'wide-and-busy': [0, 1, 2, 3, 4] },
          { 'wide-and-busy': [5] },
        ])
    },
    async mend() {
      await groupOf('lopsided').rebalance([
        { 'wide-and-busy': [0, 1, 2] },
        { 'wide-and-busy': [3, 4, 5] },
      ])
    },
  },
  {
    ...{ check: 'group-many-topics', resource: 'octopus', twins: ['fair'] },
    async prepare(world) {
      await begin(world, 'octopus')
    },
    async misbehave(_, minute) {
      const topics = ['tiny', 'plain', 'films', 'polled', 'converted']
      if (minute === 0)
        await groupOf('octopus').rebalance([
          Object.fromEntries(topics.map((topic) => [topic, [0]])),
        ])
    },
    async mend() {
      await groupOf('octopus').rebalance([{ tiny: [0] }])
    },
  },
]

/** The healthy group, which is no scenario of its own. */
export const HEALTHY_CONSUMER = {
  async prepare(world: World): Promise<void> {
    await (await begin(world, HEALTHY_GROUP)).rebalance([{ [HEALTHY_TOPIC]: [0, 1, 2, 3] }])
  },
  async behave(world: World): Promise<void> {
    await commitAll(world, HEALTHY_GROUP, HEALTHY_TOPIC)
  },
}

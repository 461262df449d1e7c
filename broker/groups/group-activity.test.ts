import { afterEach, beforeEach, expect, it } from 'vitest'
import { encodeBatch } from '../../protocol/index.ts'
import type { GroupActivityView } from './port.ts'
import { GroupWorld } from './testing.ts'

let world: GroupWorld

beforeEach(async () => {
  world = await GroupWorld.open({ topics: { t: 1 } })
})

afterEach(() => world.stop())

function topicId(): string {
  const id = world.control.state.topics.get('t')?.id
  if (id === undefined) throw new Error('the topic is gone')
  return id
}

async function append(count: number): Promise<void> {
  const log = world.store.find(topicId(), 0)
  if (!log) throw new Error('the log is gone')
  const records = Array.from({ length: count }, () => ({ timestampMs: 5, key: null, value: null }))
  await world.finish(
    world.store.append([{ log, batch: encodeBatch(records) }], { acks: 'durable' }),
  )
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

function activity(): GroupActivityView | undefined {
  return world.groups.list().groups.find(({ groupId }) => groupId === 'readers')?.activity
}

it('measures from the append of the last record that a commit covers to the commit', async () => {
  await append(2)
  await world.time.advance(4_000)
  await commit(2)
  expect(activity()?.tail?.count).toBe(1)
  expect(Math.abs((activity()?.tail?.sum ?? 0) - 4_000)).toBeLessThan(500)
})

it('does not count commits that do not go forward', async () => {
  await append(2)
  await commit(2)
  await world.time.advance(60_000)
  await commit(2)
  await commit(1)
  expect(activity()).toMatchObject({ offsetCommits: 3, tail: { count: 1 } })
  expect(activity()?.lastCommitMs).toBeGreaterThan(world.time.clock.now() - 10_000)
})

it('knows nothing of what is not in the log', async () => {
  await commit(7)
  expect(activity()).toMatchObject({ offsetCommits: 1, tail: undefined })
})

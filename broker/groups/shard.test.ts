import { describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../../kit/index.ts'
import type { ErrorName } from '../../protocol/index.ts'
import type { CommitRequest, CommittedOffset, JoinRequest } from './port.ts'
import { encodeRecord } from './records/coordinator-record.ts'
import { playScript } from './script/testing.ts'
import { GroupWorld } from './testing.ts'

const ONE_SHARD = { 'offsets.topic.num.partitions': '1' }

function commitOf(world: GroupWorld, groupId: string, offsets: readonly number[]): CommitRequest {
  return {
    groupId,
    generationId: -1,
    memberId: '',
    groupInstanceId: null,
    retentionMs: -1,
    unknownGroupError: 'ILLEGAL_GENERATION',
    topics: [
      {
        name: 't',
        id: world.control.state.topics.get('t')?.id ?? '',
        partitions: offsets.map((offset, index) => {
          return { index, offset, leaderEpoch: -1, metadata: '', committedAtMs: -1 }
        }),
      },
    ],
  }
}

/** Another coordinator's commit for partition 0 of topic t. */
function foreignCommit(groupId: string, offset: number) {
  const value: CommittedOffset = {
    offset,
    leaderEpoch: -1,
    metadata: '',
    committedAtMs: 0,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    topicId: ZERO_UUID,
  }
  return { kind: 'offset', groupId, topic: 't', partition: 0, value } as const
}

describe('writing', () => {
  it('takes along in one append what arrived during the one before', async () => {
    const world = await GroupWorld.open({ configs: ONE_SHARD })
    await world.finish(world.groups.findCoordinator('g'))
    const before = { ...world.groups.counters }
    const answers = await world.finish(
      Promise.all(
        Array.from({ length: 300 }, (_, i) =>
          world.groups.commitOffsets(commitOf(world, `g${i % 100}`, [i])),
        ),
      ),
    )
    expect(new Set(answers.flatMap(({ partitions }) => partitions.flat()))).toEqual(
      new Set(['NONE']),
    )
    const { appends, appendedRecords } = world.groups.counters
    expect(appendedRecords - before.appendedRecords).toBe(300)
    expect(appends - before.appends).toBe(2)
    // The last of three commits of a group is the one that counts.
    const { offsets } = await world.finish(world.groups.fetchOffsets('g7', false))
    expect(offsets.get('t')?.get(0)?.offset).toBe(207)
  })

  it('writes one record for a partition that a commit names several times: the last', async () => {
    const world = await GroupWorld.open({ topics: { t: 1 } })
    await world.finish(world.groups.findCoordinator('g'))
    const commit = commitOf(world, 'g', [1])
    const topics = [5, 6, 7].flatMap((offset) =>
      commit.topics.map((topic) => ({
        ...topic,
        partitions: topic.partitions.flatMap((one) => [one, { ...one, offset }]),
      })),
    )
    const answer = await world.finish(world.groups.commitOffsets({ ...commit, topics }))
    expect(answer.partitions).toEqual(Array.from({ length: 3 }, () => ['NONE', 'NONE']))
    expect(world.groups.counters.appendedRecords).toBe(1)
    const { offsets } = await world.finish(world.groups.fetchOffsets('g', false))
    expect(offsets.get('t')?.get(0)?.offset).toBe(7)
  })

  it('spreads what is too much for one batch over several, all or none', async () => {
    const world = await GroupWorld.open({
      configs: ONE_SHARD,
      topics: { t: 100 },
      limits: { maxBatchBytes: 1_000 },
    })
    const all = Array.from({ length: 100 }, (_, i) => i)
    await world.finish(world.groups.commitOffsets(commitOf(world, 'g', all)))
    await world.restart()
    const { offsets } = await world.finish(world.groups.fetchOffsets('g', false))
    expect(offsets.get('t')?.size).toBe(100)
    expect(await world.finish(world.deleteGroup('g'))).toBe('NONE')
    await world.restart()
    expect(world.groups.list()).toEqual({ error: 'NONE', groups: [] })
  })

  it('refuses what no batch can hold, and the group starts over', async () => {
    const world = await GroupWorld.open({ limits: { maxBatchBytes: 400 } })
    await playScript(
      world,
      `
      A joins              |
      after 3s             | A joined 1 leading A
      A syncs A=${'x'.repeat(400)}  | A UNKNOWN_SERVER_ERROR
      A beats              | A REBALANCE_IN_PROGRESS
      A joins              | A joined 2 leading A
      A syncs A=x          | A assigned x
      B joins topics=${'u'.repeat(400)}  | B MESSAGE_TOO_LARGE
      `,
    )
  })
})

/**
 * Bytes that are not UTF-8 become replacement characters, which take three bytes each: what came
 * over the wire within its limit need not fit into a record.
 */
describe('texts that no record can hold', () => {
  const long = '\ufffd'.repeat(12_000)
  const request: JoinRequest = {
    groupId: 'g',
    memberId: '',
    groupInstanceId: null,
    clientId: 'client',
    clientHost: '/127.0.0.1',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 20_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    requiresKnownMemberId: false,
    supportsSkippingAssignment: false,
  }

  it.each<[string, Partial<JoinRequest>, ErrorName]>([
    ['groupId', { groupId: long }, 'INVALID_GROUP_ID'],
    ['clientId', { clientId: long }, 'INVALID_REQUEST'],
    ['groupInstanceId', { groupInstanceId: long }, 'INVALID_REQUEST'],
    ['protocolType', { protocolType: long }, 'INVALID_REQUEST'],
    ['protocols', { protocols: [{ name: long, metadata: Buffer.alloc(0) }] }, 'INVALID_REQUEST'],
  ])('are refused on joining: %s', async (_, texts, error) => {
    const world = await GroupWorld.open()
    const answer = await world.finish(world.groups.join({ ...request, ...texts }))
    expect(answer).toMatchObject({ error, generationId: -1 })
    expect(world.groups.list().groups).toEqual([])
  })

  it('are refused on committing, and others of the group go on', async () => {
    const world = await GroupWorld.open({
      configs: { 'offset.metadata.max.bytes': '100000' },
      topics: { t: 1 },
    })
    const invalid = await world.finish(world.groups.commitOffsets(commitOf(world, long, [1])))
    expect(invalid.partitions).toEqual([['INVALID_GROUP_ID']])
    const commit = commitOf(world, 'g', [1])
    const topics = commit.topics.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((partition) => ({ ...partition, metadata: long })),
    }))
    const refused = await world.finish(world.groups.commitOffsets({ ...commit, topics }))
    expect(refused.partitions).toEqual([['UNKNOWN_SERVER_ERROR']])
    const kept = await world.finish(world.groups.commitOffsets(commit))
    expect(kept.partitions).toEqual([['NONE']])
  })

  it('take no memory as endless lists of protocols', async () => {
    const world = await GroupWorld.open()
    const protocols = Array.from({ length: 20_000 }, (_, i) => {
      return { name: `p${i}`, metadata: Buffer.alloc(0) }
    })
    const answer = await world.finish(world.groups.join({ ...request, protocols }))
    expect(answer.error).toBe('MESSAGE_TOO_LARGE')
  })
})

describe('when the disk fails', () => {
  it('goes back to what is recorded, and is sound after a restart', async () => {
    const world = await GroupWorld.open()
    await playScript(
      world,
      `
      A joins              |
      B joins              |
      after 6s             | A joined 1 leading A,B; B joined 1 following A
      B syncs              |
      A syncs A=x B=y      | A assigned x; B assigned y
      A commits t-0=5      | A committed
      A joins              |
      B joins              | A joined 2 leading A,B; B joined 2 following A
      B syncs              |
      fail disk            |
      A syncs A=z B=z      | A NOT_COORDINATOR; B NOT_COORDINATOR
      A beats gen=1        | A alive
      A commits gen=1 t-0=6  | A NOT_COORDINATOR
      Z reads t-0          | Z reads 5
      mend disk            |
      restart              |
      show                 | Stable 1 led by A: A=x B=y
      Z reads t-0          | Z reads 5
      A beats gen=1        | A alive
      A commits gen=1 t-0=6  | A committed
      `,
    )
  })
})

describe('when the disk hangs', () => {
  it('tells its clients to try again, keeps members alive, and goes on when the disk does', async () => {
    const world = await GroupWorld.open({ configs: { 'offsets.commit.timeout.ms': '4000' } })
    await playScript(
      world,
      `
      A joins              |
      after 3s             | A joined 1 leading A
      A syncs A=x          | A assigned x
      slow disk 25s        |
      A commits t-0=5      |
      after 3999ms         |
      A beats              | A alive
      after 1ms            | A COORDINATOR_NOT_AVAILABLE
      after 1s             |
      A reads t-0          | A reads -
      after 5s             |
      A beats              | A alive
      after 5s             |
      A beats              | A alive
      after 5s             |
      A beats              | A alive
      mend disk            |
      after 5s             |
      A beats              | A alive
      A commits t-1=6      | A committed
      A reads t-0 t-1      | A reads 5,6
      `,
    )
  })
})

describe('when a record is refused', () => {
  it('lets a group become empty all the same', async () => {
    const group = 'g'.repeat(400)
    await playScript(
      await GroupWorld.open({ limits: { maxBatchBytes: 400 } }),
      `
      A joins group=${group}  |
      after 3s                | A joined 1 leading A
      A leaves                | A left
      B joins group=${group}  |
      after 3s                | B joined 3 leading B
      `,
    )
  })
})

describe('when another coordinator has written', () => {
  it('gives up its groups, and reads the log again', async () => {
    const world = await GroupWorld.open({ configs: ONE_SHARD })
    await playScript(
      world,
      `
      A joins              |
      after 3s             | A joined 1 leading A
      A syncs A=x          | A assigned x
      B joins              |
      `,
    )
    await world.write([foreignCommit('other', 77)])
    await playScript(
      world,
      `
      C commits t-0=5      | C UNKNOWN_MEMBER_ID
      D joins group=other  |
      `,
    )
    const commit = commitOf(world, 'third', [1])
    const { partitions } = await world.finish(world.groups.commitOffsets(commit))
    expect(partitions).toEqual([['NOT_COORDINATOR']])
    await world.quiesce()
    const { offsets } = await world.finish(world.groups.fetchOffsets('other', false))
    expect(offsets.get('t')?.get(0)?.offset).toBe(77)
    const again = await world.finish(world.groups.commitOffsets(commit))
    expect(again.partitions).toEqual([['NONE']])
    expect(world.groups.counters.shardLoads).toBe(2)
  })
})

describe('loading', () => {
  it('is told to whoever asks meanwhile, but members need not worry', async () => {
    const world = await GroupWorld.open()
    await playScript(
      world,
      `
      A joins              |
      after 3s             | A joined 1 leading A
      A syncs A=x          | A assigned x
      `,
    )
    await world.finish(world.groups.stop())
    const groups = world.anotherCoordinator()
    const started = groups.start()
    const beat = { groupId: 'g', memberId: 'm', groupInstanceId: null, generationId: 1 }
    const answers = Promise.all([
      groups.heartbeat(beat),
      groups.leave('g', []),
      groups.fetchOffsets('g', false),
      groups.change({ kind: 'group.delete', groupId: 'g' }, false, async () => 'refused'),
      groups.findCoordinator('g'),
      groups.describe('g'),
    ])
    const error = 'COORDINATOR_LOAD_IN_PROGRESS'
    expect(groups.list().error).toBe(error)
    expect(await world.finish(answers)).toMatchObject([
      'NONE',
      { error, members: [] },
      { error },
      { error },
      'NONE',
      error,
    ])
    await world.finish(started)
    expect(groups.list()).toMatchObject({
      error: 'NONE',
      groups: [{ groupId: 'g', state: 'Stable' }],
    })
    await world.finish(groups.stop())
  })

  it('stops at a record that it does not understand, for the groups of that partition', async () => {
    const world = await GroupWorld.open({ configs: { 'offsets.topic.num.partitions': '2' } })
    await world.finish(world.groups.commitOffsets(commitOf(world, 'a', [1])))
    await world.finish(world.groups.commitOffsets(commitOf(world, 'b', [2])))
    const { key } = encodeRecord(foreignCommit('a', 9))
    await world.writeRaw('a', { key, value: Buffer.from([0, 5]) })
    await world.restart()
    expect(await world.finish(world.groups.describe('a'))).toBe('COORDINATOR_NOT_AVAILABLE')
    expect(await world.finish(world.groups.findCoordinator('a'))).toBe('COORDINATOR_NOT_AVAILABLE')
    expect(await world.finish(world.groups.describe('b'))).toMatchObject({ groupId: 'b' })
    expect(world.groups.list().error).toBe('COORDINATOR_LOAD_IN_PROGRESS')
  })
})

describe('stopping', () => {
  it('answers those who wait and leaves no timer behind', async () => {
    const world = await GroupWorld.open()
    await world.finish(world.groups.findCoordinator('g'))
    await world.finish(world.groups.stop())
    const timers = world.time.pendingTimers
    const groups = world.anotherCoordinator()
    await world.finish(groups.start())
    const join = groups.join({
      groupId: 'g',
      memberId: '',
      groupInstanceId: null,
      clientId: 'c',
      clientHost: '/h',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      requiresKnownMemberId: false,
      supportsSkippingAssignment: true,
    })
    await world.quiesce()
    expect(world.time.pendingTimers).toBeGreaterThan(timers)
    await world.finish(groups.commitOffsets(commitOf(world, 'h', [1])))
    await world.finish(groups.stop())
    expect((await join).error).toBe('NOT_COORDINATOR')
    expect(world.time.pendingTimers).toBe(timers)
    expect(await world.finish(world.deleteGroup('g'))).toBe('NOT_COORDINATOR')
  })
})

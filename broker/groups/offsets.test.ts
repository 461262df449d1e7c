import { describe, expect, it } from 'vitest'
import type { CommitRequest } from './port.ts'
import { playScript } from './script/testing.ts'
import type { WorldOptions } from './testing.ts'
import { GroupWorld } from './testing.ts'

async function play(script: string, options?: WorldOptions): Promise<void> {
  await playScript(await GroupWorld.open(options), script)
}

type CommittedPartition = CommitRequest['topics'][number]['partitions'][number]

/** A commit of a consumer outside of any group membership. */
function commitOf(world: GroupWorld, ...partitions: CommittedPartition[]): CommitRequest {
  return {
    groupId: 'g',
    generationId: -1,
    memberId: '',
    groupInstanceId: null,
    retentionMs: -1,
    unknownGroupError: 'ILLEGAL_GENERATION',
    topics: [{ name: 't', id: world.control.state.topics.get('t')?.id ?? '', partitions }],
  }
}

const NOTE = { index: 0, offset: 5, leaderEpoch: 3, metadata: 'note', committedAtMs: -1 }

describe('committing', () => {
  it('is for members of the current generation', async () => {
    await play(`
      A joins             |
      after 3s            | A joined 1 leading A
      A commits t-0=1     | A REBALANCE_IN_PROGRESS
      A syncs A=x         | A assigned x
      A commits t-0=5     | A committed
      A reads t-0 t-1     | A reads 5,-
      A commits gen=2 t-0=6  | A ILLEGAL_GENERATION
      A commits gen=-1 t-0=6 | A ILLEGAL_GENERATION
      Z commits t-0=6     | Z UNKNOWN_MEMBER_ID
      B joins             |
      A commits t-0=7     | A committed
      A leaves            | A left; B joined 2 leading B
      A commits t-0=8     | A UNKNOWN_MEMBER_ID
      A reads t-0         | A reads 7
    `)
  })

  it('is for anybody while the group has no members, which makes a simple group', async () => {
    await play(`
      show                | no group
      A commits t-0=5     | A committed
      show                | Empty 0
      A commits t-0=3     | A committed
      A reads t-0         | A reads 3
      B commits gen=4 t-0=9  | B UNKNOWN_MEMBER_ID
    `)
  })

  it('of a generation of a group that does not exist depends on the version', async () => {
    const world = await GroupWorld.open()
    for (const unknownGroupError of ['ILLEGAL_GENERATION', 'GROUP_ID_NOT_FOUND'] as const) {
      const request = {
        ...commitOf(world, NOTE),
        generationId: 1,
        memberId: 'm',
        unknownGroupError,
      }
      const { partitions } = await world.finish(world.groups.commitOffsets(request))
      expect(partitions).toEqual([[unknownGroupError]])
    }
  })

  it('keeps leader epoch, metadata and time, across a restart', async () => {
    const world = await GroupWorld.open()
    const request = commitOf(world, NOTE)
    const nowMs = world.time.clock.now()
    await world.finish(world.groups.commitOffsets(request))
    const expected = {
      offset: 5,
      leaderEpoch: 3,
      metadata: 'note',
      committedAtMs: nowMs,
      expiresAtMs: -1,
      topicId: request.topics[0]?.id,
    }
    for (const _ of ['before', 'after']) {
      const { offsets } = await world.finish(world.groups.fetchOffsets('g', false))
      expect(offsets.get('t')?.get(0)).toEqual(expected)
      await world.stop()
      await world.start()
    }
  })

  it('takes a time that the client gives, no metadata, and no offset below -1', async () => {
    const world = await GroupWorld.open()
    const partition = { index: 0, offset: -7, leaderEpoch: -1, metadata: null, committedAtMs: 99 }
    await world.finish(world.groups.commitOffsets(commitOf(world, partition)))
    const { offsets } = await world.finish(world.groups.fetchOffsets('g', false))
    expect(offsets.get('t')?.get(0)).toMatchObject({ offset: -1, metadata: '', committedAtMs: 99 })
  })

  it('refuses metadata longer than offset.metadata.max.bytes, partition by partition', async () => {
    const world = await GroupWorld.open({ configs: { 'offset.metadata.max.bytes': '4' } })
    const partition = { index: 0, offset: 1, leaderEpoch: -1, metadata: 'four', committedAtMs: -1 }
    const request = commitOf(world, partition, { ...partition, index: 1, metadata: 'five!' })
    const answer = await world.finish(world.groups.commitOffsets(request))
    expect(answer.partitions).toEqual([['NONE', 'OFFSET_METADATA_TOO_LARGE']])
    const { offsets } = await world.finish(world.groups.fetchOffsets('g', false))
    expect([...(offsets.get('t')?.keys() ?? [])]).toEqual([0])
  })

  it('is not visible before it is durable, and a stable read waits for it', async () => {
    const world = await GroupWorld.open()
    await world.finish(world.groups.findCoordinator('g'))
    world.slowDisk(50)
    const seen: string[] = []
    const read = async (requireStable: boolean): Promise<void> => {
      const { offsets } = await world.groups.fetchOffsets('g', requireStable)
      seen.push(`${requireStable ? 'stable' : 'plain'} ${offsets.get('t')?.get(0)?.offset ?? '-'}`)
    }
    const commit = world.groups.commitOffsets(commitOf(world, NOTE))
    await world.time.advance(1)
    void read(true)
    void read(false)
    await world.time.advance(1)
    expect(seen).toEqual(['plain -'])
    await world.time.advance(1_000)
    expect((await commit).partitions).toEqual([['NONE']])
    expect(seen).toEqual(['plain -', 'stable 5'])
  })
})

describe('expiring', () => {
  const configs = {
    'offsets.retention.minutes': '60',
    'offsets.retention.check.interval.ms': '60000',
  }

  it('drops a simple group an hour after its commits (offsets.retention.minutes)', async () => {
    await play(
      `
      A commits t-0=5   | A committed
      after 30m         |
      A commits t-1=6   | A committed
      after 29m         |
      A reads t-0 t-1   | A reads 5,6
      after 1m          |
      A reads t-0 t-1   | A reads -,6
      show              | Empty 0
      after 30m         |
      show              | no group
      restart           |
      show              | no group
      `,
      { configs },
    )
  })

  it('counts for a group that had members from the time it became empty (KIP-211)', async () => {
    await play(
      `
      A joins session=30m   |
      after 3s              | A joined 1 leading A
      A syncs A=x           | A assigned x
      A commits t-0=5       | A committed
      after 29m             |
      A commits t-1=5       | A committed
      A leaves              | A left
      restart offsets.retention.minutes=60 offsets.retention.check.interval.ms=60000  |
      after 59m             |
      A reads t-0 t-1       | A reads 5,5
      after 1m              |
      A reads t-0 t-1       | A reads -,-
      show                  | no group
      `,
      { configs },
    )
  })

  it('never drops what a member is subscribed to, but what the group has given up', async () => {
    await play(
      `
      A joins session=30m topics=t,u  |
      after 3s                        | A joined 1 leading A
      A syncs A=x                     | A assigned x
      A commits t-0=5 u-0=6           | A committed
      A joins topics=t                | A joined 2 leading A
      A syncs A=x                     | A assigned x
      after 25m                       |
      A beats                         | A alive
      after 25m                       |
      A beats                         | A alive
      after 9m                        |
      A reads t-0 u-0                 | A reads 5,6
      after 2m                        |
      A reads t-0 u-0                 | A reads 5,-
      `,
      { configs },
    )
  })

  it('waits for a rebalance to end', async () => {
    await play(
      `
      A commits t-0=5                   | A committed
      A joins session=30m rebalance=90m |
      after 3s                          | A joined 1 leading A
      B joins rebalance=90m session=30m |
      after 29m                         | B UNKNOWN_MEMBER_ID
      A beats                           | A REBALANCE_IN_PROGRESS
      after 29m                         |
      A beats                           | A REBALANCE_IN_PROGRESS
      after 10m                         |
      A reads t-0                       | A reads 5
      `,
      { configs },
    )
  })

  it('follows a retention that came with the commit (OffsetCommit v2 to v4)', async () => {
    await play(
      `
      A commits t-0=5 keep=10m   | A committed
      A commits t-1=6 keep=2h    | A committed
      restart offsets.retention.minutes=60 offsets.retention.check.interval.ms=60000  |
      after 9m                   |
      A reads t-0 t-1            | A reads 5,6
      after 1m                   |
      A reads t-0 t-1            | A reads -,6
      after 90m                  |
      A reads t-0 t-1            | A reads -,6
      after 20m                  |
      show                       | no group
      `,
      { configs },
    )
  })
})

describe('removing', () => {
  const deleteOffsets = (world: GroupWorld, ...names: string[]) =>
    world.finish(world.deleteOffsets('g', ...names))
  const deleteGroup = (world: GroupWorld) => world.finish(world.deleteGroup('g'))

  it('OffsetDelete spares the topics that members subscribe to', async () => {
    const world = await GroupWorld.open()
    expect(await deleteOffsets(world, 't')).toEqual(['GROUP_ID_NOT_FOUND'])
    await playScript(
      world,
      `
      A joins topics=t           |
      after 3s                   | A joined 1 leading A
      A syncs A=x                | A assigned x
      A commits t-0=5 u-0=6      | A committed
      `,
    )
    expect(await deleteOffsets(world, 't', 'u', 'u')).toEqual([
      'GROUP_SUBSCRIBED_TO_TOPIC',
      'NONE',
      'NONE',
    ])
    expect(world.groups.counters.offsetDeletions).toBe(1)
    await playScript(world, 'A reads t-0 u-0  | A reads 5,-')
  })

  it('OffsetDelete knows what a static member subscribes to that came back', async () => {
    const world = await GroupWorld.open()
    await playScript(
      world,
      `
      A joins as=a topics=t         |
      after 3s                      | A joined 1 leading A
      A syncs A=x                   | A assigned x
      A joins as=a topics=u afresh  | A joined 1 leading A skipping assignment
      `,
    )
    const expected = ['NONE', 'GROUP_SUBSCRIBED_TO_TOPIC']
    expect(await deleteOffsets(world, 't', 'u')).toEqual(expected)
    await world.restart()
    expect(await deleteOffsets(world, 't', 'u')).toEqual(expected)
  })

  it('OffsetDelete refuses a group with members whose protocol says nothing of topics', async () => {
    const world = await GroupWorld.open()
    await playScript(
      world,
      `
      A joins type=connect  |
      after 3s              | A joined 1 leading A
      `,
    )
    expect(await deleteOffsets(world, 't')).toEqual(['NON_EMPTY_GROUP'])
  })

  it('DeleteGroups takes a group without members, and its offsets', async () => {
    const world = await GroupWorld.open()
    expect(await deleteGroup(world)).toBe('GROUP_ID_NOT_FOUND')
    await playScript(
      world,
      `
      A joins          |
      after 3s         | A joined 1 leading A
      A syncs A=x      | A assigned x
      A commits t-0=5  | A committed
      `,
    )
    expect(await deleteGroup(world)).toBe('NON_EMPTY_GROUP')
    await playScript(world, 'after 10s | \n show | Empty 2')
    expect(await deleteGroup(world)).toBe('NONE')
    await playScript(
      world,
      'show | no group \n A reads t-0 | A reads - \n restart | \n show | no group',
    )
  })

  it('follows the deletion of a topic, also of one that went while nobody looked', async () => {
    const world = await GroupWorld.open()
    await playScript(world, 'A commits t-0=5 u-0=6 | A committed')
    await world.deleteTopic('t')
    await playScript(world, 'A reads t-0 u-0 | A reads -,6')
    await world.finish(world.groups.stop())
    await world.deleteTopic('u')
    await world.createTopic('u', 8)
    // The group stays for as long as the topics can be restored.
    await playScript(world, 'restart | \n A reads t-0 u-0 | A reads -,- \n show | Empty 0')
  })
})

describe('__consumer_offsets', () => {
  it('is created on first use with offsets.topic.num.partitions and offsets.topic.segment.bytes', async () => {
    const world = await GroupWorld.open({
      configs: { 'offsets.topic.num.partitions': '3', 'offsets.topic.segment.bytes': '2097152' },
    })
    expect(world.groups.list()).toEqual({ error: 'NONE', groups: [] })
    expect(world.control.state.topics.has('__consumer_offsets')).toBe(false)
    const answers = await world.finish(
      Promise.all(['a', 'b', 'c'].map((groupId) => world.groups.findCoordinator(groupId))),
    )
    expect(answers).toEqual(['NONE', 'NONE', 'NONE'])
    expect(world.control.state.topics.get('__consumer_offsets')).toMatchObject({
      internal: true,
      partitionCount: 3,
      configs: { 'cleanup.policy': 'compact', 'segment.bytes': '2097152' },
    })
  })
})

import { describe, expect, it } from 'vitest'
import type { HistoryRecord } from '../../audit/index.ts'
import type { Command } from '../control/index.ts'
import { systemActor } from '../control/index.ts'
import { playScript } from './script/testing.ts'
import { GroupWorld } from './testing.ts'

async function run(world: GroupWorld, command: Command) {
  const [outcome] = await world.finish(world.control.execute([command], systemActor))
  if (!outcome) throw new Error('a command without an outcome')
  return outcome
}

async function recordAt({ control }: GroupWorld, seq: number): Promise<HistoryRecord | undefined> {
  return (await control.history.read(seq, 1))[0]?.record
}

const reset = (offsets: Readonly<Record<string, number | null>>): Command => ({
  kind: 'group.offsets.reset',
  groupId: 'g',
  offsets: Object.entries(offsets).map(([name, offset]) => {
    const [topic = '', partition] = name.split('-')
    return { topic, partition: Number(partition), offset }
  }),
})

describe('group.offsets.reset', () => {
  it('sets and removes offsets, and records those before', async () => {
    const world = await GroupWorld.open()
    await playScript(world, 'A commits t-0=5 u-1=6 | A committed')
    const { error, seq } = await run(world, reset({ 't-0': 2, 't-1': 9, 'u-1': null }))
    expect(error).toBe('NONE')
    expect(await recordAt(world, seq)).toMatchObject({
      operation: 'group.offsets.reset',
      resource: { kind: 'group-offsets', name: 'g' },
      before: { groupId: 'g', offsets: { t: { 0: 5, 1: null }, u: { 1: 6 } } },
      after: { groupId: 'g', offsets: { t: { 0: 2, 1: 9 }, u: { 1: null } } },
      reversal: 'full',
    })
    const reads = 'A reads t-0 t-1 u-1 | A reads 2,9,-'
    await playScript(world, `${reads} \n restart | \n ${reads}`)
  })

  it.each(['__proto__', 'constructor', 'toString'])(
    'records offsets of a topic that is called %s',
    async (topic) => {
      const world = await GroupWorld.open({ topics: { t: 1, [topic]: 2 } })
      const offsetsOf = async (seq: number) => {
        const record = await recordAt(world, seq)
        return Object.entries(
          (record?.after as { readonly offsets?: object } | null)?.offsets ?? {},
        )
      }
      const first = await run(world, reset({ [`${topic}-0`]: 3 }))
      const second = await run(world, reset({ [`${topic}-1`]: 5 }))
      expect([first.error, second.error]).toEqual(['NONE', 'NONE'])
      expect(await offsetsOf(first.seq)).toEqual([[topic, { 0: 3 }]])
      expect(await offsetsOf(second.seq)).toEqual([[topic, { 1: 5 }]])
      // Nothing of it became a member of every object, nor of what makes them.
      expect([Object.keys(Object.prototype), Object.keys(Object)]).toEqual([[], []])
      expect(Object.keys(Object.prototype.toString)).toEqual([])
    },
  )

  it('makes a group that is not there', async () => {
    const world = await GroupWorld.open()
    expect(await run(world, reset({ 't-0': 7 }))).toMatchObject({ error: 'NONE' })
    await playScript(world, 'A reads t-0 | A reads 7 \n show | Empty 0')
  })

  it('is refused while the group has members, with a record', async () => {
    const world = await GroupWorld.open()
    await playScript(
      world,
      `
      A joins          |
      after 3s         | A joined 1 leading A
      A syncs A=x      | A assigned x
      A commits t-0=5  | A committed
      `,
    )
    const { error, seq } = await run(world, reset({ 't-0': 2 }))
    expect(error).toBe('NON_EMPTY_GROUP')
    expect(await recordAt(world, seq)).toMatchObject({
      operation: 'group.offsets.reset',
      outcome: { code: 'NON_EMPTY_GROUP' },
      after: null,
    })
    await playScript(world, 'A reads t-0 | A reads 5')
  })

  it.each([
    [{ 'v-0': 1 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    [{ 't-99': 1 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    [{ 't-0': -2 }, 'INVALID_REQUEST'],
    [{ 't-0': 1.5 }, 'INVALID_REQUEST'],
  ])('refuses %j: %s', async (offsets, error) => {
    const world = await GroupWorld.open()
    expect(await run(world, reset(offsets))).toMatchObject({ error, after: null })
    await playScript(world, 'show | no group')
  })

  it('changes nothing when it is only validated', async () => {
    const world = await GroupWorld.open()
    const validate = (offsets: Readonly<Record<string, number>>) =>
      world.finish(world.control.execute([reset(offsets)], systemActor, { validateOnly: true }))
    expect(await validate({ 't-0': 1 })).toMatchObject([{ error: 'NONE', seq: -1 }])
    expect(await validate({ 't-99': 1 })).toMatchObject([{ seq: -1, after: null }])
    await playScript(world, 'show | no group')
  })

  it('is in the history and in the group, or in neither, whenever the power goes', async () => {
    for (let seed = 0; seed < 25; seed++) {
      const world = await GroupWorld.open({ seed })
      await playScript(world, 'A commits t-0=5 | A committed')
      const before = world.control.history.nextSeq
      void world.control.execute([reset({ 't-0': 2 })], systemActor)
      for (let step = 0; step < seed % 12; step++) await Promise.resolve()
      await world.crash(seed)
      const isRecorded = world.control.history.nextSeq > before
      await playScript(world, `A reads t-0 | A reads ${isRecorded ? 2 : 5}`)
    }
  })

  it('leaves everything as it was when it cannot be written', async () => {
    const world = await GroupWorld.open()
    await playScript(world, 'A commits t-0=5 | A committed')
    world.failDisk()
    const { error } = await run(world, reset({ 't-0': 2 }))
    expect(error).not.toBe('NONE')
    world.mendDisk()
    expect(world.groups.list().groups[0]?.offsets.get('t')?.get(0)?.offset ?? 5).toBe(5)
  })
})

it('a reset that is undone brings back the metadata and the leader epoch of commits', async () => {
  const world = await GroupWorld.open()
  await playScript(world, 'A commits t-0=5 | A committed')
  const commitOf = () => world.groups.list().groups[0]?.offsets.get('t')?.get(0)
  await run(world, {
    ...{ kind: 'group.offsets.reset', groupId: 'g' },
    offsets: [{ topic: 't', partition: 0, offset: 5, leaderEpoch: 3, metadata: 'noted' }],
  })
  const { seq } = await run(world, reset({ 't-0': 2 }))
  expect(await recordAt(world, seq)).toMatchObject({
    before: {
      offsets: { t: { 0: 5 } },
      commits: { t: { 0: { leaderEpoch: 3, metadata: 'noted' } } },
    },
    after: { groupId: 'g', offsets: { t: { 0: 2 } } },
  })
  expect(commitOf()).toMatchObject({ offset: 2, leaderEpoch: -1, metadata: '' })
  const undone = await world.finish(
    world.control.rewind({ undo: [seq] }, systemActor, { dryRun: false }),
  )
  expect(undone.error).toBe('NONE')
  expect(commitOf()).toMatchObject({ offset: 5, leaderEpoch: 3, metadata: 'noted' })
})

describe('deleting groups and offsets', () => {
  it('records the offsets that were lost', async () => {
    const world = await GroupWorld.open()
    await playScript(world, 'A commits t-0=5 u-1=6 | A committed')
    const offsets = await run(world, {
      ...{ kind: 'group.offsets.delete', groupId: 'g', topic: 'u', partitions: [0, 1] },
    })
    expect(await recordAt(world, offsets.seq)).toMatchObject({
      before: { offsets: { u: { 1: 6 } } },
      after: { offsets: { u: { 1: null } } },
    })
    const group = await run(world, { kind: 'group.delete', groupId: 'g' })
    expect(await recordAt(world, group.seq)).toMatchObject({
      before: { groupId: 'g', offsets: { t: { 0: 5 } } },
      after: null,
      reversal: 'side-effects',
    })
    await playScript(world, 'show | no group')
    const again = await run(world, { kind: 'group.delete', groupId: 'g' })
    expect(again).toMatchObject({ error: 'GROUP_ID_NOT_FOUND' })
    expect(await recordAt(world, again.seq)).toMatchObject({
      outcome: { code: 'GROUP_ID_NOT_FOUND' },
    })
  })

  it('is recorded also when there was nothing to remove', async () => {
    const world = await GroupWorld.open()
    await playScript(world, 'A commits t-0=5 | A committed')
    const { error, seq } = await run(world, {
      ...{ kind: 'group.offsets.delete', groupId: 'g', topic: 'u', partitions: [0] },
    })
    expect(error).toBe('NONE')
    expect(await recordAt(world, seq)).toMatchObject({ operation: 'group.offsets.delete' })
  })
})

describe('offsets of a deleted topic', () => {
  async function worldWithDeleted() {
    const world = await GroupWorld.open()
    await playScript(world, 'A commits t-0=5 t-3=8 u-1=6 | A committed')
    const id = world.control.state.topics.get('t')?.id ?? ''
    await run(world, { kind: 'topic.delete', name: 't' })
    await playScript(world, 'A reads t-0 t-3 u-1 | A reads -,-,6')
    return { world, id }
  }

  it('are back when the answer to the restore is', async () => {
    const { world, id } = await worldWithDeleted()
    await run(world, { kind: 'topic.restore', id })
    await playScript(world, 'A reads t-0 t-3 u-1 | A reads 5,8,6')
    await playScript(world, 'restart | \n A reads t-0 t-3 u-1 | A reads 5,8,6')
    const left = (await world.records()).filter(({ kind }) => kind === 'parked-offset')
    expect(left.map(({ value }) => value === null)).toEqual([false, false, true, true])
  })

  it('are tombstoned meanwhile for whoever reads __consumer_offsets', async () => {
    const { world } = await worldWithDeleted()
    const latest = new Map(
      (await world.records()).flatMap((record) =>
        record.kind === 'offset' ? [[`${record.topic}-${record.partition}`, record.value]] : [],
      ),
    )
    expect([latest.get('t-0'), latest.get('t-3')]).toEqual([null, null])
  })

  it('come back over restarts, under the new name that the topic has', async () => {
    const { world, id } = await worldWithDeleted()
    await world.createTopic('t', 8)
    await playScript(world, 'restart | \n A commits t-0=100 | A committed')
    await run(world, { kind: 'topic.restore', id, newName: 'old' })
    await playScript(world, 'A reads t-0 old-0 old-3 | A reads 100,5,8')
  })

  it('come back when the power went between the restore and their return', async () => {
    const { world, id } = await worldWithDeleted()
    await world.finish(world.groups.stop())
    await run(world, { kind: 'topic.restore', id })
    await world.crash(3)
    await playScript(world, 'A reads t-0 t-3 u-1 | A reads 5,8,6')
  })

  it('go with the purge', async () => {
    const { world, id } = await worldWithDeleted()
    await run(world, { kind: 'topic.purge', id })
    const latest = new Map(
      (await world.records()).flatMap((record) =>
        record.kind === 'parked-offset' ? [[record.partition, record.value]] : [],
      ),
    )
    expect([...latest]).toEqual([
      [0, null],
      [3, null],
    ])
    await playScript(world, 'restart | \n A reads t-0 t-3 u-1 | A reads -,-,6')
  })

  it('keep their group, which an administrator can still delete', async () => {
    const world = await GroupWorld.open()
    await playScript(world, 'A commits t-0=5 | A committed')
    const id = world.control.state.topics.get('t')?.id ?? ''
    await run(world, { kind: 'topic.delete', name: 't' })
    await playScript(world, 'restart | \n show | Empty 0')
    await run(world, { kind: 'group.delete', groupId: 'g' })
    await run(world, { kind: 'topic.restore', id })
    await playScript(world, 'show | no group \n A reads t-0 | A reads -')
  })
})

describe('undoing a reset', () => {
  async function worldWithReset() {
    const world = await GroupWorld.open()
    await playScript(world, 'A commits t-0=5 | A committed')
    const { seq } = await run(world, reset({ 't-0': 2, 't-1': 9 }))
    const undo = (options = {}) =>
      world.finish(
        world.control.rewind({ undo: [seq], ...options }, systemActor, { dryRun: false }),
      )
    return { world, undo }
  }

  it('puts the old offsets back while nobody has gone on from there', async () => {
    const { world, undo } = await worldWithReset()
    expect(await undo()).toMatchObject({ error: 'NONE' })
    await playScript(world, 'A reads t-0 t-1 | A reads 5,-')
  })

  it('is refused when the group has committed since, unless that is chosen', async () => {
    const { world, undo } = await worldWithReset()
    await playScript(world, 'A commits t-0=4 | A committed')
    expect(await undo()).toMatchObject({
      error: 'INVALID_UPDATE_VERSION',
      message: 't-0 is committed at 4, not 2.',
    })
    await playScript(world, 'A reads t-0 t-1 | A reads 4,9')
    const choices = new Map([['group-offsets:g', 'overwrite']])
    expect(await undo({ choices })).toMatchObject({ error: 'NONE' })
    await playScript(world, 'A reads t-0 t-1 | A reads 5,-')
  })

  it('is refused while the group has members', async () => {
    const { world, undo } = await worldWithReset()
    await playScript(world, 'A joins | \n after 3s | A joined 1 leading A')
    expect(await undo()).toMatchObject({ error: 'NON_EMPTY_GROUP' })
  })

  it('brings the offsets of a deleted group back', async () => {
    const { world } = await worldWithReset()
    const { seq } = await run(world, { kind: 'group.delete', groupId: 'g' })
    const answer = await world.finish(
      world.control.rewind({ undo: [seq] }, systemActor, { dryRun: false }),
    )
    expect(answer.error).toBe('NONE')
    await playScript(world, 'A reads t-0 t-1 | A reads 2,9')
  })
})

import { describe, expect, it } from 'vitest'
import { HistoryTrail } from '../../../audit/index.ts'
import { silentLogger } from '../../../kit/index.ts'
import { AUDIT_PARTITION } from '../audit-topic.ts'
import { ControlWorld, createTopic, snapshotOf } from '../testing.ts'
import { replayHistory } from './replay.ts'
import { replayTrail } from './trail-replay.ts'

describe('the state out of a trail', () => {
  it('is that of the replay, and knows topics that once were when their logs are still there', async () => {
    const world = await ControlWorld.open()
    const { control, store, disk, time } = world
    for (const name of ['kept', 'gone', 'hidden']) await world.run(createTopic(name))
    const goneId = control.state.topics.get('gone')?.id ?? ''
    await world.run({ kind: 'topic.delete', name: 'gone', purgeNow: true })
    await world.run({ kind: 'topic.delete', name: 'hidden', purgeNow: false })
    await world.run({ kind: 'producer-ids.allocate' })
    const strangerId = 'c3RyYW5nZXItdG9waWMtMQ'
    const left = { ...AUDIT_PARTITION, internal: false, topicName: 'left' }
    await store.create([
      { ...left, topicId: goneId },
      { ...left, topicId: strangerId },
    ])

    const directory = '/data/audit'
    const options = { history: control.history, directory, disk, ...time, logger: silentLogger }
    const trail = await HistoryTrail.open(options)
    const replayed = await replayHistory(control.history)
    const found = await replayTrail(trail, store)
    expect(snapshotOf(found.state)).toEqual(snapshotOf(replayed.state))
    expect(found.resources.hash()).toBe(replayed.resources.hash())
    expect(replayed.deletedTopicIds).toContain(goneId)
    expect([...found.deletedTopicIds]).toEqual([goneId])
    await trail.stop()
    await world.stop()
  })
})

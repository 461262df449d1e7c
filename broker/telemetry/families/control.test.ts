import { describe, expect, it } from 'vitest'
import { encodeBatch } from '../../../protocol/index.ts'
import { ControlWorld, createTopic } from '../../control/testing.ts'
import type { Sample } from '../family.ts'
import { controlFamilies } from './control.ts'

/** The one value of each family. */
function valuesOf({ control, store }: ControlWorld): Readonly<Record<string, number>> {
  const families = controlFamilies({ control, log: store })
  return Object.fromEntries(
    families.map((family) => {
      const [sample] = [...family.samples()] as readonly Sample[]
      return [family.name, sample?.value ?? Number.NaN]
    }),
  )
}

describe('metrics of the control plane', () => {
  it('show what is kept for deleted topics, and how long the history is', async () => {
    const world = await ControlWorld.open()
    expect(valuesOf(world)).toEqual({
      glasslog_deleted_topics: 0,
      glasslog_deleted_topics_bytes: 0,
      glasslog_history_records: 1,
      glasslog_secrets: 0,
    })
    const { after } = await world.run(createTopic('orders', { partitionCount: 2 }))
    const log = world.store.find(after?.id ?? '', 1)
    if (!log) throw new Error('no log')
    const batch = encodeBatch([{ timestampMs: 0, key: null, value: Buffer.alloc(500) }])
    await world.store.append([{ log, batch }], { acks: 'durable' })
    await world.run({ kind: 'topic.delete', name: 'orders' })
    const keys = { salt: Buffer.alloc(8), storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) }
    await world.run({
      ...{ kind: 'user.scram.upsert', name: 'alice', mechanism: 'SCRAM-SHA-256' },
      ...{ iterations: 4096, ...keys },
    })
    expect(valuesOf(world)).toEqual({
      glasslog_deleted_topics: 1,
      glasslog_deleted_topics_bytes: batch.length,
      glasslog_history_records: 4,
      glasslog_secrets: 1,
    })
    await world.run({ kind: 'topic.purge', id: after?.id ?? '' })
    expect(valuesOf(world)).toMatchObject({
      glasslog_deleted_topics: 0,
      glasslog_deleted_topics_bytes: 0,
    })
    await world.stop()
  })
})

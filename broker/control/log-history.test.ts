import { describe, expect, it } from 'vitest'
import { describeHistory } from '../../audit/contract.ts'
import { HistoryError, queryHistory } from '../../audit/index.ts'
import { exampleRecord } from '../../audit/testing.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { encodeBatch } from '../../protocol/index.ts'
import { AUDIT_PARTITION, AUDIT_TOPIC } from './audit-topic.ts'
import { openLogHistory } from './log-history.ts'
import { ControlWorld, createTopic, openTestStore } from './testing.ts'

describeHistory('log', async () => {
  const time = createSimTime()
  return openLogHistory(await openTestStore(createSimDisk({ timers: time.timers }), time))
})

async function storeWith(...values: readonly (string | null)[]) {
  const time = createSimTime()
  const store = await openTestStore(createSimDisk({ timers: time.timers }), time)
  await store.create([AUDIT_PARTITION])
  const log = store.find(AUDIT_TOPIC.id, 0)
  if (!log) throw new Error('the log of the history was not created')
  for (const value of values) {
    const bytes = value === null ? null : Buffer.from(value)
    const batch = encodeBatch([{ timestampMs: 0, key: null, value: bytes }])
    await store.append([{ log, batch }], { acks: 'durable' })
  }
  return store
}

describe('the history in the storage engine', () => {
  it('outlives the process', async () => {
    const time = createSimTime()
    const disk = createSimDisk({ timers: time.timers })
    const first = await openTestStore(disk, time)
    await (await openLogHistory(first)).append([exampleRecord(0), exampleRecord(1)])
    await first.close()
    const second = await openTestStore(disk, time)
    const history = await openLogHistory(second)
    expect(history.nextSeq).toBe(2)
    const entries = await history.read(0, 10)
    expect(entries.map(({ record }) => record)).toEqual([exampleRecord(0), exampleRecord(1)])
    await second.close()
  })

  it('can be listed when the broker is stopped', async () => {
    const world = await ControlWorld.open()
    await world.run(createTopic('orders'))
    await world.stop()
    const store = await openTestStore(world.disk, createSimTime())
    const page = await queryHistory(await openLogHistory(store), { operation: 'topic.*' })
    expect(page.records.map(({ resource }) => resource.name)).toEqual(['orders'])
    await store.close()
  })

  it.each([
    ['a newer program wrote it', JSON.stringify({ schema: 99 })],
    ['it is not JSON in UTF-8', 'what is this'],
    ['it is not JSON in UTF-8', null],
  ])('is refused when %s', async (message, value) => {
    const history = await openLogHistory(await storeWith(value))
    await expect(history.read(0, 1)).rejects.toThrow(HistoryError)
    await expect(history.read(0, 1)).rejects.toThrow(message)
  })

  it('answers why an append was not made', async () => {
    const time = createSimTime()
    const disk = createSimDisk({ timers: time.timers })
    const store = await openTestStore(disk, time)
    const history = await openLogHistory(store)
    await store.close()
    const answer = await history.append([exampleRecord(0)])
    expect(answer).toEqual({ kind: 'refused', reason: 'stopping' })
  })
})

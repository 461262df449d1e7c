import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom, silentLogger } from '../../kit/index.ts'
import type { SimDisk, SimTime } from '../../kit/testing.ts'
import type { TestAdmin } from '../../test/support/test-admin.ts'
import { startTestAdmin } from '../../test/support/test-admin.ts'
import type { Topic } from '../control/index.ts'
import { createBackup } from './create-backup.ts'
import { readBackup } from './read-backup.ts'
import { restoreBackup } from './restore-backup.ts'
import type { StoredRecord } from './testing.ts'
import {
  batchOf,
  beginBackup,
  nameOf,
  OPERATOR,
  recordsIn,
  recordsOf,
  whileTimePasses,
} from './testing.ts'

/**
 * Backups under load: appends, trims, deletions, retention, compaction, rolling segments, all while
 * the copy is made. Each is restored and compared with what was acknowledged before its moment.
 */

const LIMITS = {
  ...{
    flushIntervalMs: 200,
    flushSyncBytes: 1_000,
    checkpointIntervalMs: 500,
    readChunkBytes: 4_096,
  },
  ...{ chunkBytes: 16_384, hotWindowBytes: 262_144, hotWindowReserveBytes: 32_768 },
  ...{ journalFileBytes: 131_072, journalMaxFiles: 8, retentionCheckMs: 500, minFreeBytes: 65_536 },
}

let admin: TestAdmin | undefined
afterEach(async () => {
  await admin?.stop()
  admin = undefined
})

/** What appends were told, by partition. */
class Load {
  readonly acknowledged = new Map<string, StoredRecord[]>()
  readonly sent = new Map<string, Map<number, string>>()
  readonly topics: Topic[] = []
  readonly #admin: TestAdmin
  readonly #random = seededRandom(7)
  #count = 0
  isRunning = true

  constructor(of: TestAdmin) {
    this.#admin = of
  }

  /** One append to somewhere; what it is told is noted when it comes. */
  step(): void {
    if (!this.isRunning) return
    const { store, time } = this.#admin.broker
    const topic = this.topics[this.#random.below(this.topics.length)]
    if (!topic) return
    const log = store.find(topic.id, this.#random.below(topic.partitionCount))
    if (!log) return
    const values = Array.from({ length: 1 + this.#random.below(5) }, () => {
      return `${String(this.#random.below(20)).padStart(4, '0')} ${this.#count++} ${'x'.repeat(this.#random.below(400))}`
    })
    const name = nameOf(log)
    void store
      .append([{ log, batch: batchOf(values, time.clock.now()) }], { acks: 'durable' })
      .then(([answer]) => {
        if (answer?.kind !== 'appended') return
        const records = values.map((value, index) => ({ offset: answer.baseOffset + index, value }))
        this.acknowledged.set(name, [...(this.acknowledged.get(name) ?? []), ...records])
      })
    // Offsets are given in the order of the calls, so what is sent next has the next ones.
    const sent = this.sent.get(name) ?? new Map<number, string>()
    const base = log.endOffset - values.length
    for (const [index, value] of values.entries()) sent.set(base + index, value)
    this.sent.set(name, sent)
  }
}

const noteOf = (acknowledged: Load['acknowledged']) =>
  new Map(Array.from(acknowledged, ([name, records]) => [name, [...records]]))

async function loaded(): Promise<{
  admin: TestAdmin
  load: Load
  plain: Topic
  table: Topic
  doomed: Topic
}> {
  const opened = await startTestAdmin({ limits: LIMITS })
  admin = opened
  const { broker } = opened
  const load = new Load(opened)
  const segments = { 'segment.bytes': '1048576' }
  const plain = await broker.createTopic('plain', { partitions: 3, configs: segments })
  const table = await broker.createTopic('table', {
    configs: { ...segments, 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0' },
  })
  const doomed = await broker.createTopic('doomed', { partitions: 2, configs: segments })
  load.topics.push(plain, table, doomed)
  // Small segments, which no configuration allows, so that a short test has many.
  for (const { id } of load.topics) {
    const log = broker.store.find(id, 0)
    if (log) broker.store.configure(id, { ...log.config, segmentBytes: 4_000 })
  }
  return { admin: opened, load, plain, table, doomed }
}

const copyOptions = (disk: SimDisk, time: SimTime) => ({
  ...{ disk, clock: time.clock, timers: time.timers, bytesPerSecond: 400_000 },
})

async function restored(
  { broker: { disk, time } }: TestAdmin,
  backup: string,
): Promise<ReadonlyMap<string, readonly StoredRecord[]>> {
  const options = { ...copyOptions(disk, time), bytesPerSecond: Infinity }
  await whileTimePasses(time, readBackup(backup, options))
  const data = `${backup}-data`
  await whileTimePasses(time, restoreBackup(backup, data, options))
  return whileTimePasses(time, recordsIn(disk, data, time, seededRandom(5), silentLogger))
}

describe('a backup beside appends', () => {
  it.each([1, 2, 3, 4])(
    'has all that was acknowledged before, and nothing else (run %i)',
    async (run) => {
      const { admin: opened, load, plain, doomed } = await loaded()
      const { broker, services } = opened
      const { disk, time, store } = broker
      for (let count = 0; count < 150 * run; count++) {
        load.step()
        if (count % 10 === 0) await time.advance(20)
      }
      const before = noteOf(load.acknowledged)
      const begun = await whileTimePasses(time, beginBackup(services.backups), () => load.step())
      const sentAtCut = new Map(Array.from(load.sent, ([name, sent]) => [name, sent.size]))
      let step = 0
      const made = createBackup(begun, '/backup', copyOptions(disk, time))
      const manifest = await whileTimePasses(time, made, () => {
        load.step()
        step++
        // Everything that takes files away, in the middle of the copy.
        const log = store.find(plain.id, 1)
        if (step === 3 && log) void store.trim(log, Math.floor(log.highWatermark / 2))
        if (step === 4) void store.drop(doomed.id)
      })
      const end = { files: 1, sizeBytes: 1, historySize: 1, manifest: '0'.repeat(64) }
      await whileTimePasses(time, services.backups.end(begun.cut.id, OPERATOR, { content: end }))
      load.isRunning = false
      expect(manifest.files.filter(({ path }) => path.endsWith('.log')).length).toBeGreaterThan(3)

      const found = await restored(opened, '/backup')
      for (const [name, records] of before) {
        const topic = load.topics.find(({ id }) => name.startsWith(id))
        const there = new Map(found.get(name)?.map(({ offset, value }) => [offset, value]))
        const sent = load.sent.get(name)
        // A compacted log keeps the last record of each key; the others all of them.
        if (topic?.name !== 'table') {
          for (const { offset, value } of records) expect(there.get(offset), name).toBe(value)
        }
        for (const [offset, value] of there) expect(sent?.get(offset), name).toBe(value)
        const last = records.at(-1)?.offset ?? -1
        expect(Math.max(-1, ...there.keys()), name).toBeGreaterThanOrEqual(last)
      }
      // Nothing that was sent after the answer is in it.
      for (const { topicId, partition, endOffset } of manifest.logs) {
        const sent = sentAtCut.get(nameOf({ topicId, partition }))
        if (sent !== undefined) expect(endOffset).toBeLessThanOrEqual(sent)
      }
    },
  )

  it('lets go of everything afterwards', async () => {
    const { admin: opened, load, doomed } = await loaded()
    const { broker, services } = opened
    const { disk, time, store } = broker
    for (let count = 0; count < 200; count++) {
      load.step()
      if (count % 10 === 0) await time.advance(20)
    }
    const begun = await whileTimePasses(time, beginBackup(services.backups))
    await whileTimePasses(time, store.drop(doomed.id))
    await time.advance(1_000)
    expect(await disk.exists(`/data/topics/${doomed.id}`)).toBe(true)
    await whileTimePasses(time, services.backups.end(begun.cut.id, OPERATOR, { failure: 'test' }))
    await time.advance(1_000)
    expect(await disk.exists(`/data/topics/${doomed.id}`)).toBe(false)
    expect(services.broker.control.state.runningBackup).toBeNull()
  })

  it('is given up when nobody is heard of any more, and appends never waited for it', async () => {
    const { admin: opened, load } = await loaded()
    const { broker, services } = opened
    const { time, store } = broker
    const begun = await whileTimePasses(time, beginBackup(services.backups))
    for (let count = 0; count < 3_000; count++) {
      load.step()
      if (count % 10 === 0) await time.advance(20)
    }
    // The journal was wanted back long before.
    await expect(services.backups.read(begun.cut.id, 'checkpoint', 0, 10)).rejects.toThrow(
      /is not being made|journal ran full/,
    )
    await time.advance(70_000)
    expect(services.broker.control.state.runningBackup).toBeNull()
    expect(store.diskState).toBe('ok')
    expect(store.stats.journal.pressure).toBeLessThan(0.75)
    const log = store.find(load.topics[0]?.id ?? '', 0)
    if (log) expect((await recordsOf(store, log)).length).toBeGreaterThan(100)
  })
})

import { describe, expect, it } from 'vitest'
import { silentLogger, uuidFromBytes } from '../../../kit/index.ts'
import { createSimDisk, createSimTime } from '../../../kit/testing.ts'
import type { LogConfig, LogStore } from '../../log/index.ts'
import { inlineJournalDevice, openLogStore } from '../../log/index.ts'
import { diskFamilies } from './disk.ts'

const MIB = 1024 * 1024
const DISK_BYTES = 64 * MIB
const JOURNAL_FILE_BYTES = MIB
const FLOOR_BYTES = 4 * MIB
const CHECK_MS = 1_000

const CONFIG: LogConfig = {
  cleanup: { delete: true, compact: false },
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: MIB,
  segmentMs: 3_600_000,
  deleteRetentionMs: 0,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  minCleanableDirtyRatio: 0.5,
  timestampType: 'create',
  durability: 'disk',
}

/** A broker's store on a small disk, with the limit that the control plane would keep. */
async function openRoom() {
  const time = createSimTime()
  const disk = createSimDisk({ seed: 1, capacityBytes: DISK_BYTES })
  const { store } = await openLogStore({
    directory: '/data',
    ...{ disk, clock: time.clock, timers: time.timers, logger: silentLogger },
    journalDevice: inlineJournalDevice(disk),
    limits: {
      ...{ journalFileBytes: JOURNAL_FILE_BYTES, minFreeBytes: FLOOR_BYTES },
      ...{ freeSpaceCheckMs: CHECK_MS, hotWindowBytes: 16 * MIB },
    },
  })
  const topicId = uuidFromBytes(Buffer.alloc(16, 3))
  const spec = { topicId, topicName: 'orders', internal: false, config: CONFIG }
  await store.create([{ ...spec, partition: 0 }])
  const state = { diskCapacityBytes: null as number | null }
  return {
    values: () => valuesOf(store, state),
    async limit(capacityBytes: number) {
      state.diskCapacityBytes = capacityBytes
      store.limitDisk(capacityBytes)
      await time.advance(CHECK_MS)
    },
  }
}

function valuesOf(
  log: Pick<LogStore, 'diskSpace' | 'diskState'>,
  state: { readonly diskCapacityBytes: number | null },
): Readonly<Record<string, unknown>> {
  const families = diskFamilies({ log, control: { state } })
  return Object.fromEntries(
    families.map((family) => {
      const [sample] = family.samples()
      return [family.name, sample && 'value' in sample ? sample.value : undefined]
    }),
  )
}

describe('the room for records', () => {
  it('is what the file system has while there is no limit', async () => {
    const seen = (await openRoom()).values()
    expect(seen.glasslog_disk_used_bytes).toBeGreaterThanOrEqual(JOURNAL_FILE_BYTES)
    expect(seen.glasslog_disk_usable_bytes).toBeGreaterThan(DISK_BYTES - FLOOR_BYTES - MIB)
    expect(seen.glasslog_disk_usable_bytes).toBeLessThanOrEqual(DISK_BYTES - FLOOR_BYTES)
    expect(seen.glasslog_disk_full).toBe(0)
  })

  it('is the limit where that is less, and ends at the floor', async () => {
    const { values, limit } = await openRoom()
    const usedBytes = Number(values().glasslog_disk_used_bytes)
    await limit(usedBytes + 2 * FLOOR_BYTES)
    expect(values()).toMatchObject({
      glasslog_disk_usable_bytes: usedBytes + FLOOR_BYTES,
      glasslog_disk_full: 0,
    })
    await limit(usedBytes + FLOOR_BYTES - 1)
    expect(values()).toMatchObject({
      glasslog_disk_usable_bytes: usedBytes - 1,
      glasslog_disk_full: 1,
    })
  })

  it('is not told before the disk was looked at', () => {
    const diskSpace = { usedBytes: 7, freeBytes: null, floorBytes: 1 }
    const seen = valuesOf({ diskSpace, diskState: 'ok' }, { diskCapacityBytes: null })
    expect(seen).toMatchObject({
      ...{ glasslog_disk_used_bytes: 7, glasslog_disk_usable_bytes: undefined },
      glasslog_disk_full: 0,
    })
  })
})

import { describe, expect, it } from 'vitest'
import type { LogConfig } from '../port.ts'
import { batchOf, CONFIG, spec, TOPIC_A } from './samples.ts'
import type { World } from './world.ts'

/** What moves the beginning of a log: deletion of records, and retention. */
export function describeLogStart(world: World): void {
  const { append, fill, flush, make, read, readAll } = world

  describe('trim', () => {
    it('moves the log start, never back and never beyond what readers see', async () => {
      const log = await make(spec(TOPIC_A))
      await fill(log, 10)
      expect(await world.store.trim(log, 4)).toBe(4)
      expect(await world.store.trim(log, 2)).toBe(4)
      expect(await read(log, 3)).toEqual(['offset-out-of-range'])
      expect((await read(log, 4)).length).toBe(6)
      expect(await world.store.trim(log, 99)).toBe(10)
      expect(await read(log, 10)).toEqual([])
      expect(await append(log, batchOf(['next']))).toMatchObject({
        baseOffset: 10,
        logStartOffset: 10,
      })
    })

    it.each(['restart', 'crash'] as const)('lasts over a %s', async (end) => {
      const log = await make(spec(TOPIC_A))
      const values = await fill(log, 100)
      await flush()
      await world.store.trim(log, 73)
      await world[end]()
      const again = await make(spec(TOPIC_A))
      expect(again).toMatchObject({ logStartOffset: 73, endOffset: 100, highWatermark: 100 })
      expect(await readAll(again, 73)).toEqual(values.slice(73))
    })

    it('frees the space of whole segments', async () => {
      const log = await make(spec(TOPIC_A))
      await fill(log, 100)
      await flush()
      const before = log.sizeBytes
      await world.store.trim(log, 90)
      await flush()
      expect(log.sizeBytes).toBeLessThan(before / 2)
    })
  })

  describe('retention', () => {
    it('deletes old segments by time', async () => {
      const config: LogConfig = { ...CONFIG, retentionMs: 3_600_000 }
      const log = await make(spec(TOPIC_A, 0, { config }))
      const startMs = world.now()
      for (let i = 0; i < 60; i++) {
        await append(log, batchOf(['x'.repeat(200)], { timeMs: startMs }))
      }
      await flush()
      await append(log, batchOf(['new'], { timeMs: startMs + 7_200_000 }))
      await world.advance(4_000_000)
      expect(log.logStartOffset).toBeGreaterThan(0)
      expect(log.endOffset).toBe(61)
      expect((await readAll(log, log.logStartOffset)).at(-1)).toBe('new')
    })

    it('deletes the oldest segments by size', async () => {
      const config: LogConfig = { ...CONFIG, retentionBytes: 10_000 }
      const log = await make(spec(TOPIC_A, 0, { config }))
      await fill(log, 200)
      await world.advance(600_000)
      expect(log.sizeBytes).toBeGreaterThanOrEqual(10_000)
      expect(log.sizeBytes).toBeLessThan(10_000 + 2 * CONFIG.segmentBytes)
      world.store.configure(TOPIC_A, { ...config, retentionBytes: 1 })
      await world.advance(600_000)
      expect(log.sizeBytes).toBeLessThan(CONFIG.segmentBytes + 1)
    })
  })
}

import { describe, expect, it } from 'vitest'
import type { ReadLimits, ReadResult } from '../port.ts'
import { batchOf, CONFIG, spec, TOPIC_A, valuesIn, WHOLE } from './samples.ts'
import type { World } from './world.ts'

/** What is read, from memory and from segments, and how long its bytes stay. */
export function describeReads(world: World): void {
  const { append, fill, flush, logOf, make, read } = world

  describe.each(['memory', 'segments'] as const)('read from %s', (place) => {
    const settle = async (): Promise<void> => {
      if (place === 'segments') {
        await world.restart()
        await world.store.create([spec(TOPIC_A, 0), spec(TOPIC_A, 1)])
      }
    }

    it('answers whole batches that hold the offset', async () => {
      await append(await make(spec(TOPIC_A)), batchOf(['a', 'b', 'c']))
      await append(logOf(TOPIC_A), batchOf(['d']))
      await settle()
      expect(await read(logOf(TOPIC_A), 1)).toEqual(['a', 'b', 'c', 'd'])
      expect(await read(logOf(TOPIC_A), 3)).toEqual(['d'])
      expect(await read(logOf(TOPIC_A), 4)).toEqual([])
    })

    it('says when an offset is out of range', async () => {
      await append(await make(spec(TOPIC_A)), batchOf(['a']))
      await settle()
      expect(await read(logOf(TOPIC_A), 2)).toEqual(['offset-out-of-range'])
      expect(await read(logOf(TOPIC_A), -1)).toEqual(['offset-out-of-range'])
    })

    it('reads everything from beginning to end, whatever the limit', async () => {
      const values = await fill(await make(spec(TOPIC_A)), 60)
      await settle()
      const log = logOf(TOPIC_A)
      for (const maxBytes of [1, 300, 1000, 5000, 100_000]) {
        const seen: string[] = []
        while (seen.length < values.length)
          seen.push(...(await read(log, seen.length, {}, maxBytes)))
        expect(seen).toEqual(values)
      }
    })

    it('spends the bytes in the order of the requests, and exceeds them once at most', async () => {
      await fill(await make(spec(TOPIC_A, 0), spec(TOPIC_A, 1)), 3, 500)
      await fill(logOf(TOPIC_A, 1), 3, 500)
      await settle()
      const requests = [0, 1].map((partition) => ({
        log: logOf(TOPIC_A, partition),
        offset: 0,
        maxBytes: 1_000_000,
      }))
      const counts = async (limits: Partial<ReadLimits>): Promise<number[]> => {
        const result: ReadResult = await world.store.read(requests, { ...WHOLE, ...limits })
        const found = result.partitions.map((partition) =>
          partition.kind === 'records' ? valuesIn(partition.pieces).length : -1,
        )
        const sizes = result.partitions.map((each) =>
          each.kind === 'records' ? each.sizeBytes : 0,
        )
        expect(result.sizeBytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
        result.release()
        return found
      }
      expect(await counts({ maxBytes: 1 })).toEqual([1, 0])
      expect(await counts({ maxBytes: 1, atLeastOne: false })).toEqual([0, 0])
      expect(await counts({ maxBytes: 2400 })).toEqual([3, 1])
      expect(await counts({ maxBytes: 1_000_000 })).toEqual([3, 3])
    })

    it('finds the exact record of a time', async () => {
      const log = await make(spec(TOPIC_A))
      for (let i = 0; i < 30; i++) await append(log, batchOf(['a', 'b', 'c'], { timeMs: i * 10 }))
      await settle()
      const { store } = world
      expect(await store.findByTime(logOf(TOPIC_A), 101)).toMatchObject({
        timestampMs: 101,
        offset: 31,
      })
      expect(await store.findByTime(logOf(TOPIC_A), 103)).toMatchObject({ offset: 33 })
      expect(await store.findByTime(logOf(TOPIC_A), -5)).toMatchObject({ offset: 0 })
      expect(await store.findByTime(logOf(TOPIC_A), 1000)).toBeNull()
      const found = [0, 30, 32, 89].map((offset) => store.batchAt(logOf(TOPIC_A), offset))
      expect(await Promise.all(found)).toEqual([
        { baseOffset: 0, maxTimestampMs: 2 },
        { baseOffset: 30, maxTimestampMs: 102 },
        { baseOffset: 30, maxTimestampMs: 102 },
        { baseOffset: 87, maxTimestampMs: 292 },
      ])
      expect(await store.batchAt(logOf(TOPIC_A), 90)).toBeNull()
      await append(logOf(TOPIC_A), batchOf(['old'], { timeMs: 5 }))
      expect(await store.findMaxTimestamp(logOf(TOPIC_A))).toMatchObject({
        timestampMs: 292,
        offset: 89,
      })
    })
  })

  it('knows when a record was appended, whatever its producer says, and what follows it', async () => {
    const log = await make(spec(TOPIC_A))
    const startMs = world.now()
    const sizeBytes = batchOf(['a', 'b'], { timeMs: 77 }).length
    for (let n = 0; n < 60; n++) {
      await append(log, batchOf(['a', 'b'], { timeMs: 77 }))
      await world.advance(1_000)
    }
    for (const offset of [0, 61, 119]) {
      const appendedMs = startMs + Math.floor(offset / 2) * 1_000
      const { earliestMs, latestMs } = log.appendSpan(offset) ?? { earliestMs: 0, latestMs: 0 }
      expect(Math.abs(earliestMs - appendedMs)).toBeLessThan(1_000)
      expect(Math.abs(latestMs - appendedMs)).toBeLessThan(1_000)
    }
    expect(log.appendSpan(120)).toBeUndefined()
    expect(log.bytesFrom(120)).toBe(0)
    expect(log.bytesFrom(60)).toBe(30 * sizeBytes)
    expect(log.bytesFrom(0)).toBe(log.sizeBytes)
    await world.restart()
    const restarted = logOf(TOPIC_A)
    const { earliestMs, latestMs } = restarted.appendSpan(0) ?? { earliestMs: -1, latestMs: -1 }
    expect(earliestMs).toBeLessThanOrEqual(startMs)
    expect(latestMs).toBeGreaterThanOrEqual(startMs)
    expect(latestMs).toBeLessThanOrEqual(world.now())
    expect(restarted.bytesFrom(60)).toBe(30 * sizeBytes)
    await append(restarted, batchOf(['a'.repeat(1_000)]))
    expect(restarted.bytesFrom(60)).toBe(30 * sizeBytes + restarted.bytesFrom(120))
  })

  it('keeps pieces that came from files as they are until they are released', async () => {
    const config = { ...CONFIG, segmentBytes: 10_000_000 }
    const log = await make(spec(TOPIC_A, 0, { config }))
    const values = await fill(log, 30, 90_000)
    await flush()
    await fill(log, 40, 6000)
    await flush()
    const kept = await world.store.read([{ log, offset: 0, maxBytes: 2_000_000 }], WHOLE)
    for (const offset of [3, 6, 9, 12]) await read(log, offset, {}, 2_000_000)
    const [partition] = kept.partitions
    expect(partition?.kind).toBe('records')
    const kepts = partition?.kind === 'records' ? valuesIn(partition.pieces) : []
    expect(kepts.length).toBeGreaterThan(0)
    expect(kepts).toEqual(values.slice(0, kepts.length))
    kept.release()
  })

  it('gives a batch that fits, however little was asked for before it', async () => {
    const config = { ...CONFIG, segmentBytes: 10_000_000 }
    const log = await make(spec(TOPIC_A, 0, { config }))
    const small = await fill(log, 3, 600)
    const [large] = await fill(log, 1, 6000)
    await fill(log, 100, 6000)
    await flush()
    await fill(log, 60, 6000)
    await flush()
    // Somebody who goes on like this is expected to.
    for (const [offset, value] of small.entries()) {
      expect(await read(log, offset, {}, 700)).toEqual([value])
    }
    expect((await read(log, 3, { atLeastOne: false }))[0]).toBe(large)
  })

  it('keeps pieces as they are until they are released', async () => {
    const log = await make(spec(TOPIC_A))
    const [value] = await fill(log, 1, 6000)
    const result = await world.store.read([{ log, offset: 0, maxBytes: 1_000_000 }], WHOLE)
    await fill(log, 60, 6000)
    await flush()
    await fill(log, 60, 6000)
    const [partition] = result.partitions
    expect(partition?.kind === 'records' && valuesIn(partition.pieces)).toEqual([value])
    result.release()
  })
}

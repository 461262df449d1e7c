import { describe, expect, it } from 'vitest'
import type { AppendEntry, LogConfig } from '../port.ts'
import { batchOf, CONFIG, spec, TOPIC_A } from './samples.ts'
import type { World } from './world.ts'

/** What becomes of batches that are appended: offsets, visibility, and all or nothing. */
export function describeAppends(world: World): void {
  const { append, logOf, make, read } = world

  describe('append', () => {
    it('gives offsets in order and shows the records once they are durable', async () => {
      const log = await make(spec(TOPIC_A))
      expect(await append(log, batchOf(['a', 'b']))).toEqual({
        kind: 'appended',
        baseOffset: 0,
        lastOffset: 1,
        logAppendTimeMs: -1,
        logStartOffset: 0,
      })
      expect(await append(log, batchOf(['c']))).toMatchObject({ baseOffset: 2, lastOffset: 2 })
      expect(log).toMatchObject({ logStartOffset: 0, endOffset: 3, highWatermark: 3 })
      expect(await read(log, 0)).toEqual(['a', 'b', 'c'])
    })

    it('takes effect in the order of the calls, before anything is awaited', async () => {
      const log = await make(spec(TOPIC_A))
      const results = await Promise.all(
        ['a', 'b', 'c'].map((value) => append(log, batchOf([value]))),
      )
      expect(results).toMatchObject([{ baseOffset: 0 }, { baseOffset: 1 }, { baseOffset: 2 }])
      expect(await read(log, 0)).toEqual(['a', 'b', 'c'])
    })

    it('does not change the bytes of the caller', async () => {
      const log = await make(spec(TOPIC_A))
      await append(log, batchOf(['first']))
      const batch = batchOf(['second'])
      const before = Buffer.from(batch)
      await append(log, batch)
      expect(batch.equals(before)).toBe(true)
    })

    it('hides what is not durable', async () => {
      const log = await make(spec(TOPIC_A))
      const pending = append(log, batchOf(['a']))
      expect(log).toMatchObject({ endOffset: 1, highWatermark: 0 })
      expect(await read(log, 0)).toEqual([])
      await pending
      expect(log.highWatermark).toBe(1)
    })

    it('answers several logs at once', async () => {
      const first = await make(spec(TOPIC_A, 0), spec(TOPIC_A, 1))
      const second = logOf(TOPIC_A, 1)
      const results = await world.store.append(
        [
          { log: first, batch: batchOf(['a']) },
          { log: second, batch: batchOf(['b', 'c']) },
          { log: first, batch: batchOf(['d']) },
        ],
        { acks: 'durable' },
      )
      expect(results).toMatchObject([{ baseOffset: 0 }, { baseOffset: 0 }, { baseOffset: 1 }])
      expect(await read(first, 0)).toEqual(['a', 'd'])
      expect(await read(second, 0)).toEqual(['b', 'c'])
    })

    it('refuses an offset that is not the expected one', async () => {
      const log = await make(spec(TOPIC_A))
      await append(log, batchOf(['a']))
      expect(await append(log, batchOf(['b']), {}, 0)).toEqual({
        kind: 'unexpected-offset',
        endOffset: 1,
      })
      expect(await append(log, batchOf(['b']), {}, 1)).toMatchObject({ baseOffset: 1 })
    })

    it('stamps its own time when the topic says so', async () => {
      const config: LogConfig = { ...CONFIG, timestampType: 'append' }
      const log = await make(spec(TOPIC_A, 0, { config }))
      const result = await append(log, batchOf(['a'], { timeMs: 7 }))
      expect(result).toMatchObject({ logAppendTimeMs: world.now() })
      const found = await world.store.findByTime(log, world.now())
      expect(found).toMatchObject({ offset: 0, timestampMs: world.now() })
    })

    it('answers with every acks', async () => {
      const log = await make(spec(TOPIC_A))
      for (const acks of ['none', 'written', 'durable'] as const) {
        expect(await append(log, batchOf(['x']), { acks })).toMatchObject({ kind: 'appended' })
      }
      expect(await read(log, 0)).toEqual(['x', 'x', 'x'])
    })
  })

  describe('atomic append', () => {
    it('takes all or nothing', async () => {
      const first = await make(spec(TOPIC_A, 0), spec(TOPIC_A, 1))
      const second = logOf(TOPIC_A, 1)
      const entries: AppendEntry[] = [
        {
          log: first,
          batch: batchOf(['a'], { producer: { id: 1n, epoch: 0, baseSequence: 0 } }),
        },
        { log: second, batch: batchOf(['b']), expectedOffset: 5 },
      ]
      expect(await world.store.append(entries, { acks: 'durable', atomic: true })).toEqual([
        { kind: 'refused-with-others' },
        { kind: 'unexpected-offset', endOffset: 0 },
      ])
      expect(first).toMatchObject({ endOffset: 0, sizeBytes: 0 })
      expect(world.store.producers(first)).toEqual([])
      const batch = batchOf(['a'], { producer: { id: 1n, epoch: 0, baseSequence: 3 } })
      expect(await append(first, batch)).toMatchObject({ kind: 'appended', baseOffset: 0 })
    })

    it('takes back what came before the refused entry in the same log', async () => {
      const log = await make(spec(TOPIC_A))
      const producer = { id: 1n, epoch: 0, baseSequence: 0 }
      await append(log, batchOf(['a'], { producer }))
      const results = await world.store.append(
        [
          { log, batch: batchOf(['b'], { producer: { ...producer, baseSequence: 1 } }) },
          { log, batch: batchOf(['c'], { producer: { ...producer, baseSequence: 9 } }) },
        ],
        { acks: 'durable', atomic: true },
      )
      expect(results).toEqual([{ kind: 'refused-with-others' }, { kind: 'out-of-order-sequence' }])
      expect(log.endOffset).toBe(1)
      const next = batchOf(['b'], { producer: { ...producer, baseSequence: 1 } })
      expect(await append(log, next)).toMatchObject({ kind: 'appended', baseOffset: 1 })
      expect(await read(log, 0)).toEqual(['a', 'b'])
    })
  })
}

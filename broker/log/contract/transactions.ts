import { describe, expect, it } from 'vitest'
import type { ReadLimits } from '../port.ts'
import { batchOf, marker, spec, TOPIC_A, WHOLE } from './samples.ts'
import type { World } from './world.ts'

/** What readers of committed data see of transactions, and when. */
export function describeTransactions(world: World): void {
  const { append, logOf, make, read } = world

  describe('transactions', () => {
    const producer = { id: 42n, epoch: 1, baseSequence: 0 }
    const committed: Partial<ReadLimits> = { isolation: 'committed' }

    it('holds readers of committed data back at the first open one', async () => {
      const log = await make(spec(TOPIC_A))
      await append(log, batchOf(['before']))
      await append(log, batchOf(['t1'], { producer, transactional: true }))
      await append(log, batchOf(['after']))
      expect(log).toMatchObject({ highWatermark: 3, lastStableOffset: 1 })
      expect(await read(log, 0, committed)).toEqual(['before'])
      expect(await read(log, 0)).toEqual(['before', 't1', 'after'])
      expect(world.store.producers(log)).toMatchObject([{ currentTransactionStartOffset: 1 }])
      await append(log, marker('commit', 42n, 1))
      expect(log.lastStableOffset).toBe(4)
      expect(await read(log, 0, committed)).toEqual(['before', 't1', 'after'])
    })

    it('lists aborted transactions where they have records', async () => {
      const log = await make(spec(TOPIC_A))
      await append(log, batchOf(['t1'], { producer, transactional: true }))
      await append(log, marker('abort', 42n, 1))
      await append(log, batchOf(['plain']))
      const abortedFrom = async (offset: number): Promise<unknown> => {
        const request = { log: logOf(TOPIC_A), offset, maxBytes: 1_000_000 }
        const result = await world.store.read([request], { ...WHOLE, ...committed })
        const [partition] = result.partitions
        result.release()
        return partition?.kind === 'records' ? partition.abortedTransactions : partition
      }
      const aborted = [{ producerId: 42n, firstOffset: 0 }]
      expect(await abortedFrom(0)).toEqual(aborted)
      expect(await abortedFrom(1)).toEqual(aborted)
      expect(await abortedFrom(2)).toEqual([])
      await world.crash()
      await make(spec(TOPIC_A))
      expect(await abortedFrom(0)).toEqual(aborted)
      await world.restart()
      await make(spec(TOPIC_A))
      expect(await abortedFrom(0)).toEqual(aborted)
    })

    it.each(['restart', 'crash'] as const)('keeps open ones open over a %s', async (end) => {
      const log = await make(spec(TOPIC_A))
      await append(log, batchOf(['t1'], { producer, transactional: true }))
      await append(log, batchOf(['after']))
      await world[end]()
      const again = await make(spec(TOPIC_A))
      expect(again).toMatchObject({ highWatermark: 2, lastStableOffset: 0 })
      await append(again, marker('commit', 42n, 1))
      expect(again.lastStableOffset).toBe(3)
    })

    it('fences markers of older producer and coordinator epochs', async () => {
      const log = await make(spec(TOPIC_A))
      await append(log, batchOf(['t1'], { producer, transactional: true }))
      expect(await append(log, marker('commit', 42n, 0))).toEqual({
        kind: 'fenced-producer-epoch',
      })
      await append(log, marker('commit', 42n, 1, 8))
      expect(await append(log, marker('abort', 42n, 1, 7))).toEqual({
        kind: 'fenced-producer-epoch',
      })
    })
  })
}

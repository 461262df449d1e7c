import { describe, expect, it } from 'vitest'
import type { AppendResult, PartitionLog } from '../port.ts'
import { batchOf, spec, TOPIC_A } from './samples.ts'
import type { World } from './world.ts'

/** What is known of idempotent producers: duplicates, gaps, fenced epochs. */
export function describeProducers(world: World): void {
  const { append, make } = world

  describe('idempotent producers', () => {
    const send = (
      log: PartitionLog,
      baseSequence: number,
      count = 1,
      epoch = 0,
    ): Promise<AppendResult> => {
      const values = Array.from({ length: count }, (_, i) => `s${baseSequence + i}`)
      return append(log, batchOf(values, { producer: { id: 7n, epoch, baseSequence } }))
    }

    it('recognises the last five batches', async () => {
      const log = await make(spec(TOPIC_A))
      for (let sequence = 0; sequence < 12; sequence += 2) await send(log, sequence, 2)
      for (const sequence of [2, 4, 6, 8, 10]) {
        expect(await send(log, sequence, 2)).toEqual({
          kind: 'duplicate',
          baseOffset: sequence,
          lastOffset: sequence + 1,
          logAppendTimeMs: -1,
          logStartOffset: 0,
        })
      }
      expect(await send(log, 0, 2)).toEqual({ kind: 'out-of-order-sequence' })
      expect(log.endOffset).toBe(12)
    })

    it('answers a duplicate only when its original is durable', async () => {
      const log = await make(spec(TOPIC_A))
      const original = send(log, 0)
      const repeated = send(log, 0).then((result) => [result.kind, log.highWatermark])
      await original
      expect(await repeated).toEqual(['duplicate', 1])
    })

    it('refuses gaps, and goes on at 0 after the last sequence there is', async () => {
      const log = await make(spec(TOPIC_A))
      await send(log, 2 ** 31 - 2, 1)
      expect(await send(log, 0)).toEqual({ kind: 'out-of-order-sequence' })
      expect(await send(log, 2 ** 31 - 1, 3)).toMatchObject({ kind: 'appended' })
      expect(await send(log, 2)).toMatchObject({ kind: 'appended', baseOffset: 4 })
      expect(await send(log, 2 ** 31 - 1, 3)).toMatchObject({ kind: 'duplicate', baseOffset: 1 })
    })

    it('lets an unknown producer begin anywhere', async () => {
      const log = await make(spec(TOPIC_A))
      expect(await send(log, 1234)).toMatchObject({ kind: 'appended' })
    })

    it('fences older epochs and begins newer ones at 0', async () => {
      const log = await make(spec(TOPIC_A))
      await send(log, 0, 1, 3)
      expect(await send(log, 1, 1, 2)).toEqual({ kind: 'fenced-producer-epoch' })
      expect(await send(log, 1, 1, 4)).toEqual({ kind: 'out-of-order-sequence' })
      expect(await send(log, 0, 1, 4)).toMatchObject({ kind: 'appended' })
      expect(world.store.producers(log)).toMatchObject([
        { producerId: 7n, producerEpoch: 4, lastSequence: 0, currentTransactionStartOffset: -1 },
      ])
    })

    it.each(['restart', 'crash'] as const)('remembers after a %s', async (end) => {
      const log = await make(spec(TOPIC_A))
      for (let sequence = 0; sequence < 3; sequence++) await send(log, sequence)
      await world[end]()
      const again = await make(spec(TOPIC_A))
      expect(await send(again, 1)).toMatchObject({ kind: 'duplicate', baseOffset: 1 })
      expect(await send(again, 4)).toEqual({ kind: 'out-of-order-sequence' })
      expect(await send(again, 3)).toMatchObject({ kind: 'appended', baseOffset: 3 })
    })
  })
}

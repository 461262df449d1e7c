import { describe, expect, it } from 'vitest'
import { batchOf, spec, TOPIC_A } from './samples.ts'
import type { World } from './world.ts'

/** Who waits for a log to change is told of it. */
export function describeGrowth(world: World): void {
  const { append, fill, make } = world

  describe('growth', () => {
    it('calls back when readers can see more, until stopped', async () => {
      const log = await make(spec(TOPIC_A))
      const seen: number[] = []
      const stop = world.store.onGrowth(log, () => seen.push(log.highWatermark))
      await append(log, batchOf(['a']))
      await append(log, batchOf(['b']))
      stop()
      await append(log, batchOf(['c']))
      expect(seen).toEqual([1, 2])
    })

    it('calls back when the log start moved', async () => {
      const log = await make(spec(TOPIC_A))
      await fill(log, 5)
      const seen: number[] = []
      world.store.onGrowth(log, () => seen.push(log.logStartOffset))
      await world.store.trim(log, 3)
      expect(seen).toEqual([3])
    })

    it('calls back when the log is dropped', async () => {
      const log = await make(spec(TOPIC_A))
      const seen: string[] = []
      world.store.onGrowth(log, () => seen.push(log.state))
      await world.store.drop(TOPIC_A)
      expect(seen).toEqual(['dropped'])
    })
  })
}

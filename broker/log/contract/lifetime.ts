import { describe, expect, it } from 'vitest'
import { batchOf, spec, TOPIC_A, TOPIC_B, WHOLE } from './samples.ts'
import type { World } from './world.ts'

/** What outlives what: logs their topics, records a restart or a crash, and nothing the store. */
export function describeLifetime(world: World): void {
  const { append, fill, flush, logOf, make, read, readAll } = world

  describe('drop', () => {
    it('forgets the topic at once and for good', async () => {
      const log = await make(spec(TOPIC_A, 0), spec(TOPIC_A, 1))
      await fill(log, 5)
      await world.store.drop(TOPIC_A)
      expect(world.store.find(TOPIC_A, 0)).toBeUndefined()
      expect(log.state).toBe('dropped')
      expect(await append(log, batchOf(['x']))).toEqual({ kind: 'failed', reason: 'dropped' })
      const result = await world.store.read([{ log, offset: 0, maxBytes: 1000 }], WHOLE)
      expect(result.partitions).toEqual([{ kind: 'failed', reason: 'dropped' }])
      result.release()
      await world.crash()
      expect(world.store.find(TOPIC_A, 0)).toBeUndefined()
      expect([...world.store.logs()]).toEqual([])
    })

    it('keeps the others', async () => {
      const kept = await make(spec(TOPIC_B), spec(TOPIC_A))
      await append(kept, batchOf(['kept']))
      await append(logOf(TOPIC_A), batchOf(['gone']))
      await world.store.drop(TOPIC_A)
      await world.crash()
      expect(await read(await make(spec(TOPIC_B)), 0)).toEqual(['kept'])
    })

    it('lets a name come back with another id, and even the same id, empty', async () => {
      await fill(await make(spec(TOPIC_A)), 5)
      await flush()
      await world.store.drop(TOPIC_A)
      const again = await make(spec(TOPIC_A))
      expect(again).toMatchObject({ endOffset: 0, logStartOffset: 0 })
      await append(again, batchOf(['anew']))
      await append(await make(spec(TOPIC_B)), batchOf(['other id']))
      await world.crash()
      expect(await read(await make(spec(TOPIC_A)), 0)).toEqual(['anew'])
      expect(await read(await make(spec(TOPIC_B)), 0)).toEqual(['other id'])
    })
  })

  describe('restart', () => {
    it.each(['restart', 'crash'] as const)('brings back everything after a %s', async (end) => {
      const values = await fill(await make(spec(TOPIC_A)), 50)
      await world.advance(12_000)
      const log = logOf(TOPIC_A)
      await append(log, batchOf(['last']))
      await world[end]()
      const again = await make(spec(TOPIC_A))
      expect(again).toMatchObject({ logStartOffset: 0, endOffset: 51, highWatermark: 51 })
      expect(await readAll(again, 0)).toEqual([...values, 'last'])
    })

    it('begins a higher leader epoch each time, and knows where the earlier ones ended', async () => {
      const log = await make(spec(TOPIC_A))
      const first = log.leaderEpoch
      await append(log, batchOf(['a', 'b']))
      await world.crash()
      const second = await make(spec(TOPIC_A))
      expect(second.leaderEpoch).toBeGreaterThan(first)
      await append(second, batchOf(['c']))
      await world.restart()
      const third = await make(spec(TOPIC_A))
      const { store } = world
      expect(third.leaderEpoch).toBeGreaterThan(second.leaderEpoch)
      expect(store.endOfEpoch(third, first)).toEqual({ leaderEpoch: first, endOffset: 2 })
      expect(store.endOfEpoch(third, second.leaderEpoch)).toEqual({
        leaderEpoch: second.leaderEpoch,
        endOffset: 3,
      })
      expect(store.endOfEpoch(third, third.leaderEpoch)).toEqual({
        leaderEpoch: third.leaderEpoch,
        endOffset: 3,
      })
      expect(store.endOfEpoch(third, third.leaderEpoch + 1)).toBeNull()
      const epochs = [0, 1, 2].map((offset) => store.epochOf(third, offset))
      expect(epochs).toEqual([first, first, second.leaderEpoch])
    })

    it('shows logs that nobody created again, and sets them aside when asked', async () => {
      await append(await make(spec(TOPIC_A)), batchOf(['a']))
      await append(await make(spec(TOPIC_B)), batchOf(['b']))
      await world.crash()
      await make(spec(TOPIC_B))
      expect([...world.store.unclaimed()].map(({ topicId }) => topicId)).toEqual([TOPIC_A])
      await world.store.setAside(TOPIC_A)
      expect(world.store.find(TOPIC_A, 0)).toBeUndefined()
      await world.crash()
      expect(world.store.find(TOPIC_A, 0)).toBeUndefined()
      expect(await read(await make(spec(TOPIC_B)), 0)).toEqual(['b'])
    })
  })

  it('refuses appends after close', async () => {
    const log = await make(spec(TOPIC_A))
    await world.store.close()
    expect(await append(log, batchOf(['late']))).toEqual({ kind: 'failed', reason: 'stopping' })
    await world.store.close()
  })
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchOf, CONFIG, spec, TOPIC_A, TOPIC_B, valuesIn } from './contract.ts'
import type { AppendResult, PartitionLog } from './port.ts'
import { SimulatedLogStore } from './testing.ts'

let world: SimulatedLogStore

beforeEach(async () => {
  world = await SimulatedLogStore.create()
})
afterEach(() => world.dispose())

async function logOf(topicId: string, internal = false): Promise<PartitionLog> {
  await world.store.create([spec(topicId, 0, { internal })])
  const log = world.store.find(topicId, 0)
  if (log === undefined) throw new Error('no log')
  return log
}

function append(log: PartitionLog, value: string, acks: 'written' | 'durable' = 'durable') {
  return world.store.append([{ log, batch: batchOf([value]) }], { acks }).then(([first]) => first)
}

/** Lets time pass until the promise is settled. */
async function settled<Value>(promise: Promise<Value>): Promise<Value> {
  let isDone = false
  void promise.finally(() => {
    isDone = true
  })
  for (await world.advance(0); !isDone; await world.advance(50));
  return promise
}

async function readAll(log: PartitionLog): Promise<string[]> {
  const values: string[] = []
  for (let offset = log.logStartOffset; offset < log.highWatermark; offset++) {
    const result = await world.store.read([{ log, offset, maxBytes: 1 }], {
      maxBytes: 1,
      atLeastOne: true,
      isolation: 'uncommitted',
    })
    const [read] = result.partitions
    if (read?.kind === 'records') values.push(...valuesIn(read.pieces))
    result.release()
  }
  return values
}

type Refusal = (kind: string, path: string) => boolean

/** From now on the disk fails the calls that `hits` names, `times` times. */
function failDisk(code: 'EIO' | 'ENOSPC', hits: Refusal, times = Infinity): void {
  let left = times
  world.disk.plan = ({ kind, path }) => {
    if (left <= 0 || !hits(kind, path)) return { kind: 'proceed' }
    left--
    return { kind: 'error', code }
  }
}

describe('a journal file that fails', () => {
  it.each(['write', 'sync'])(
    'is given up at a failed %s; its frames are written again',
    async (call) => {
      const log = await logOf(TOPIC_A)
      await append(log, 'before')
      failDisk('EIO', (kind, path) => kind === call && path.endsWith('.journal'), 1)
      const results = await Promise.all(['a', 'b', 'c'].map((value) => append(log, value)))
      expect(results).toMatchObject([{ baseOffset: 1 }, { baseOffset: 2 }, { baseOffset: 3 }])
      expect(await append(log, 'after')).toMatchObject({ baseOffset: 4 })
      expect(world.store.diskState).toBe('ok')
      for (const kind of ['nothing', 'everything'] as const) {
        await world.crash({ kind })
        expect(await readAll(await logOf(TOPIC_A))).toEqual(['before', 'a', 'b', 'c', 'after'])
      }
    },
  )

  it('takes new files for all that was on its way, also when that was more than one', async () => {
    await world.dispose()
    world = await SimulatedLogStore.create({ limits: { hotWindowBytes: 1024 * 1024 } })
    const log = await logOf(TOPIC_A, true)
    const existing = await world.disk.list('/data/journal')
    // A write that takes long, then a sync that fails.
    world.disk.plan = ({ kind, path }) => {
      const isFailing = existing.some((name) => path.endsWith(name))
      if (isFailing && kind === 'sync') return { kind: 'error', code: 'EIO' }
      return { kind: 'proceed', delayMs: isFailing && kind === 'write' ? 5_000 : 0 }
    }
    const all = Promise.all(
      Array.from({ length: 60 }, (_, i) => append(log, `${i}`.padEnd(10_000, '.'))),
    )
    for (let step = 0; step < 100; step++) await world.advance(20)
    expect(world.store.stats.journal.filesInUse).toBeGreaterThan(4)
    await world.advance(30_000)
    const kinds = new Set((await all).map((result) => result?.kind))
    expect(kinds).toEqual(new Set(['appended']))
    expect(world.store.diskState).toBe('ok')
    await world.crash()
    expect(await readAll(await logOf(TOPIC_A))).toHaveLength(60)
  })

  it('stops the store when no file can be written any more', async () => {
    const log = await logOf(TOPIC_A)
    await append(log, 'safe')
    failDisk('EIO', (kind) => kind === 'sync')
    const batch = batchOf(['x'], { producer: { id: 5n, epoch: 0, baseSequence: 0 } })
    const unknown = [{ kind: 'failed', reason: 'unknown-outcome' }]
    const original = world.store.append([{ log, batch }], { acks: 'durable' })
    const retry = world.store.append([{ log, batch }], { acks: 'durable' })
    expect(await original).toEqual(unknown)
    expect(await retry).toEqual(unknown)
    expect(world.store.diskState).toBe('failed')
    expect(world.failure).toBeInstanceOf(Error)
    expect(log).toMatchObject({ endOffset: 1, highWatermark: 1 })
    expect(world.store.producers(log)).toEqual([])
    expect(await append(log, 'later')).toEqual({ kind: 'failed', reason: 'storage-error' })
    expect(await readAll(log)).toEqual(['safe'])
    await expect(world.store.trim(log, 1)).rejects.toThrow()
    world.disk.plan = () => ({ kind: 'proceed' })
    await world.restart()
    expect((await readAll(await logOf(TOPIC_A)))[0]).toBe('safe')
  })
})

describe('a segment file that fails', () => {
  it.each(['write', 'sync'])(
    'is given up at a failed %s; its batches go to a new one',
    async (call) => {
      const log = await logOf(TOPIC_A)
      const values = Array.from({ length: 40 }, (_, i) => `value ${i}`.padEnd(200, '.'))
      failDisk('EIO', (kind, path) => kind === call && path.endsWith('.log'), 1)
      for (const value of values) await append(log, value)
      await world.advance(90_000)
      expect(world.store.stats.flusher.distrustCount).toBe(1)
      expect(world.store.diskState).toBe('ok')
      expect(await readAll(log)).toEqual(values)
      await world.restart()
      expect(await readAll(await logOf(TOPIC_A))).toEqual(values)
      await world.crash()
      expect(await readAll(await logOf(TOPIC_A))).toEqual(values)
    },
  )
})

describe('an index file that fails', () => {
  it('is made anew from its segment, for those who read and for who goes on writing', async () => {
    const values = Array.from({ length: 300 }, (_, i) => `value ${i}`.padEnd(200, '.'))
    const before = await logOf(TOPIC_A)
    for (const value of values) await append(before, value)
    await world.restart()
    const log = await logOf(TOPIC_A)
    const path = `/data/topics/${TOPIC_A}/0/${'0'.repeat(20)}.index`
    expect(await world.disk.exists(path)).toBe(true)
    failDisk('EIO', (_, failing) => failing === path)
    await append(log, 'after')
    await world.advance(90_000)
    expect(await readAll(log)).toEqual([...values, 'after'])
    expect(world.store.stats.flusher.distrustCount).toBe(0)
    expect(world.store.diskState).toBe('ok')
  })
})

describe('files of a dropped topic that cannot be removed', () => {
  it("are in nobody's way, and not taken for those of a topic with the same id", async () => {
    await append(await logOf(TOPIC_A), 'old')
    await world.advance(30_000)
    failDisk('EIO', (kind) => kind === 'remove', 2)
    await world.store.drop(TOPIC_A)
    await world.advance(100)
    await expect(world.store.create([spec(TOPIC_A)])).rejects.toThrow('there still are files')
    await append(await logOf(TOPIC_A), 'new')
    await world.advance(90_000)
    for (let life = 0; life < 2; life++) {
      await world.crash()
      expect(await readAll(await logOf(TOPIC_A))).toEqual(['new'])
    }
  })
})

describe('a full disk', () => {
  it('refuses ordinary appends, goes on with the rest, and recovers by itself', async () => {
    const log = await logOf(TOPIC_A)
    const internal = await logOf(TOPIC_B, true)
    await append(log, 'before')
    world.disk.capacityBytes = 1024 * 1024
    await world.advance(2_000)
    expect(world.store.diskState).toBe('full')
    expect(await append(log, 'refused')).toEqual({ kind: 'failed', reason: 'disk-full' })
    expect(await append(internal, 'control')).toMatchObject({ kind: 'appended' })
    expect(await world.store.trim(log, 1)).toBe(1)
    world.disk.capacityBytes = 2 ** 40
    await world.advance(2_000)
    expect(world.store.diskState).toBe('ok')
    expect(await append(log, 'again')).toMatchObject({ baseOffset: 1 })
  })

  it('keeps the reserve of the journal for internal logs', async () => {
    const log = await logOf(TOPIC_A)
    const internal = await logOf(TOPIC_B, true)
    // No space for segments or more journal files, and nobody has noticed yet.
    failDisk(
      'ENOSPC',
      (kind, path) => kind === 'create' || (kind === 'write' && path.endsWith('.log')),
    )
    const answers: (AppendResult | undefined)[] = []
    for (let i = 0; i < 200; i++) {
      void append(log, 'x'.repeat(2000)).then((answer) => answers.push(answer))
    }
    await world.advance(1_000)
    expect(answers.length).toBeLessThan(200)
    for (let i = 0; i < 20; i++)
      expect(await append(internal, `${i}`)).toMatchObject({ baseOffset: i })
    world.disk.plan = () => ({ kind: 'proceed' })
    await world.advance(60_000)
    expect(answers.filter((answer) => answer?.kind === 'appended').length).toBe(200)
  })
})

describe('back-pressure', () => {
  it('lets appends wait, in order, and never takes more memory than allowed', async () => {
    const log = await logOf(TOPIC_A)
    const offsets: number[] = []
    const all = Promise.all(
      Array.from({ length: 300 }, async (_, i) => {
        const result = await append(log, `${i}`.padEnd(3_000, '.'))
        if (result?.kind === 'appended') offsets.push(result.baseOffset)
      }),
    )
    expect(world.store.stats.waitingAppends).toBeGreaterThan(0)
    for (let step = 0; step < 50; step++) {
      await world.advance(20)
      expect(world.store.stats.hotWindow.sizeBytes).toBeLessThanOrEqual(256 * 1024)
    }
    await settled(all)
    expect(offsets).toEqual(Array.from({ length: 300 }, (_, i) => i))
    expect(await readAll(log)).toHaveLength(300)
  })

  it('needs the bytes of the caller no longer than the call, also when it waits', async () => {
    const log = await logOf(TOPIC_A)
    const values = Array.from({ length: 300 }, (_, i) => `${i}`.padEnd(3_000, '.'))
    const all = Promise.all(
      values.map((value) => {
        const batch = batchOf([value])
        const answer = world.store.append([{ log, batch }], { acks: 'durable' })
        batch.fill(0)
        return answer
      }),
    )
    expect(world.store.stats.waitingAppends).toBeGreaterThan(0)
    await settled(all)
    expect(await readAll(log)).toEqual(values)
  })

  it('ends also where the journal is smaller than the window', async () => {
    await world.dispose()
    world = await SimulatedLogStore.create({ limits: { hotWindowBytes: 1024 * 1024 } })
    const log = await logOf(TOPIC_A)
    world.disk.plan = ({ kind }) => ({ kind: 'proceed', delayMs: kind === 'sync' ? 50 : 0 })
    const all = Promise.all(
      Array.from({ length: 80 }, (_, i) => append(log, `${i}`.padEnd(10_000, '.'))),
    )
    await world.advance(30_000)
    world.disk.plan = () => ({ kind: 'proceed' })
    expect(world.store.stats.waitingAppends).toBe(0)
    await all
  })

  it('does not keep the event loop busy with batches that are not durable yet', async () => {
    await world.dispose()
    world = await SimulatedLogStore.create({ limits: { hotWindowBytes: 1024 * 1024 } })
    const log = await logOf(TOPIC_A, true)
    // Files that are made meanwhile do not wait for the syncs of these.
    const slow = await world.disk.list('/data/journal')
    world.disk.plan = ({ kind, path }) => {
      const isSlow = kind === 'sync' && slow.some((name) => path.endsWith(name))
      return { kind: 'proceed', delayMs: isSlow ? 5_000 : 0 }
    }
    const { clock } = world.time
    const monotonicMs = clock.monotonicMs.bind(clock)
    let looks = 0
    clock.monotonicMs = () => {
      if (++looks > 50_000) throw new Error('it looks at the clock all the time')
      return monotonicMs()
    }
    const all = Promise.all(
      Array.from({ length: 80 }, (_, i) => append(log, `${i}`.padEnd(10_000, '.'))),
    )
    for (let step = 0; step < 100; step++) await world.advance(20)
    expect(world.store.stats.journal.pressure).toBe(1)
    expect(world.store.stats.journal.pendingFrames).toBeGreaterThan(0)
    world.disk.plan = () => ({ kind: 'proceed' })
    await world.advance(30_000)
    expect(await all).toHaveLength(80)
  })

  it('refuses a batch that no journal file can take', async () => {
    const log = await logOf(TOPIC_A)
    expect(await append(log, 'x'.repeat(200_000))).toEqual({
      kind: 'failed',
      reason: 'storage-error',
    })
    expect(await append(log, 'x'.repeat(100_000))).toMatchObject({
      kind: 'appended',
      baseOffset: 0,
    })
  })

  it('takes more than a chunk in one call, split or whole', async () => {
    const log = await logOf(TOPIC_A)
    const entries = Array.from({ length: 9 }, (_, i) => ({
      log,
      batch: batchOf([`${i}`.padEnd(10_000, '.')]),
    }))
    for (const atomic of [false, true]) {
      const results = await settled(world.store.append(entries, { acks: 'durable', atomic }))
      expect(results.map((result) => result.kind)).toEqual(entries.map(() => 'appended'))
    }
    expect(log.endOffset).toBe(18)
  })
})

describe('durability os', () => {
  it('shows records once they are written, and acknowledges them then', async () => {
    const config = { ...CONFIG, durability: 'os' as const }
    await world.store.create([spec(TOPIC_A, 0, { config })])
    const log = world.store.find(TOPIC_A, 0)
    if (log === undefined) throw new Error('no log')
    world.disk.plan = ({ kind }) => ({ kind: 'proceed', delayMs: kind === 'sync' ? 1_000 : 0 })
    let isDurable = false
    void append(log, 'b', 'durable').then(() => {
      isDurable = true
    })
    await settled(append(log, 'a', 'written'))
    expect([log.highWatermark, isDurable]).toEqual([2, false])
    world.disk.plan = () => ({ kind: 'proceed' })
    await world.advance(5_000)
  })
})

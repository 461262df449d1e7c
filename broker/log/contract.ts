import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeBatch, encodeEndTransactionMarker, RecordCursor } from '../../protocol/index.ts'
import type {
  AppendEntry,
  AppendOptions,
  AppendResult,
  LogConfig,
  LogStore,
  PartitionLog,
  PartitionSpec,
  ReadLimits,
  ReadResult,
} from './port.ts'

/** An engine under test. Time stands still unless `advance` moves it. */
export interface LogStoreUnderTest {
  store: LogStore
  /** Wall clock of the engine. */
  now(): number
  /** Lets time pass, and with it flushes, checkpoints and retention. */
  advance(durationMs: number): Promise<void>
  /** Closes the store and opens it again. */
  restart(): Promise<void>
  /** Ends the process without warning, as a power loss does, and opens the store again. */
  crash(): Promise<void>
  dispose(): Promise<void>
}

export const TOPIC_A = 'AAAAAAAAAAAAAAAAAAAAAQ'
export const TOPIC_B = 'AAAAAAAAAAAAAAAAAAAAAg'

export const CONFIG: LogConfig = {
  cleanup: { delete: true, compact: false },
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 4096,
  segmentMs: 7 * 86_400_000,
  deleteRetentionMs: 86_400_000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  minCleanableDirtyRatio: 0.5,
  timestampType: 'create',
  durability: 'disk',
}

export function spec(
  topicId: string,
  partition = 0,
  change: Partial<PartitionSpec> = {},
): PartitionSpec {
  return { topicId, partition, topicName: 'orders', config: CONFIG, internal: false, ...change }
}

interface ProducerFields {
  readonly id: bigint
  readonly epoch: number
  readonly baseSequence: number
}

/** A batch of records whose values are the given texts, one millisecond apart from `timeMs`. */
export function batchOf(
  values: readonly string[],
  options: { timeMs?: number; producer?: ProducerFields; transactional?: boolean } = {},
): Buffer {
  const records = values.map((value, index) => ({
    timestampMs: (options.timeMs ?? 1000) + index,
    key: null,
    value: Buffer.from(value),
  }))
  return encodeBatch(records, {
    ...(options.producer && { producer: options.producer }),
    ...(options.transactional && { isTransactional: true }),
  })
}

export function marker(
  kind: 'commit' | 'abort',
  id: bigint,
  epoch: number,
  coordinatorEpoch = 0,
): Buffer {
  return encodeEndTransactionMarker({ kind, coordinatorEpoch }, { id, epoch }, 5000)
}

const WHOLE: ReadLimits = { maxBytes: 1_000_000, atLeastOne: true, isolation: 'uncommitted' }

/** Values of the records that the pieces hold, control records left out. */
export function valuesIn(pieces: readonly Uint8Array[]): string[] {
  const bytes = Buffer.concat(pieces)
  const values: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const sizeBytes = 12 + bytes.readInt32BE(at + 8)
    const batch = bytes.subarray(at, at + sizeBytes)
    at += sizeBytes
    if ((batch.readInt16BE(21) & 0x20) !== 0) continue
    const cursor = new RecordCursor(batch)
    while (cursor.next()) values.push(cursor.value()?.toString() ?? '')
  }
  return values
}

/**
 * What every storage engine must do. `create` makes a fresh one.
 */
export function describeLogStore(name: string, create: () => Promise<LogStoreUnderTest>): void {
  describe(`log store: ${name}`, () => {
    let world: LogStoreUnderTest

    beforeEach(async () => {
      world = await create()
    })
    afterEach(() => world.dispose())

    const logOf = (topicId: string, partition = 0): PartitionLog => {
      const log = world.store.find(topicId, partition)
      if (log === undefined) throw new Error('no such log')
      return log
    }
    const make = async (...specs: PartitionSpec[]): Promise<PartitionLog> => {
      await world.store.create(specs)
      const [first] = specs
      if (first === undefined) throw new Error('no log asked for')
      return logOf(first.topicId, first.partition)
    }
    const append = async (
      log: PartitionLog,
      batch: Uint8Array,
      options: Partial<AppendOptions> = {},
      expectedOffset?: number,
    ): Promise<AppendResult> => {
      const entry = { log, batch, ...(expectedOffset !== undefined && { expectedOffset }) }
      const [result] = await world.store.append([entry], { acks: 'durable', ...options })
      if (result === undefined) throw new Error('no answer')
      return result
    }
    const read = async (
      log: PartitionLog,
      offset: number,
      limits: Partial<ReadLimits> = {},
      maxBytes = 1_000_000,
    ): Promise<string[]> => {
      const result = await world.store.read([{ log, offset, maxBytes }], { ...WHOLE, ...limits })
      const [partition] = result.partitions
      const values =
        partition?.kind === 'records' ? valuesIn(partition.pieces) : [partition?.kind ?? '']
      result.release()
      return values
    }
    /** Reads on until the end; engines may stop at borders of their own. Batches of one record only. */
    const readAll = async (log: PartitionLog, from: number): Promise<string[]> => {
      const seen: string[] = []
      while (from + seen.length < log.highWatermark)
        seen.push(...(await read(log, from + seen.length)))
      return seen
    }
    const fill = async (log: PartitionLog, count: number, sizeBytes = 100): Promise<string[]> => {
      const values = Array.from({ length: count }, (_, i) => `v${i}`.padEnd(sizeBytes, '.'))
      for (const value of values) {
        let isDone = false
        const pending = append(log, batchOf([value])).finally(() => {
          isDone = true
        })
        // One that waits for room needs time to pass.
        for (await world.advance(0); !isDone; await world.advance(100));
        await pending
      }
      return values
    }
    /** Long enough for everything to be in segments. */
    const flush = (): Promise<void> => world.advance(60_000)

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
        expect(results).toEqual([
          { kind: 'refused-with-others' },
          { kind: 'out-of-order-sequence' },
        ])
        expect(log.endOffset).toBe(1)
        const next = batchOf(['b'], { producer: { ...producer, baseSequence: 1 } })
        expect(await append(log, next)).toMatchObject({ kind: 'appended', baseOffset: 1 })
        expect(await read(log, 0)).toEqual(['a', 'b'])
      })
    })

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
  })
}

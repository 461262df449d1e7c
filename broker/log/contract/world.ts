import { afterEach, beforeEach } from 'vitest'
import type {
  AppendOptions,
  AppendResult,
  LogStore,
  PartitionLog,
  PartitionSpec,
  ReadLimits,
} from '../port.ts'
import { batchOf, valuesIn, WHOLE } from './samples.ts'

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

/** The engine of the test that runs, and what tests do with it again and again. */
export interface World extends Omit<LogStoreUnderTest, 'dispose'> {
  logOf(topicId: string, partition?: number): PartitionLog
  /** Creates logs, and answers the first. */
  make(...specs: PartitionSpec[]): Promise<PartitionLog>
  append(
    log: PartitionLog,
    batch: Uint8Array,
    options?: Partial<AppendOptions>,
    expectedOffset?: number,
  ): Promise<AppendResult>
  /** Values of the records from `offset` on, or the kind of answer that has none. */
  read(
    log: PartitionLog,
    offset: number,
    limits?: Partial<ReadLimits>,
    maxBytes?: number,
  ): Promise<string[]>
  /** Reads on until the end; engines may stop at borders of their own. Batches of one record only. */
  readAll(log: PartitionLog, from: number): Promise<string[]>
  /** Appends `count` records one by one, and answers their values. */
  fill(log: PartitionLog, count: number, sizeBytes?: number): Promise<string[]>
  /** Long enough for everything to be in segments. */
  flush(): Promise<void>
}

/** A fresh engine for each test of the `describe` that this is called in. */
export function worldOf(create: () => Promise<LogStoreUnderTest>): World {
  let current: LogStoreUnderTest | undefined
  beforeEach(async () => {
    current = await create()
  })
  afterEach(() => current?.dispose())
  const engine = (): LogStoreUnderTest => {
    if (current === undefined) throw new Error('no test runs')
    return current
  }

  const logOf = (topicId: string, partition = 0): PartitionLog => {
    const log = engine().store.find(topicId, partition)
    if (log === undefined) throw new Error('no such log')
    return log
  }

  const make = async (...specs: PartitionSpec[]): Promise<PartitionLog> => {
    await engine().store.create(specs)
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
    const [result] = await engine().store.append([entry], { acks: 'durable', ...options })
    if (result === undefined) throw new Error('no answer')
    return result
  }

  const read = async (
    log: PartitionLog,
    offset: number,
    limits: Partial<ReadLimits> = {},
    maxBytes = 1_000_000,
  ): Promise<string[]> => {
    const result = await engine().store.read([{ log, offset, maxBytes }], { ...WHOLE, ...limits })
    const [partition] = result.partitions
    const values =
      partition?.kind === 'records' ? valuesIn(partition.pieces) : [partition?.kind ?? '']
    result.release()
    return values
  }

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
      for (await engine().advance(0); !isDone; await engine().advance(100));
      await pending
    }
    return values
  }

  const flush = (): Promise<void> => engine().advance(60_000)

  return {
    get store() {
      return engine().store
    },
    now: () => engine().now(),
    advance: (durationMs) => engine().advance(durationMs),
    restart: () => engine().restart(),
    crash: () => engine().crash(),
    ...{ logOf, make, append, read, readAll, fill, flush },
  }
}

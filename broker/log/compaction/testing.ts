import type { Uuid } from '../../../kit/index.ts'
import { silentLogger, uuidFromBytes } from '../../../kit/index.ts'
import type { SimDisk, SimTime } from '../../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../../kit/testing.ts'
import type { BatchOptions } from '../../../protocol/index.ts'
import {
  batchesIn,
  batchHeader,
  decodeRecords,
  encodeBatch,
  encodeEndTransactionMarker,
  readEndTransactionMarker,
} from '../../../protocol/index.ts'
import { inlineJournalDevice } from '../journal/inline-device.ts'
import { openLogStore } from '../open-log-store.ts'
import type { LogStoreLimits } from '../options.ts'
import type { Partition } from '../partition/partition.ts'
import type { AbortedTransaction, AppendResult, LogConfig, PartitionLog } from '../port.ts'
import { segmentFileName } from '../segments/segment.ts'
import { Store } from '../store.ts'
import type { CleanerSettings } from './cleaner-settings.ts'

const SMALL_LIMITS: Partial<LogStoreLimits> = {
  chunkBytes: 16_384,
  hotWindowBytes: 131_072,
  hotWindowReserveBytes: 32_768,
  journalFileBytes: 32_768,
  journalMaxFiles: 6,
  journalReserveFiles: 1,
  flushIntervalMs: 1_000,
  flushWriteBytes: 8_192,
  flushSyncBytes: 1_024,
  checkpointIntervalMs: 4_000,
  indexIntervalBytes: 256,
  readChunkBytes: 512,
  minFreeBytes: 65_536,
  freeSpaceCheckMs: 1_000,
  retentionCheckMs: 3_600_000,
}

const TOPIC: Uuid = uuidFromBytes(Buffer.alloc(16, 7))

/** Everything is cleaned as soon as it may be, and little makes a segment. */
export const COMPACTED: LogConfig = {
  cleanup: { delete: false, compact: true },
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 512,
  segmentMs: 3_600_000,
  deleteRetentionMs: 60_000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  minCleanableDirtyRatio: 0,
  timestampType: 'create',
  durability: 'disk',
}

export interface KeyedRecord {
  readonly key: string | null
  readonly value: string | null
  readonly timestampMs?: number
}

export interface FoundRecord {
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
}

type Appended = Extract<AppendResult, { kind: 'appended' }>

export interface Read {
  readonly batches: readonly Buffer[]
  readonly aborted: readonly AbortedTransaction[]
}

/** Thrown out of a script when the simulated disk ended its process. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded'
}

/** Settings with which nothing is cleaned before a test asks for it. */
const BY_HAND: Partial<CleanerSettings> = { backoffMs: 10 ** 12 }

/** One compacted log in a storage engine on a simulated disk. */
export class CompactedLog {
  readonly disk: SimDisk
  readonly time: SimTime
  config: LogConfig
  readonly #settings: Partial<CleanerSettings>
  #store: Store | undefined
  #hasEnded = false

  constructor(
    options: {
      readonly config?: Partial<LogConfig>
      readonly settings?: Partial<CleanerSettings>
      readonly disk?: SimDisk
      readonly time?: SimTime
    } = {},
  ) {
    this.time = options.time ?? createSimTime()
    this.disk = options.disk ?? createSimDisk({ seed: 1 })
    this.config = { ...COMPACTED, ...options.config }
    this.#settings = { ...BY_HAND, ...options.settings }
    void this.disk.stopped.then(() => {
      this.#hasEnded = true
    })
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error('the store is not open')
    return this.#store
  }

  get log(): PartitionLog {
    const log = this.store.find(TOPIC, 0)
    if (log === undefined) throw new Error('the log is not there')
    return log
  }

  async open(): Promise<this> {
    const { store } = await this.drive(
      openLogStore({
        directory: '/data',
        disk: this.disk,
        clock: this.time.clock,
        timers: this.time.timers,
        logger: silentLogger,
        journalDevice: inlineJournalDevice(this.disk),
        limits: SMALL_LIMITS,
        cleaner: this.#settings,
      }),
    )
    if (!(store instanceof Store)) throw new Error('another engine')
    this.#store = store
    await this.store.create([
      { topicId: TOPIC, partition: 0, topicName: 'table', internal: false, config: this.config },
    ])
    return this
  }

  async close(): Promise<void> {
    await this.drive(this.store.close())
    this.#store = undefined
  }

  configure(config: Partial<LogConfig>): void {
    this.config = { ...this.config, ...config }
    this.store.configure(TOPIC, this.config)
  }

  append(records: readonly KeyedRecord[], options: BatchOptions = {}): Promise<Appended> {
    const nowMs = this.time.clock.now()
    const batch = encodeBatch(
      records.map(({ key, value, timestampMs = nowMs }) => ({
        timestampMs,
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
      })),
      options,
    )
    return this.appendBatch(batch)
  }

  /** Ends the producer's transaction. */
  mark(kind: 'commit' | 'abort', producer: { id: bigint; epoch: number }): Promise<Appended> {
    const marker = { kind, coordinatorEpoch: 1 } as const
    return this.appendBatch(encodeEndTransactionMarker(marker, producer, this.time.clock.now()))
  }

  async appendBatch(batch: Uint8Array): Promise<Appended> {
    const results = await this.drive(
      this.store.append([{ log: this.log, batch }], { acks: 'durable' }),
    )
    const result = results[0]
    if (result?.kind !== 'appended') throw new Error(`not appended: ${JSON.stringify(result)}`)
    return result
  }

  /** Takes everything to segment files, and closes the last one, so that all of it may be cleaned. */
  async roll(): Promise<void> {
    await this.flush()
    const { segmentMs } = this.config
    this.configure({ segmentMs: 0 })
    await this.append([{ key: 'roll', value: 'roll' }])
    await this.flush()
    this.configure({ segmentMs })
  }

  async flush(): Promise<void> {
    await this.sleep(4_000)
  }

  async sleep(durationMs: number): Promise<void> {
    for (let sleptMs = 0; sleptMs < durationMs; sleptMs += 1_000) {
      await this.time.advance(Math.min(1_000, durationMs - sleptMs))
      if (this.#hasEnded) throw new ProcessEnded()
    }
  }

  async clean(): Promise<void> {
    await this.drive(this.store.cleaner.cleanAll())
  }

  /** Checkpoints come with time. */
  async checkpoint(): Promise<void> {
    await this.sleep(6_000)
  }

  /** Names of the files that its segments should have. */
  segmentFiles(): string[] {
    const { segments } = this.log as Partition
    return segments.map(({ baseOffset, generation }) =>
      segmentFileName(baseOffset, generation, 'log'),
    )
  }

  /** Names of the files in the log's directory. */
  files(): Promise<string[]> {
    return this.drive(this.disk.list(`/data/topics/${TOPIC}/0`))
  }

  /** What a reader who begins at `offset` and goes on to the end is given, one read after the other. */
  async readsFrom(
    offset: number,
    isolation: 'committed' | 'uncommitted' = 'uncommitted',
  ): Promise<Read[]> {
    const reads: Read[] = []
    const endOffset = isolation === 'committed' ? this.log.lastStableOffset : this.log.highWatermark
    for (let next = offset; next < endOffset; ) {
      const result = await this.drive(
        Promise.resolve(
          this.store.read([{ log: this.log, offset: next, maxBytes: 700 }], {
            maxBytes: 700,
            atLeastOne: true,
            isolation,
          }),
        ),
      )
      const [partition] = result.partitions
      if (partition?.kind !== 'records') throw new Error(`${partition?.kind} at ${next}`)
      const batches = partition.pieces
        .flatMap((piece) => [...batchesIn(piece)])
        .map((batch) => Buffer.from(batch))
      result.release()
      const last = batches.at(-1)
      if (last === undefined) throw new Error(`nothing at ${next}, the end is ${endOffset}`)
      reads.push({ batches, aborted: partition.abortedTransactions })
      next = batchHeader.lastOffset(last) + 1
    }
    return reads
  }

  async batchesFrom(offset: number): Promise<Buffer[]> {
    return (await this.readsFrom(offset)).flatMap((read) => read.batches)
  }

  /** All records from `offset` on, but for transaction markers. */
  async recordsFrom(offset: number): Promise<FoundRecord[]> {
    const batches = await this.batchesFrom(offset)
    return batches.flatMap((batch) => recordsIn(batch)).filter((record) => record.offset >= offset)
  }

  /** What a consumer with isolation.level=read_committed hands out. */
  async committedFrom(offset: number): Promise<FoundRecord[]> {
    const reads = await this.readsFrom(offset, 'committed')
    return reads.flatMap(committedIn).filter((record) => record.offset >= offset)
  }

  /** What a reader makes of the log: the latest value of each key that has one. */
  async table(offset = 0): Promise<Record<string, string>> {
    return tableOf(await this.committedFrom(offset))
  }

  /** Runs simulated time until the work is done. */
  async drive<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false
    const done = work.finally(() => {
      isDone = true
    })
    // Whoever awaits the work below hears of its failure.
    done.catch(() => {})
    for (let steps = 0; !isDone; steps++) {
      if (steps > 5_000) throw new Error('never done')
      await this.time.settle()
      if (this.#hasEnded) throw new ProcessEnded()
      if (!isDone && steps > 3) await this.time.advance(steps < 50 ? 1 : 100)
    }
    return done
  }
}

/** Follows the aborted transactions of one Fetch response, as the clients do (KIP-98). */
function committedIn({ batches, aborted }: Read): FoundRecord[] {
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const open = new Set<bigint>()
  return batches.flatMap((batch) => {
    const producerId = batchHeader.producerId(batch)
    while ((waiting[0]?.firstOffset ?? Infinity) <= batchHeader.lastOffset(batch)) {
      open.add(waiting.shift()?.producerId ?? -1n)
    }
    if (batchHeader.isControl(batch)) {
      if (isAbortMarker(batch)) open.delete(producerId)
      return []
    }
    return batchHeader.isTransactional(batch) && open.has(producerId) ? [] : recordsIn(batch)
  })
}

function isAbortMarker(batch: Buffer): boolean {
  const [record] = decodeRecords(batch)
  if (record === undefined) return false
  return readEndTransactionMarker(record.key, record.value)?.kind === 'abort'
}

/** The latest value of each key that has one, in the order of the keys. */
export function tableOf(
  records: readonly { readonly key: string | null; readonly value: string | null }[],
): Record<string, string> {
  const table = new Map<string, string>()
  for (const { key, value } of records) {
    if (value === null) table.delete(key ?? '')
    else table.set(key ?? '', value)
  }
  return Object.fromEntries([...table].sort(([a], [b]) => (a < b ? -1 : 1)))
}

export function recordsIn(batch: Buffer): FoundRecord[] {
  if (batchHeader.isControl(batch)) return []
  return [...decodeRecords(batch)].map(({ offset, key, value }) => ({
    offset,
    key: key?.toString() ?? null,
    value: value?.toString() ?? null,
  }))
}

/** Thirty records of three keys, each in a batch of its own; all in closed segments. */
export async function fill(log: CompactedLog, first = 0): Promise<void> {
  for (let i = first; i < first + 30; i++) {
    await log.append([{ key: `k${i % 3}`, value: `${i}-${'x'.repeat(40)}` }])
  }
  await log.roll()
}

export async function offsetsIn(log: CompactedLog): Promise<number[]> {
  return (await log.recordsFrom(0)).map((record) => record.offset)
}

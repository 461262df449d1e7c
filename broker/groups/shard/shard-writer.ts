import type { Clock } from '../../../kit/index.ts'
import type { ErrorName } from '../../../protocol/index.ts'
import { BATCH_HEADER_BYTES, BatchBuilder, ProtocolError } from '../../../protocol/index.ts'
import type { GroupAppend } from '../../control/index.ts'
import type { AppendEntry, AppendResult, LogStore, PartitionLog } from '../../log/index.ts'
import type { GroupConfig } from '../group-config.ts'
import type { CoordinatorRecord, EncodedRecord } from '../records/coordinator-record.ts'
import { encodeRecord } from '../records/coordinator-record.ts'

/** What became of the records of one decision. */
export type WriteOutcome =
  | { readonly kind: 'durable' }
  /** Nothing was written; the coordinator goes on. */
  | { readonly kind: 'refused'; readonly error: ErrorName }
  /** The log has moved without this coordinator, or may have: what it knows cannot be trusted. */
  | { readonly kind: 'lost' }

export interface WriteCounters {
  appends: number
  appendedRecords: number
  failedAppends: number
}

/** Appends a write's batches, each with the offset that it expects; as `LogStore.append` does. */
export type AppendRecords = (entries: readonly AppendEntry[]) => Promise<GroupAppend>

interface Write {
  readonly records: readonly EncodedRecord[]
  readonly sizeBytes: number
  /** A write that has one goes alone. */
  readonly append: AppendRecords | undefined
  readonly done: (outcome: WriteOutcome) => void
}

/** More than a record takes besides its key and value: lengths, deltas, attributes. */
const RECORD_OVERHEAD_BYTES = 32
/** How much waiting work one append takes along. */
const MAX_APPEND_BYTES = 4 * 1024 * 1024

/**
 * The one place that writes to a shard's partition. One append is under way at a time; what arrives
 * meanwhile goes with the next, in order (group commit). Each append says where it expects the log
 * to end, so that two coordinators of one partition can never both write.
 */
export class ShardWriter {
  readonly #store: LogStore
  readonly #log: PartitionLog
  readonly #clock: Clock
  readonly #config: Pick<GroupConfig, 'maxBatchBytes'>
  readonly #counters: WriteCounters
  readonly #waiting: Write[] = []
  #nextOffset: number
  #isAppending = false
  #isLost = false
  #onIdle: (() => void)[] = []

  constructor(
    store: LogStore,
    log: PartitionLog,
    nextOffset: number,
    options: {
      readonly clock: Clock
      readonly config: Pick<GroupConfig, 'maxBatchBytes'>
      readonly counters: WriteCounters
    },
  ) {
    this.#store = store
    this.#log = log
    this.#nextOffset = nextOffset
    this.#clock = options.clock
    this.#config = options.config
    this.#counters = options.counters
  }

  /** `done` is called once, when the records are durable or never will be. All of them or none. */
  write(
    records: readonly CoordinatorRecord[],
    append: AppendRecords | undefined,
    done: (outcome: WriteOutcome) => void,
  ): void {
    if (this.#isLost) {
      done({ kind: 'lost' })
      return
    }
    const encoded = encodeAll(records)
    const maxRecordBytes = this.#config.maxBatchBytes - BATCH_HEADER_BYTES
    if (encoded === null || encoded.some((record) => sizeOf(record) > maxRecordBytes)) {
      // A group so large that its metadata fits no batch; Kafka answers the same.
      done({ kind: 'refused', error: 'UNKNOWN_SERVER_ERROR' })
      return
    }
    const sizeBytes = encoded.reduce((sum, record) => sum + sizeOf(record), 0)
    this.#waiting.push({ records: encoded, sizeBytes, append, done })
    if (!this.#isAppending) void this.#appendAll()
  }

  /** Resolves when nothing is being written. */
  idle(): Promise<void> {
    if (!this.#isAppending) return Promise.resolve()
    return new Promise((resolve) => this.#onIdle.push(resolve))
  }

  async #appendAll(): Promise<void> {
    this.#isAppending = true
    while (this.#waiting.length > 0) {
      const writes = this.#takeWrites()
      const outcome = this.#isLost ? { kind: 'lost' as const } : await this.#append(writes)
      if (outcome.kind !== 'durable') this.#counters.failedAppends++
      for (const { done } of writes) done(outcome)
    }
    this.#isAppending = false
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }

  #takeWrites(): readonly Write[] {
    let count = 0
    let sizeBytes = 0
    for (const write of this.#waiting) {
      const isAlone = write.append !== undefined
      if (count > 0 && (isAlone || sizeBytes + write.sizeBytes > MAX_APPEND_BYTES)) break
      sizeBytes += write.sizeBytes
      count++
      if (isAlone) break
    }
    return this.#waiting.splice(0, count)
  }

  async #append(writes: readonly Write[]): Promise<WriteOutcome> {
    const records = writes.flatMap((write) => write.records)
    const batches = this.#batches(records)
    let expectedOffset = this.#nextOffset
    const entries = batches.map(({ recordCount, batch }) => {
      const entry = { log: this.#log, batch, expectedOffset }
      expectedOffset += recordCount
      return entry
    })
    const failure = await this.#appendEntries(entries, writes[0]?.append)
    if (failure !== null) return failure
    this.#nextOffset = expectedOffset
    this.#counters.appends++
    this.#counters.appendedRecords += records.length
    return { kind: 'durable' }
  }

  /** Null when they are durable. */
  async #appendEntries(
    entries: readonly AppendEntry[],
    append: AppendRecords | undefined,
  ): Promise<WriteOutcome | null> {
    if (!append) {
      const results = await this.#store.append(entries, { acks: 'durable', atomic: true })
      const failure = results.find((result) => result.kind !== 'appended')
      return failure ? this.#failed(failure) : null
    }
    const outcome = await append(entries)
    if (outcome === 'durable') return null
    if (outcome === 'refused') return { kind: 'refused', error: 'COORDINATOR_NOT_AVAILABLE' }
    this.#isLost = true
    return { kind: 'lost' }
  }

  #batches(
    records: readonly EncodedRecord[],
  ): { readonly recordCount: number; readonly batch: Buffer }[] {
    const timestampMs = this.#clock.now()
    const maxBytes = this.#config.maxBatchBytes
    const builders: BatchBuilder[] = []
    let open: BatchBuilder | undefined
    for (const record of records) {
      if (!open || open.sizeBytes + sizeOf(record) > maxBytes) {
        open = new BatchBuilder()
        builders.push(open)
      }
      open.append({ timestampMs, key: record.key, value: record.value })
    }
    return builders.map((builder) => ({
      recordCount: builder.recordCount,
      batch: builder.build(),
    }))
  }

  #failed(result: AppendResult): WriteOutcome {
    if (result.kind === 'failed') {
      if (result.reason === 'disk-full') {
        return { kind: 'refused', error: 'COORDINATOR_NOT_AVAILABLE' }
      }
      if (result.reason === 'storage-error') return { kind: 'refused', error: 'NOT_COORDINATOR' }
    }
    this.#isLost = true
    return { kind: 'lost' }
  }
}

/** Null when a text is longer than the format can hold: nothing of the decision is written then. */
function encodeAll(records: readonly CoordinatorRecord[]): readonly EncodedRecord[] | null {
  try {
    return records.map(encodeRecord)
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}

function sizeOf({ key, value }: EncodedRecord): number {
  return RECORD_OVERHEAD_BYTES + key.length + (value?.length ?? 0)
}

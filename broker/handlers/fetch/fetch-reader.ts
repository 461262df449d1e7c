import { batchesIn, batchHeader } from '../../../protocol/index.ts'
import type { LogStore, PartitionLog, ReadLimits, ReadResult } from '../../log/index.ts'
import type { FetchMemory } from './fetch-memory.ts'
import type { FetchTarget } from './fetch-target.ts'
import type { PartitionFetch } from './partition-fetch.ts'
import { fetchOf, isConverted } from './partition-fetch.ts'

/** A partition of a request that can be read. */
export interface Readable {
  readonly target: FetchTarget
  readonly log: PartitionLog
  /** Beyond the target's own offset once batches were passed that the client cannot be shown. */
  offset: number
  readonly maxBytes: number
}

/** What one reading of all partitions gave. */
export interface FetchAttempt {
  /** One for each partition that was read, in their order. */
  readonly partitions: readonly PartitionFetch[]
  readonly sizeBytes: number
  readonly hasError: boolean
  /** Batches were passed of which the client can be shown nothing: more may lie behind them. */
  readonly hasSkipped: boolean
  /** There is more to read at once: the limits, not the logs, ended the reading. */
  isCutShort(): boolean
  /** Call exactly once, when nobody needs the records any more. */
  release(): void
}

export interface FetchReaderOptions {
  readonly store: LogStore
  readonly memory: FetchMemory
  readonly apiVersion: number
  readonly maxBytes: number
  readonly isolation: ReadLimits['isolation']
}

/** Bytes of records that one request of an old client may have converted (see KIP-283). */
const MAX_CONVERTED_BYTES = 8 * 1024 * 1024

/** Reads the partitions of one Fetch request, as often as the request needs it. */
export class FetchReader {
  readonly #options: FetchReaderOptions
  readonly #readable: readonly Readable[]
  readonly #maxBytes: number

  constructor(readable: readonly Readable[], options: FetchReaderOptions) {
    this.#options = options
    this.#readable = readable
    const cap = isConverted(options.apiVersion) ? MAX_CONVERTED_BYTES : options.maxBytes
    this.#maxBytes = Math.max(0, Math.min(options.maxBytes, cap))
  }

  /** Answers at once when all of it is in memory. */
  read(): FetchAttempt | Promise<FetchAttempt> {
    if (this.#readable.length === 0) return NOTHING
    const { store, memory, isolation } = this.#options
    const granted = memory.take(this.#maxBytes)
    const read = store.read(this.#readable, { maxBytes: granted, atLeastOne: true, isolation })
    if (!(read instanceof Promise)) return this.#attempt(read, granted)
    return read.then(
      (result) => this.#attempt(result, granted),
      (cause) => {
        memory.give(granted)
        throw cause
      },
    )
  }

  #attempt(read: ReadResult, granted: number): FetchAttempt {
    const { apiVersion, memory } = this.#options
    let sizeBytes = 0
    let hasError = false
    let hasSkipped = false
    const partitions = this.#readable.map((readable, index): PartitionFetch => {
      const partition = read.partitions[index] ?? NO_ANSWER
      const fetched = fetchOf(partition, apiVersion, readable.offset, readable.maxBytes)
      sizeBytes += fetched.sizeBytes
      if (fetched.error !== 'NONE') hasError = true
      if (fetched.skipToOffset > readable.offset) {
        readable.offset = fetched.skipToOffset
        hasSkipped = true
      }
      return fetched
    })
    // Converted records are copies, so the log's memory can go back at once.
    if (isConverted(apiVersion)) read.release()
    memory.settle(granted, sizeBytes)
    return {
      ...{ partitions, sizeBytes, hasError, hasSkipped },
      isCutShort: () => partitions.some((fetched, index) => this.#hasMore(fetched, index)),
      release: () => {
        memory.give(sizeBytes)
        if (!isConverted(apiVersion)) read.release()
      },
    }
  }

  #hasMore(fetched: PartitionFetch, index: number): boolean {
    const { apiVersion, isolation } = this.#options
    if (fetched.error !== 'NONE') return false
    // Where a message set of an old client ends is not worth the search: it has got something.
    if (isConverted(apiVersion)) return fetched.sizeBytes > 0
    const end = isolation === 'committed' ? fetched.lastStableOffset : fetched.highWatermark
    return endOf(fetched.records, this.#readable[index]?.offset ?? end) < end
  }
}

/** The offset after the last batch of what was read from `offset`. */
function endOf(pieces: readonly Uint8Array[], offset: number): number {
  let end = offset
  const last = pieces.at(-1)
  if (last) for (const batch of batchesIn(last)) end = batchHeader.lastOffset(batch) + 1
  return end
}

const NO_ANSWER = { kind: 'failed', reason: 'storage-error' } as const

const NOTHING: FetchAttempt = {
  ...{ partitions: [], sizeBytes: 0, hasError: false, hasSkipped: false },
  isCutShort: () => false,
  release: () => {},
}

import { RecordCursor, RecordsError } from '../../../protocol/index.ts'
import { baseOffset, isControl, lastOffset } from '../batch.ts'
import { hashKey, KEY_HASH_WORDS } from './key-hash.ts'
import type { OffsetMap } from './offset-map.ts'
import type { Slices } from './slices.ts'
import type { TransactionTraces } from './transaction-traces.ts'

/** Records after which it is looked at the clock. */
const RECORDS_PER_LOOK = 32

/**
 * Fills the map with the latest offset of each key, from batches given in the order of the log.
 * Records of aborted transactions replace nothing, nor do those that nobody can decode.
 */
export class MapBuilder {
  readonly #map: OffsetMap
  readonly #traces: TransactionTraces
  readonly #slices: Slices
  readonly #hash = new Uint32Array(KEY_HASH_WORDS)
  /** First offset whose key is not in the map. */
  mappedOffset: number

  constructor(map: OffsetMap, traces: TransactionTraces, slices: Slices, fromOffset: number) {
    this.#map = map
    this.#traces = traces
    this.#slices = slices
    this.mappedOffset = fromOffset
  }

  /** False when the map has no room for a key; `mappedOffset` then is that record's. */
  async add(batch: Buffer): Promise<boolean> {
    const nextOffset = lastOffset(batch, 0) + 1
    if (nextOffset <= this.mappedOffset) return true
    const isData = !isControl(batch, 0) && !this.#traces.isAborted(batch, baseOffset(batch, 0))
    // Half of a batch must not replace what readers can still read, when they cannot read the other.
    if (isData && (await this.#isDecodable(batch)) && !(await this.#addRecords(batch))) return false
    this.mappedOffset = nextOffset
    return true
  }

  async #addRecords(batch: Buffer): Promise<boolean> {
    const cursor = new RecordCursor(batch)
    for (let count = 1; cursor.next(); count++) {
      const key = cursor.key()
      if (key !== null && cursor.offset >= this.mappedOffset) {
        hashKey(key, this.#hash)
        if (!this.#map.put(this.#hash, cursor.offset)) {
          this.mappedOffset = cursor.offset
          return false
        }
      }
      if (count % RECORDS_PER_LOOK === 0 && this.#slices.isOver) await this.#slices.rest()
    }
    return true
  }

  async #isDecodable(batch: Buffer): Promise<boolean> {
    try {
      const cursor = new RecordCursor(batch)
      for (let count = 1; cursor.next(); count++) {
        if (count % RECORDS_PER_LOOK === 0 && this.#slices.isOver) await this.#slices.rest()
      }
      return true
    } catch (error) {
      if (error instanceof RecordsError) return false
      throw error
    }
  }
}

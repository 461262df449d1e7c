import { baseOffset, maxTimestamp } from '../batch.ts'
import { DEFAULT_LOG_STORE_LIMITS } from '../options.ts'
import { SegmentIndex } from '../segments/offset-index.ts'

/** Makes the content of a segment's index file out of the batches as they pass by. */
export class SegmentIndexer {
  readonly #index = new SegmentIndex()
  readonly #intervalBytes = DEFAULT_LOG_STORE_LIMITS.indexIntervalBytes
  #maxTimestampMs = -1

  /** The batch at `at` of `bytes`, which begins at `position` of the segment. */
  add(bytes: Buffer, at: number, position: number): void {
    this.#maxTimestampMs = Math.max(this.#maxTimestampMs, maxTimestamp(bytes, at))
    const { count, lastPosition } = this.#index
    if (count > 0 && position - lastPosition < this.#intervalBytes) return
    this.#index.add(baseOffset(bytes, at), position, this.#maxTimestampMs)
  }

  encode(): Buffer {
    return this.#index.encode(0)
  }
}

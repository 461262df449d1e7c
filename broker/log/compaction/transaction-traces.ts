import { hasProducerId, isControl, isTransactional } from '../batch.ts'
import type { ProducerKey } from '../partition/producer-key.ts'
import { producerKeyOf } from '../partition/producer-key.ts'
import type { AbortedRange } from '../partition/transaction-index.ts'

interface RangeTrace {
  readonly range: AbortedRange
  /** A batch of it is still in the log. */
  hasBatches: boolean
}

/**
 * Follows the transactions of a log while its batches are read in order: which records were aborted,
 * and which markers have outlived their transaction. A marker may go only when no batch of its
 * transaction was there any more (KIP-98, KIP-534): as long as one is, a reader might need it.
 */
export class TransactionTraces {
  readonly #aborted = new Map<ProducerKey, RangeTrace[]>()
  /** Producers of which batches came that no marker has followed yet. */
  readonly #committing = new Set<ProducerKey>()
  readonly #forgotten: AbortedRange[] = []

  /** `aborted`: every aborted transaction with records in what will be read, in the order of the markers. */
  constructor(aborted: readonly AbortedRange[]) {
    for (const range of aborted) {
      const traces = this.#aborted.get(range.producer)
      const trace = { range, hasBatches: false }
      if (traces === undefined) this.#aborted.set(range.producer, [trace])
      else traces.push(trace)
    }
  }

  /** Whether the batch, which is no control batch, holds records that were aborted. */
  isAborted(batch: Uint8Array, baseOffset: number): boolean {
    if (!isTransactional(batch, 0) || !hasProducerId(batch, 0) || isControl(batch, 0)) return false
    const key = producerKeyOf(batch, 0)
    const trace = this.#traceAt(key, baseOffset)
    if (trace === undefined) {
      this.#committing.add(key)
      return false
    }
    trace.hasBatches = true
    return true
  }

  /** Whether nothing of the marker's transaction came before it. */
  isMarkerAlone(batch: Uint8Array, baseOffset: number): boolean {
    const key = producerKeyOf(batch, 0)
    const trace = this.#traceAt(key, baseOffset)
    if (trace !== undefined) return !trace.hasBatches
    return !this.#committing.delete(key)
  }

  /** The marker's records are gone for good: nobody needs to know of the transaction. */
  markerGone(batch: Uint8Array, baseOffset: number): void {
    const trace = this.#traceAt(producerKeyOf(batch, 0), baseOffset)
    if (trace !== undefined && !trace.hasBatches) this.#forgotten.push(trace.range)
  }

  /** Aborted transactions of which nothing is left, since the last time this was asked. */
  takeForgotten(): readonly AbortedRange[] {
    return this.#forgotten.splice(0)
  }

  /** A producer's transactions follow each other, so at most one holds the offset. */
  #traceAt(key: ProducerKey, offset: number): RangeTrace | undefined {
    const traces = this.#aborted.get(key)
    if (traces === undefined) return undefined
    let low = 0
    let high = traces.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((traces[middle]?.range.lastOffset ?? Infinity) >= offset) high = middle
      else low = middle + 1
    }
    const trace = traces[low]
    return trace !== undefined && trace.range.firstOffset <= offset ? trace : undefined
  }
}

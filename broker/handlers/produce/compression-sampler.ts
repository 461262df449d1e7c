import { batchHeader, recompressBatch } from '../../../protocol/index.ts'

/** What is kept of the batches of one topic that were looked at. */
export interface CompressionSamples {
  /** What they take, and what they would take without compression. */
  sampledBytes: number
  sampledPlainBytes: number
  /** When the next one may be looked at. */
  nextSampleMs: number
}

/** A topic is looked at so often at most, and all of them together so many times a second. */
const TOPIC_PERIOD_MS = 10_000
const PERIOD_MS = 1_000
const MAX_PER_PERIOD = 5
/** Larger batches are not looked at: the time that it takes is everybody's. */
const MAX_BATCH_BYTES = 256 * 1024
const MAX_PLAIN_BYTES = 4 * 1024 * 1024

/**
 * Finds out now and then how well the batches of a topic are compressed. Nothing else tells: the
 * broker never decodes them. One batch is copied and decompressed after its request has been dealt
 * with; what cannot be decompressed, or becomes too large, is left out.
 */
export class CompressionSampler {
  #periodFromMs = 0
  #leftInPeriod = MAX_PER_PERIOD

  /** `batch` is lent for this call. */
  offer(traffic: CompressionSamples, batch: Uint8Array, nowMs: number): void {
    if (nowMs < traffic.nextSampleMs || batch.length > MAX_BATCH_BYTES) return
    if (nowMs - this.#periodFromMs >= PERIOD_MS) {
      this.#periodFromMs = nowMs
      this.#leftInPeriod = MAX_PER_PERIOD
    }
    if (this.#leftInPeriod === 0) return
    traffic.nextSampleMs = nowMs + TOPIC_PERIOD_MS
    if (batchHeader.compressionType(batch) === 'none') {
      note(traffic, batch.length, batch.length)
      return
    }
    this.#leftInPeriod--
    const copy = Buffer.from(batch)
    setImmediate(() => {
      const plainBytes = plainBytesOf(copy)
      if (plainBytes !== null) note(traffic, copy.length, plainBytes)
    })
  }
}

function note(traffic: CompressionSamples, storedBytes: number, plainBytes: number): void {
  // What was seen long ago counts less and less.
  traffic.sampledBytes = traffic.sampledBytes / 2 + storedBytes
  traffic.sampledPlainBytes = traffic.sampledPlainBytes / 2 + plainBytes
}

function plainBytesOf(batch: Uint8Array): number | null {
  try {
    return recompressBatch(batch, 'none', { maxDecompressedBytes: MAX_PLAIN_BYTES }).length
  } catch {
    // Damaged, too large, or of a codec that is not known: readers find out, not this.
    return null
  }
}

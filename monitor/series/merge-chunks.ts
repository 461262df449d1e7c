import type { Labels, Samples, Series } from '../promql/index.ts'
import type { Chunk } from './chunk.ts'
import { decodeChunk } from './chunk.ts'

/** The samples of chunks that overlap a time, in order; a time that is in two chunks counts once. */
export function seriesOfChunks(
  labels: Labels,
  chunks: readonly Chunk[],
  fromMs: number,
  toMs: number,
): Series {
  return { labels, ...samplesOf(chunks.filter((chunk) => overlaps(chunk, fromMs, toMs))) }
}

/** The same for many series one after the other: those that share a chunk share its samples too. */
export class ChunkDecoder {
  readonly #fromMs: number
  readonly #toMs: number
  readonly #decoded = new Map<Chunk, Samples>()

  constructor(fromMs: number, toMs: number) {
    this.#fromMs = fromMs
    this.#toMs = toMs
  }

  series(labels: Labels, chunks: readonly Chunk[]): Series {
    const wanted = chunks.filter((chunk) => overlaps(chunk, this.#fromMs, this.#toMs))
    const [only] = wanted
    if (only === undefined || wanted.length > 1) return { labels, ...samplesOf(wanted) }
    const known = this.#decoded.get(only)
    const samples = known ?? samplesOf(wanted)
    if (known === undefined) {
      // Chunks that are nobody else's must not stay until all of the series are read.
      if (this.#decoded.size >= MAX_DECODED) this.#decoded.clear()
      this.#decoded.set(only, samples)
    }
    return { labels, ...samples }
  }
}

const MAX_DECODED = 64

function overlaps(chunk: Chunk, fromMs: number, toMs: number): boolean {
  return chunk.firstMs <= toMs && chunk.lastMs >= fromMs
}

function samplesOf(chunks: readonly Chunk[]): Samples {
  const isOrdered = chunks.every(
    (chunk, at) => at === 0 || chunk.firstMs > (chunks[at - 1]?.lastMs ?? 0),
  )
  const ordered = isOrdered ? chunks : [...chunks].sort((a, b) => a.firstMs - b.firstMs)
  const count = ordered.reduce((sum, chunk) => sum + chunk.count, 0)
  const times = new Float64Array(count)
  const values = new Float64Array(count)
  let length = 0
  for (const chunk of ordered) {
    const end = decodeChunk(chunk, times, values, length)
    length = isOrdered ? end : dropKnown(times, values, length, end)
  }
  return { times, values, length }
}

/** Moves the samples from `from` on over those that are not newer than what lies before them. */
function dropKnown(times: Float64Array, values: Float64Array, from: number, end: number): number {
  const lastMs = from === 0 ? Number.NEGATIVE_INFINITY : (times[from - 1] as number)
  let first = from
  while (first < end && (times[first] as number) <= lastMs) first++
  // Within the arrays, so that the bits of stale markers stay as they are.
  times.copyWithin(from, first, end)
  values.copyWithin(from, first, end)
  return end - (first - from)
}

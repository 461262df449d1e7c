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
    length = isOrdered ? end : mergeLast(times, values, length, end)
  }
  return { times, values, length }
}

/**
 * Puts the samples from `from` on among those before them; both are in order. Chunks overlap after a crash, which leaves samples in
 * memory that a block has too, and where a clock was set back behind what went into a block.
 */
function mergeLast(times: Float64Array, values: Float64Array, from: number, end: number): number {
  const firstMs = times[from] as number
  let place = from
  while (place > 0 && (times[place - 1] as number) >= firstMs) place--
  if (place === from) return end
  const [oldTimes, newTimes] = [times.slice(place, from), times.slice(from, end)]
  // As words, so that the bits of stale markers stay as they are.
  const [oldWords, newWords] = [
    wordsOf(values.slice(place, from)),
    wordsOf(values.slice(from, end)),
  ]
  const words = wordsOf(values)
  let [old, next] = [0, 0]
  while (old < oldTimes.length || next < newTimes.length) {
    const [oldMs, newMs] = [oldTimes[old] ?? Infinity, newTimes[next] ?? Infinity]
    const [source, at] = oldMs <= newMs ? [oldWords, old * 2] : [newWords, next * 2]
    times[place] = Math.min(oldMs, newMs)
    words[place * 2] = source[at] as number
    words[place * 2 + 1] = source[at + 1] as number
    if (oldMs <= newMs) old++
    if (newMs <= oldMs) next++
    place++
  }
  return place
}

function wordsOf({ buffer, byteOffset, length }: Float64Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length * 2)
}

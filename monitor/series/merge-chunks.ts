import type { Labels, Series } from '../promql/index.ts'
import type { Chunk } from './chunk.ts'
import { decodeChunk } from './chunk.ts'

/** The samples of chunks that overlap a time, in order; a time that is in two chunks counts once. */
export function seriesOfChunks(
  labels: Labels,
  chunks: readonly Chunk[],
  fromMs: number,
  toMs: number,
): Series {
  const wanted = chunks.filter((chunk) => chunk.firstMs <= toMs && chunk.lastMs >= fromMs)
  const isOrdered = wanted.every(
    (chunk, at) => at === 0 || chunk.firstMs > (wanted[at - 1]?.lastMs ?? 0),
  )
  const ordered = isOrdered ? wanted : [...wanted].sort((a, b) => a.firstMs - b.firstMs)
  const count = ordered.reduce((sum, chunk) => sum + chunk.count, 0)
  const times = new Float64Array(count)
  const values = new Float64Array(count)
  let length = 0
  for (const chunk of ordered) {
    const end = decodeChunk(chunk, times, values, length)
    length = isOrdered ? end : dropKnown(times, values, length, end)
  }
  return { labels, times, values, length }
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

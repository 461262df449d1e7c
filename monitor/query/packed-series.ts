import type { Labels as LabelsType, SeriesSource } from '../promql/index.ts'
import { Labels } from '../promql/index.ts'
import type { Chunk, SelectedChunks } from '../series/index.ts'
import { seriesOfChunks } from '../series/index.ts'

/** Compressed series in few flat pieces, so that they go to another thread at the cost of one copy. */
export interface PackedSeries {
  /** JSON: name, value, name, value ... of each series. */
  readonly labels: string
  /** For each series how many chunks it has. */
  readonly chunkCounts: Uint32Array<ArrayBuffer>
  /** For each chunk: samples, time of the first, time of the last, bytes. */
  readonly chunks: Float64Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
  /** For each selection of the query, in its order, the places of its series. */
  readonly bySelection: readonly Uint32Array<ArrayBuffer>[]
}

const FIELDS = 4

/** How many bytes of compressed samples there are. */
export function sizeOfChunks({ series }: SelectedChunks): number {
  let bytes = 0
  for (const { chunks } of series) for (const chunk of chunks) bytes += chunk.bytes.length
  return bytes
}

export function packSeries(selected: SelectedChunks): PackedSeries {
  const { series, bySelection } = selected
  const chunkCounts = Uint32Array.from(series, ({ chunks }) => chunks.length)
  const count = chunkCounts.reduce((sum, one) => sum + one, 0)
  const chunks = new Float64Array(count * FIELDS)
  const bytes = new Uint8Array(sizeOfChunks(selected))
  let at = 0
  let offset = 0
  for (const one of series) {
    for (const chunk of one.chunks) {
      chunks[at++] = chunk.count
      chunks[at++] = chunk.firstMs
      chunks[at++] = chunk.lastMs
      chunks[at++] = chunk.bytes.length
      bytes.set(chunk.bytes, offset)
      offset += chunk.bytes.length
    }
  }
  const labels = JSON.stringify(series.map(({ labels: own }) => [...own.entries()].flat()))
  return {
    labels,
    chunkCounts,
    chunks,
    bytes,
    bySelection: bySelection.map((places) => Uint32Array.from(places)),
  }
}

/** What has to be handed over rather than copied. */
export function transferablesOf(packed: PackedSeries): ArrayBuffer[] {
  const { chunkCounts, chunks, bytes, bySelection } = packed
  return [chunkCounts, chunks, bytes, ...bySelection].map(({ buffer }) => buffer)
}

/** Answers the selectors of the query that the series were packed for; `selections` are theirs, in the same order. */
export function sourceOfPacked(
  packed: PackedSeries,
  selections: readonly { readonly matchers: readonly { toString(): string }[] }[],
): SeriesSource {
  const all = unpack(packed)
  const places = new Map<string, Set<number>>()
  selections.forEach(({ matchers }, at) => {
    const key = keyOf(matchers)
    const known = places.get(key) ?? new Set()
    for (const place of packed.bySelection[at] ?? []) known.add(place)
    places.set(key, known)
  })
  return {
    *select(matchers, fromMs, toMs) {
      for (const place of places.get(keyOf(matchers)) ?? []) {
        const series = all[place]
        if (series !== undefined) yield seriesOfChunks(series.labels, series.chunks, fromMs, toMs)
      }
    },
  }
}

function keyOf(matchers: readonly { toString(): string }[]): string {
  return matchers.map(String).join('\n')
}

function unpack(packed: PackedSeries): { labels: LabelsType; chunks: Chunk[] }[] {
  const texts = JSON.parse(packed.labels) as string[][]
  let at = 0
  let offset = 0
  return texts.map((pairs, place) => {
    const chunks: Chunk[] = []
    for (let left = packed.chunkCounts[place] ?? 0; left > 0; left--) {
      const [count = 0, firstMs = 0, lastMs = 0, sizeBytes = 0] = packed.chunks.subarray(
        at,
        at + FIELDS,
      )
      chunks.push({
        ...{ count, firstMs, lastMs },
        bytes: packed.bytes.subarray(offset, offset + sizeBytes),
      })
      at += FIELDS
      offset += sizeBytes
    }
    return { labels: labelsOf(pairs), chunks }
  })
}

function labelsOf(pairs: readonly string[]): LabelsType {
  const entries: [string, string][] = []
  for (let at = 0; at + 1 < pairs.length; at += 2)
    entries.push([pairs[at] ?? '', pairs[at + 1] ?? ''])
  return Labels.from(entries)
}

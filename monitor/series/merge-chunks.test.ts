import { expect, it } from 'vitest'
import { isStale, Labels, writeStale } from '../promql/index.ts'
import { ChunkWriter } from './chunk.ts'
import { seriesOfChunks } from './merge-chunks.ts'

/** A chunk of samples at these times, each with the value given; null is a stale marker. */
function chunkOf(times: readonly number[], value: number | null) {
  const writer = new ChunkWriter()
  const values = Float64Array.of(value ?? 0)
  if (value === null) writeStale(values, 0)
  for (const timeMs of times) writer.append(timeMs, values, 0)
  return writer.chunk()
}

it.each([
  ['one after the other', [[1, 2], [3]], '1=0 2=0 3=1'],
  ['in another order', [[3], [1, 2]], '1=1 2=1 3=0'],
  [
    'with the same samples',
    [
      [1, 2, 3],
      [2, 3, 4],
    ],
    '1=0 2=0 3=0 4=1',
  ],
  [
    'one within the other',
    [
      [1, 4, 6],
      [2, 3, 5],
    ],
    '1=0 2=1 3=1 4=0 5=1 6=0',
  ],
  [
    'three of them',
    [
      [1, 9],
      [2, 8],
      [3, 8, 10],
    ],
    '1=0 2=1 3=2 8=1 9=0 10=2',
  ],
])('chunks %s lose no sample', (_, chunks, wanted) => {
  const { times, values, length } = seriesOfChunks(
    Labels.empty,
    chunks.map((chunk, at) => chunkOf(chunk, at)),
    0,
    10,
  )
  const all = Array.from({ length }, (_, at) => `${times[at]}=${values[at]}`)
  expect(all.join(' ')).toBe(wanted)
})

it('keeps stale markers as they are', () => {
  const chunks = [chunkOf([1, 3], 7), chunkOf([2, 4], null)]
  const { values, length } = seriesOfChunks(Labels.empty, chunks, 0, 10)
  expect(Array.from({ length }, (_, at) => isStale(values, at))).toEqual([false, true, false, true])
})

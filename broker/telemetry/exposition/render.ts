import type { Family } from '../family.ts'
import { RowSamples } from '../row-samples.ts'
import type { Slices } from '../slices.ts'
import type { ExpositionFormat } from './format.ts'
import type { TextBuffer } from './text-buffer.ts'
import { TextWriter } from './text-writer.ts'

/** The clock is looked at once in so many samples. */
const SAMPLES_PER_LOOK = 64
const PIECE_BYTES = 64 * 1024

/**
 * The text of all families, in pieces: while it is made, requests of clients are served between one
 * slice and the next, and what a slow reader does not take yet is not made yet. All pieces are in the
 * memory of `buffer`: one is good until the next is asked for.
 */
export async function* renderFamilies(
  families: Iterable<Family>,
  format: ExpositionFormat,
  slices: Slices,
  buffer: TextBuffer,
): AsyncGenerator<Uint8Array> {
  const writer = new TextWriter(format, buffer)
  for (const family of families) {
    writer.head(family)
    const writeNext = samplesInTurn(family, writer)
    for (let count = 1; writeNext(); count++) {
      if (buffer.length >= PIECE_BYTES) yield buffer.take()
      if (count % SAMPLES_PER_LOOK === 0 && slices.isOver) await slices.pause()
    }
    if (slices.isOver) await slices.pause()
  }
  writer.end()
  yield buffer.take()
}

/** Writes a sample each time it is called; false when there are no more. */
function samplesInTurn(family: Family, writer: TextWriter): () => boolean {
  const samples = family.samples()
  if (samples instanceof RowSamples) {
    let row = 0
    return () => {
      if (row === samples.length) return false
      const value = samples.valueAt(row)
      if (!Number.isNaN(value)) writer.series(samples.labelsAt(row), value)
      row++
      return true
    }
  }
  const iterator = samples[Symbol.iterator]()
  return () => {
    const { done, value: sample } = iterator.next()
    if (done) return false
    if ('value' in sample) writer.series(sample.labels, sample.value)
    else writer.histogram(sample)
    return true
  }
}

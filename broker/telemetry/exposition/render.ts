import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../../kit/index.ts'
import type { Family } from '../family.ts'
import { RowSamples } from '../row-samples.ts'
import type { ExpositionFormat } from './format.ts'
import type { TextBuffer } from './text-buffer.ts'
import { TextWriter } from './text-writer.ts'

/**
 * Nobody else waits longer than this for the rendering of ten thousand partitions: about, because garbage may be
 * collected meanwhile.
 */
const SLICE_MS = 2
/** The clock is looked at once in so many samples. */
const SAMPLES_PER_LOOK = 64
const PIECE_BYTES = 64 * 1024

/** Gives way to others when it has worked for long enough. */
export class Slices {
  readonly #clock: Clock
  #fromMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#fromMs = clock.monotonicMs()
  }

  get isOver(): boolean {
    return this.#clock.monotonicMs() - this.#fromMs >= SLICE_MS
  }

  /** Lets others work. */
  async pause(): Promise<void> {
    await turn()
    this.#fromMs = this.#clock.monotonicMs()
  }
}

/**
 * The text of all families, in pieces: while it is made, requests of clients are served between one
 * slice and the next, and what a slow reader does not take yet is not made yet. All pieces are in the
 * memory of `buffer`: one is good until the next is asked for.
 */
export async function* renderFamilies(
  families: Iterable<Family>,
  format: ExpositionFormat,
  clock: Clock,
  buffer: TextBuffer,
): AsyncGenerator<Uint8Array> {
  const writer = new TextWriter(format, buffer)
  const slices = new Slices(clock)
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

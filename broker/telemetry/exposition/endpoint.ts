import type { Clock, Timers } from '../../../kit/index.ts'
import { onceItWorks } from '../../../kit/index.ts'
import type { Family } from '../family.ts'
import { Slices } from '../slices.ts'
import { CONTENT_TYPES, formatFor } from './format.ts'
import { renderFamilies } from './render.ts'
import { TextBuffer } from './text-buffer.ts'

/** Buffers kept for the next scrapes: as many as a broker has scrapers at a time. */
const MAX_KEPT_BUFFERS = 2

export interface Exposition {
  readonly contentType: string
  /**
   * The text in pieces of UTF-8, made as they are taken. They share memory: a piece is good until the next is
   * asked for, so whoever takes one has to be done with it, sent it or copied it, before that.
   */
  readonly body: AsyncIterable<Uint8Array>
}

export interface RenderOptions {
  /**
   * Leaves out what is told of every partition and cannot change on one broker: two thirds of the text when there
   * are many.
   */
  readonly withoutConstant?: boolean
}

/** Turns families into the text that a scraper asked for. */
export interface MetricsEndpoint {
  /** `accept` is the scraper's Accept header; OpenMetrics when it asks for it, else Prometheus text. */
  render(accept: string | undefined, options?: RenderOptions): Promise<Exposition>
}

export interface MetricsEndpointOptions {
  readonly families: readonly Family[]
  readonly clock: Clock
  readonly timers: Timers
  /** Brings up to date what cannot be read in one go; called before each rendering. */
  readonly prepare: (slices: Slices) => Promise<void>
  /** Told how long a scrape took, in milliseconds, when its last piece was taken. */
  readonly onScraped: (tookMs: number) => void
}

/** Families of ours and those of the process, in both text formats. */
export function createMetricsEndpoint(options: MetricsEndpointOptions): MetricsEndpoint {
  const { families, clock, prepare, onScraped } = options
  const processFamilies = onceItWorks(openProcessFamilies)
  const buffers: TextBuffer[] = []
  return {
    async render(accept, { withoutConstant = false } = {}) {
      const startedMs = clock.monotonicMs()
      const format = formatFor(accept)
      const slices = new Slices(options)
      // A first scrape loads what it needs: each of that holds the event loop for long enough alone.
      await slices.pause()
      const opened = await processFamilies()
      if (slices.isOver) await slices.pause()
      const ofProcess = await opened.collect()
      if (slices.isOver) await slices.pause()
      await prepare(slices)
      const wanted = withoutConstant ? families.filter(canChange) : families
      async function* body(): AsyncGenerator<Uint8Array> {
        const buffer = buffers.pop() ?? new TextBuffer()
        yield* renderFamilies([...wanted, ...ofProcess], format, slices, buffer)
        // Of a scrape that was broken off the last piece may still be on its way: its buffer is not used again.
        if (buffers.length < MAX_KEPT_BUFFERS) buffers.push(buffer)
        onScraped(clock.monotonicMs() - startedMs)
      }
      return { contentType: CONTENT_TYPES[format], body: body() }
    },
  }
}

/** Constants that are told once cost nothing. */
function canChange({ constant, labels }: Family): boolean {
  return constant === undefined || !labels.includes('partition')
}

async function openProcessFamilies() {
  const { ProcessFamilies } = await import('./process-families.ts')
  return new ProcessFamilies()
}

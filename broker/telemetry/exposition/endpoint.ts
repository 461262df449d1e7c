import type { Clock } from '../../../kit/index.ts'
import type { Family } from '../family.ts'
import { CONTENT_TYPES, formatFor } from './format.ts'
import { onceItWorks } from './once-it-works.ts'
import { renderFamilies } from './render.ts'

export interface Exposition {
  readonly contentType: string
  /** The text in pieces, made as they are taken. */
  readonly body: AsyncIterable<string>
}

/** Turns families into the text that a scraper asked for. */
export interface MetricsEndpoint {
  /** `accept` is the scraper's Accept header; OpenMetrics when it asks for it, else Prometheus text. */
  render(accept: string | undefined): Promise<Exposition>
}

export interface MetricsEndpointOptions {
  readonly families: readonly Family[]
  readonly clock: Clock
  /** Brings up to date what cannot be read in one go; called before each rendering. */
  readonly prepare: () => Promise<void>
  /** Told how long a scrape took, in milliseconds, when its last piece was taken. */
  readonly onScraped: (tookMs: number) => void
}

/** Families of ours and those of the process, in both text formats. */
export function createMetricsEndpoint(options: MetricsEndpointOptions): MetricsEndpoint {
  const { families, clock, prepare, onScraped } = options
  const processFamilies = onceItWorks(openProcessFamilies)
  return {
    async render(accept) {
      const startedMs = clock.monotonicMs()
      const format = formatFor(accept)
      const opened = await processFamilies()
      const [ofProcess] = await Promise.all([opened.collect(), prepare()])
      const rendered = renderFamilies([...families, ...ofProcess], format, clock)
      async function* body(): AsyncGenerator<string> {
        yield* rendered
        onScraped(clock.monotonicMs() - startedMs)
      }
      return { contentType: CONTENT_TYPES[format], body: body() }
    },
  }
}

async function openProcessFamilies() {
  const { ProcessFamilies } = await import('./process-families.ts')
  return new ProcessFamilies()
}

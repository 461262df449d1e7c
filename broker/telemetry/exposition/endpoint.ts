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
    async render(accept, { withoutConstant = false } = {}) {
      const startedMs = clock.monotonicMs()
      const format = formatFor(accept)
      const opened = await processFamilies()
      const [ofProcess] = await Promise.all([opened.collect(), prepare()])
      const wanted = withoutConstant ? families.filter(canChange) : families
      const rendered = renderFamilies([...wanted, ...ofProcess], format, clock)
      async function* body(): AsyncGenerator<string> {
        yield* rendered
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

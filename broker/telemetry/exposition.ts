import type { Family } from './family.ts'

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** Turns families into the text that a scraper asked for. */
export interface MetricsEndpoint {
  /** `accept` is the scraper's Accept header; OpenMetrics when it asks for it, else Prometheus text. */
  render(accept: string | undefined): Promise<Exposition>
}

/**
 * Families of ours and prom-client's of the process, in both text formats. What writes the text is
 * loaded with the first scrape: a broker that nobody watches does not keep it in memory.
 */
export function createMetricsEndpoint(families: readonly Family[]): MetricsEndpoint {
  let registries: ReturnType<typeof openRegistries> | undefined
  return {
    async render(accept) {
      registries ??= openRegistries(families)
      const { text, openMetrics } = await registries
      const registry = accept?.includes('application/openmetrics-text') ? openMetrics : text
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

async function openRegistries(families: readonly Family[]) {
  const { createRegistry, OPENMETRICS, PROMETHEUS } = await import('./registry.ts')
  return {
    text: createRegistry(PROMETHEUS, families),
    openMetrics: createRegistry(OPENMETRICS, families),
  }
}

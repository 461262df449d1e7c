import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Family } from './family.ts'
import { renderFamilies } from './render.ts'

/** The text of `/metrics`: the monitor's own families, and prom-client's of the process. */
export function metricsPage(families: readonly Family[]): () => Promise<string> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return async () => `${renderFamilies(families)}${await registry.metrics()}`
}

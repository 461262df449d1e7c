import { onceItWorks } from '../kit/index.ts'
import type { MetricSettings, MetricsEndpoint, MetricsOptions } from './telemetry/index.ts'

export interface MetricsWhenAskedOptions extends Omit<MetricsOptions, 'settings'> {
  /** What is left out has its default. */
  readonly settings: Partial<MetricSettings>
}

/**
 * `/metrics`, whose families are loaded with the first scrape: a start does not wait for them, and a broker that
 * nobody scrapes has no memory for them. What they show is counted from the start on, by those that it belongs to.
 */
export function metricsWhenAsked({
  settings,
  ...options
}: MetricsWhenAskedOptions): MetricsEndpoint {
  const endpoint = onceItWorks(async () => {
    const { createMetrics, DEFAULT_METRIC_SETTINGS } = await import('./telemetry/index.ts')
    return createMetrics({ ...options, settings: { ...DEFAULT_METRIC_SETTINGS, ...settings } })
  })
  return {
    render: async (accept, how) => (await endpoint()).render(accept, how),
  }
}

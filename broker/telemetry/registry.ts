import type { RegistryContentType } from 'prom-client'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Family, HistogramSample, Labels } from './family.ts'

/** Content types of the two formats. */
export const PROMETHEUS = Registry.PROMETHEUS_CONTENT_TYPE
export const OPENMETRICS = Registry.OPENMETRICS_CONTENT_TYPE

interface ExposedValue {
  readonly labels: Labels
  readonly value: number
  readonly metricName?: string
}

/** What a prom-client registry asks of a metric that it did not make itself. */
interface ExposedMetric {
  name: string
  readonly type: string
  get(): Promise<{
    readonly name: string
    readonly help: string
    readonly type: string
    readonly aggregator: 'sum'
    readonly values: readonly ExposedValue[]
  }>
}

/** Families of ours and prom-client's of the process, in one of its text formats. */
export function createRegistry<Type extends RegistryContentType>(
  contentType: Type,
  families: readonly Family[],
): Registry<Type> {
  const registry = new Registry<Type>()
  registry.setContentType(contentType)
  collectDefaultMetrics({ register: registry })
  for (const family of families) {
    // The registry only calls `get` and reads `name`; its type names the classes of its own metrics.
    registry.registerMetric(exposedMetric(family) as never)
  }
  return registry
}

function exposedMetric(family: Family): ExposedMetric {
  return {
    name: family.name,
    type: family.type,
    async get() {
      // In OpenMetrics the registry takes `_total` off a counter's name and puts it back per sample.
      const { name } = this
      const values =
        family.type === 'histogram'
          ? [...family.samples()].flatMap((sample) => histogramValues(name, sample))
          : [...family.samples()]
      return { name, help: family.help, type: family.type, aggregator: 'sum', values }
    },
  }
}

function histogramValues(name: string, sample: HistogramSample): ExposedValue[] {
  const { labels, sum, count } = sample
  const bucket = (le: string | number, value: number): ExposedValue => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le },
    value,
  })
  return [
    ...sample.buckets.map(([bound, cumulative]) => bucket(bound, cumulative)),
    bucket('+Inf', count),
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}

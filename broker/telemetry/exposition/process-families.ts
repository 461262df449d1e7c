import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { countOpenFiles } from '../../../kit/index.ts'
import type { Family, HistogramSample, Labels, Sample } from '../family.ts'

const MOVED_BY = 'test/e2e/metrics.test.ts'
const OPEN_FILES = 'process_open_fds'

/**
 * The usual families of a Node.js process, as prom-client collects them. Its module is loaded with the
 * first scrape: a broker that nobody watches does not keep it in memory.
 */
export class ProcessFamilies {
  readonly #registry = new Registry()

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
    this.#registry.removeSingleMetric(OPEN_FILES)
    this.#registry.registerMetric(openFiles())
  }

  async collect(): Promise<readonly Family[]> {
    const metrics = await this.#registry.getMetricsAsJSON()
    return metrics.map((metric) => {
      const { name, help } = metric
      const base = { name, help, labels: [], movedBy: MOVED_BY }
      const values = metric.values as readonly PromValue[]
      const type = String(metric.type)
      if (type === 'histogram') {
        return { ...base, type: 'histogram', samples: () => histogramsOf(name, values) }
      }
      const samples = (): Iterable<Sample> => values
      return { ...base, type: type === 'counter' ? 'counter' : 'gauge', samples }
    })
  }
}

/** In the place of prom-client's, which holds the event loop for the longer the more segments there are. */
function openFiles(): Gauge {
  return new Gauge({
    name: OPEN_FILES,
    help: 'Number of open file descriptors.',
    registers: [],
    async collect() {
      const count = await countOpenFiles()
      if (count !== null) this.set(count)
    },
  })
}

interface PromValue {
  readonly value: number
  readonly labels: Labels
  readonly metricName?: string
}

/** prom-client gives a histogram as its lines; they are put together again. */
function histogramsOf(name: string, values: readonly PromValue[]): HistogramSample[] {
  const found = new Map<string, HistogramSample & { buckets: [number, number][] }>()
  for (const { value, labels, metricName } of values) {
    const { le, ...own } = labels
    const key = JSON.stringify(own)
    const before = found.get(key) ?? { labels: own, buckets: [], sum: 0, count: 0 }
    if (metricName === `${name}_sum`) found.set(key, { ...before, sum: value })
    else if (metricName === `${name}_count`) found.set(key, { ...before, count: value })
    else if (le === '+Inf') found.set(key, before)
    else found.set(key, { ...before, buckets: [...before.buckets, [Number(le), value]] })
  }
  return [...found.values()]
}

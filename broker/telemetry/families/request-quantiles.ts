import type { ApiStats, LatencyHistogram, RequestStats } from '../../network/index.ts'
import type { Family, Sample } from '../family.ts'
import { joinLabels, labelText } from '../family.ts'
import type { RecentQuantiles } from '../recent-quantiles.ts'
import { QUANTILES } from '../recent-quantiles.ts'

interface QuantileSources {
  readonly requests: RequestStats
  readonly quantiles: RecentQuantiles
}

const MOVED_BY = 'test/e2e/metrics.test.ts'

/** Kafka's timers of a request, and where their times are here. */
const TIMERS: readonly (readonly [
  name: string,
  help: string,
  (api: ApiStats) => LatencyHistogram,
])[] = [
  ['totaltimems', 'the whole request', (api) => api.total],
  ['requestqueuetimems', 'waiting for its turn', (api) => api.queue],
  ['localtimems', 'the work of its handler', (api) => api.work],
  ['remotetimems', 'waiting for the journal, for growth, for other members', (api) => api.wait],
  ['responsesendtimems', 'waiting for the socket to take the answer', (api) => api.send],
]

const QUANTILE_LABELS = QUANTILES.map((quantile) => labelText({ quantile }))

/** Latency of requests as jmx_exporter's rules show Kafka's timers: percentiles as gauges, in milliseconds. */
export function requestQuantileFamilies(sources: QuantileSources): readonly Family[] {
  return [
    ...TIMERS.flatMap(([name, help, read]) => [
      quantileFamily(sources, name, `Milliseconds of ${help}, of the last minute or two.`, read),
      countFamily(sources, name, (api) => read(api).count),
    ]),
    throttleFamily(sources),
    countFamily(sources, 'throttletimems', (api) => api.total.count),
  ]
}

/** Every recorder whose percentiles are shown. */
export function* quantileRecorders(requests: RequestStats): Iterable<LatencyHistogram> {
  for (const api of requests.apis.values()) {
    if (api.requests === 0) continue
    for (const [, , read] of TIMERS) yield read(api)
    yield api.throttle
  }
}

/** Kafka tells fetches of consumers from those of followers, which there are none of, and adds both up. */
function* namesOf(api: ApiStats): Iterable<string> {
  yield api.name
  if (api.name === 'Fetch') yield 'FetchConsumer'
}

function* usedApis(requests: RequestStats): Iterable<readonly [string, ApiStats]> {
  for (const api of requests.apis.values()) {
    if (api.requests > 0) for (const name of namesOf(api)) yield [name, api]
  }
}

function quantileFamily(
  { requests, quantiles }: QuantileSources,
  name: string,
  help: string,
  read: (api: ApiStats) => LatencyHistogram,
): Family {
  return {
    ...{ name: `kafka_network_requestmetrics_${name}`, type: 'gauge', help, movedBy: MOVED_BY },
    labels: ['request', 'quantile'],
    dialect: 'total',
    *samples(): Iterable<Sample> {
      for (const [request, api] of usedApis(requests)) {
        const labels = labelText({ request })
        for (const [index, value] of quantiles.of(read(api)).entries()) {
          const quantile = QUANTILE_LABELS[index]
          if (quantile !== undefined) yield { labels: joinLabels(labels, quantile), value }
        }
      }
    },
  }
}

/** 0 where nobody was told so. */
function throttleFamily({ requests, quantiles }: QuantileSources): Family {
  return {
    name: 'kafka_network_requestmetrics_throttletimems',
    type: 'gauge',
    help: 'Milliseconds that clients were told to stay away, where they were, of the last minute or two.',
    labels: ['request', 'quantile'],
    movedBy: MOVED_BY,
    dialect: 'total',
    *samples(): Iterable<Sample> {
      for (const [request, api] of usedApis(requests)) {
        const labels = labelText({ request })
        for (const [index, value] of quantiles.of(api.throttle).entries()) {
          const quantile = QUANTILE_LABELS[index]
          if (quantile !== undefined) {
            yield { labels: joinLabels(labels, quantile), value: Number.isNaN(value) ? 0 : value }
          }
        }
      }
    },
  }
}

function countFamily(
  { requests }: QuantileSources,
  name: string,
  read: (api: ApiStats) => number,
): Family {
  return {
    name: `kafka_network_requestmetrics_${name}_count`,
    type: 'unknown',
    help: 'Requests behind the percentiles.',
    labels: ['request'],
    movedBy: MOVED_BY,
    dialect: 'total',
    *samples(): Iterable<Sample> {
      for (const [request, api] of usedApis(requests))
        yield { labels: { request }, value: read(api) }
    },
  }
}

import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../kit/index.ts'
import type { MetricDetails } from '../details.ts'
import type { Labels } from '../promql/index.ts'
import {
  compareLabels,
  formatExpression,
  formatSample,
  PromqlEngine,
  parseExpression,
  syntaxTree,
} from '../promql/index.ts'
import type { Queries, QueryOutcome, QueryRequest } from '../query/index.ts'
import type { SeriesStore } from '../series/index.ts'
import { handled, queried } from './answers.ts'
import type { Parameters } from './parameters.ts'
import { ParameterError } from './parameters.ts'

export interface PrometheusApiServices {
  readonly store: SeriesStore
  readonly queries: Queries
  readonly onQuery: (outcome: QueryOutcome, durationMs: number) => void
  readonly details: MetricDetails
  readonly clock: Clock
}

/** Where a question about labels names no time. */
const EVER = { fromMs: 0, toMs: 8.64e15 }

/** Prometheus' HTTP API under `/api/v1` over the monitor's own series, as far as Grafana, promtool and curl use it to read. */
export function addPrometheusApi(app: FastifyInstance, services: PrometheusApiServices): void {
  const { store, details, clock } = services

  const run = async (
    request: Omit<QueryRequest, 'lookbackMs' | 'timeoutMs'>,
    parameters: Parameters,
    signal: AbortSignal,
  ) => {
    const beganMs = clock.monotonicMs()
    const limits = {
      lookbackMs: parameters.optionalDurationMs('lookback_delta'),
      timeoutMs: parameters.optionalDurationMs('timeout'),
    }
    const outcome = await services.queries.query({ ...request, ...limits }, signal)
    services.onQuery(outcome, clock.monotonicMs() - beganMs)
    return outcome
  }
  const query = (parameters: Parameters, signal: AbortSignal) => {
    const atMs = parameters.time('time', clock.now())
    const expression = parameters.text('query')
    return run({ expression, startMs: atMs, endMs: atMs, stepMs: null }, parameters, signal)
  }
  const queryRange = (parameters: Parameters, signal: AbortSignal) => {
    const expression = parameters.text('query')
    return run({ expression, ...parameters.range() }, parameters, signal)
  }
  const labelsFound = async (parameters: Parameters) =>
    store.labels(
      parameters.selectors(),
      parameters.time('start', EVER.fromMs),
      parameters.time('end', EVER.toMs),
    )
  const series = async (parameters: Parameters) => {
    if (parameters.selectors().length === 0)
      throw new ParameterError('match[]', 'no match[] parameter provided')
    const found = (await labelsFound(parameters)).sort(compareLabels)
    return { data: found.slice(0, parameters.limit()).map((labels) => labels.toRecord()) }
  }
  const labelNames = async (parameters: Parameters) => {
    const names = new Set(
      (await allOr(labelsFound, parameters, store)).flatMap((labels) => [...labels.names]),
    )
    return { data: [...names].sort().slice(0, parameters.limit()) }
  }

  for (const method of ['GET', 'POST'] as const) {
    const route = (path: string, answer: (parameters: Parameters) => Promise<object>) =>
      app.route({ method, url: `/api/v1/${path}`, handler: handled(answer) })
    app.route({
      method,
      url: '/api/v1/query',
      handler: queried(async (given, signal) => query(given, signal)),
    })
    app.route({
      method,
      url: '/api/v1/query_range',
      handler: queried(async (given, signal) => queryRange(given, signal)),
    })
    route('series', series)
    route('format_query', async (parameters) => ({
      data: formatExpression(parseExpression(parameters.text('query'))),
    }))
    route('parse_query', async (parameters) => ({
      data: syntaxTree(parseExpression(parameters.text('query'))),
    }))
    route('labels', labelNames)
    route('query_exemplars', async (parameters) => ({ data: exemplars(details, parameters) }))
  }
  app.get<{ Params: { name: string } }>('/api/v1/label/:name/values', (request, reply) =>
    handled(async (parameters) => {
      const found = await allOr(labelsFound, parameters, store)
      const values = new Set(found.map((labels) => labels.get(request.params.name)))
      values.delete('')
      return { data: [...values].sort().slice(0, parameters.limit()) }
    })(request, reply),
  )
  app.get(
    '/api/v1/metadata',
    handled(async (parameters) => ({ data: metadata(details, parameters) })),
  )
}

/** Labels of the series that are asked for; of all when no selector is given. */
async function allOr(
  find: (parameters: Parameters) => Promise<Labels[]>,
  parameters: Parameters,
  store: SeriesStore,
): Promise<Labels[]> {
  if (parameters.selectors().length > 0) return find(parameters)
  return store.labels(
    [[]],
    parameters.time('start', EVER.fromMs),
    parameters.time('end', EVER.toMs),
  )
}

function exemplars(details: MetricDetails, parameters: Parameters): object {
  const fromMs = parameters.time('start', EVER.fromMs)
  const toMs = parameters.time('end', EVER.toMs)
  const found = details.exemplarsOf(selectorsIn(parameters.text('query')), fromMs, toMs)
  return found.map((one) => ({
    seriesLabels: one.series.toRecord(),
    exemplars: one.exemplars.map(({ labels, value, timeMs }) => ({
      labels: labels.toRecord(),
      value: formatSample(value),
      timestamp: timeMs / 1000,
    })),
  }))
}

/** The matchers of every selector in an expression. */
function selectorsIn(expression: string) {
  parseExpression(expression)
  return new PromqlEngine({ select: () => [] })
    .selections(expression, 0, 0, 1)
    .map(({ matchers }) => matchers)
}

function metadata(details: MetricDetails, parameters: Parameters): object {
  const found = [...details.metadataOf(parameters.optionalText('metric'))].slice(
    0,
    parameters.limit(),
  )
  return Object.fromEntries(found.map(([metric, told]) => [metric, [told]]))
}

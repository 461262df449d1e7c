import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../kit/index.ts'
import type { MetricDetails } from '../details.ts'
import type { Labels, QueryResult } from '../promql/index.ts'
import {
  compareLabels,
  EvaluationError,
  formatSample,
  ParseError,
  PromqlEngine,
  parseExpression,
  UnsupportedFeatureError,
} from '../promql/index.ts'
import type { RuleManager } from '../rules/index.ts'
import type { SeriesStore } from '../series/index.ts'
import type { ErrorType } from './answers.ts'
import { annotationsOf, ERROR_STATUS, queryData } from './answers.ts'
import { ParameterError, Parameters } from './parameters.ts'
import { alertsData, rulesData } from './rules-api.ts'

export interface PrometheusApiServices {
  readonly store: SeriesStore
  readonly details: MetricDetails
  readonly rules: RuleManager
  readonly clock: Clock
  readonly version: string
}

/** After that a query is ended; Prometheus' own default is two minutes, but here queries share a thread with scrapes. */
const QUERY_TIMEOUT_MS = 20_000
/** Where a question about labels names no time. */
const EVER = { fromMs: 0, toMs: 8.64e15 }

/** Prometheus' HTTP API under `/api/v1`, as far as Grafana, promtool and curl use it to read. */
export function addPrometheusApi(app: FastifyInstance, services: PrometheusApiServices): void {
  const { store, details, rules, clock } = services

  const query = async (parameters: Parameters) => {
    const atMs = parameters.time('time', clock.now())
    return run(services, parameters.text('query'), atMs, atMs, 1)
  }
  const queryRange = async (parameters: Parameters) => {
    const startMs = parameters.time('start', Number.NaN)
    const endMs = parameters.time('end', Number.NaN)
    const stepMs = parameters.durationMs('step')
    if (Number.isNaN(startMs)) throw new ParameterError('start', 'it is missing')
    if (Number.isNaN(endMs)) throw new ParameterError('end', 'it is missing')
    if (endMs < startMs)
      throw new ParameterError('end', 'end timestamp must not be before start time')
    if (stepMs <= 0) {
      throw new ParameterError(
        'step',
        'zero or negative query resolution step widths are not accepted. Try a positive integer',
      )
    }
    return run(services, parameters.text('query'), startMs, endMs, stepMs, true)
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
    route('query', query)
    route('query_range', queryRange)
    route('series', series)
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
  app.get(
    '/api/v1/rules',
    handled(async (parameters) => ({ data: rulesData(rules, parameters) })),
  )
  app.get(
    '/api/v1/alerts',
    handled(async () => ({ data: alertsData(rules) })),
  )
  app.get(
    '/api/v1/status/buildinfo',
    handled(async () => ({
      data: {
        // What may be asked: the language and the API of this Prometheus.
        version: '3.0.0',
        revision: `glasslog ${services.version}`,
        branch: '',
        buildUser: '',
        buildDate: '',
        goVersion: '',
      },
    })),
  )
}

async function run(
  { store, clock }: PrometheusApiServices,
  expression: string,
  startMs: number,
  endMs: number,
  stepMs: number,
  isRange = false,
): Promise<object> {
  const deadlineMs = clock.monotonicMs() + QUERY_TIMEOUT_MS
  const options = { limits: { expired: () => clock.monotonicMs() > deadlineMs } }
  const planner = new PromqlEngine({ select: () => [] }, options)
  const source = await store.view(planner.selections(expression, startMs, endMs, stepMs))
  const engine = new PromqlEngine(source, options)
  const result: QueryResult = isRange
    ? engine.range(expression, startMs, endMs, stepMs)
    : engine.instant(expression, startMs)
  return { data: queryData(result), ...annotationsOf(result) }
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

/** Answers with what `answer` gives, or with its error in Prometheus' form. */
function handled(answer: (parameters: Parameters) => Promise<object>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<object> => {
    try {
      const form = typeof request.body === 'string' ? request.body : null
      return { status: 'success', ...(await answer(new Parameters(request.url, form))) }
    } catch (error) {
      const errorType = errorTypeOf(error)
      const message =
        errorType === 'internal' ? 'the monitor failed to answer' : (error as Error).message
      if (errorType === 'internal') request.log.error({ err: error }, 'a query failed')
      return reply
        .status(ERROR_STATUS[errorType])
        .send({ status: 'error', errorType, error: message })
    }
  }
}

function errorTypeOf(error: unknown): ErrorType {
  if (error instanceof ParameterError || error instanceof ParseError) return 'bad_data'
  if (error instanceof UnsupportedFeatureError) return 'bad_data'
  if (!(error instanceof EvaluationError)) return 'internal'
  return error.message.startsWith('query timed out') ? 'timeout' : 'execution'
}

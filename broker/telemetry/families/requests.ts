import { errorByCode } from '../../../protocol/index.ts'
import type { ApiStats, RequestStats } from '../../network/index.ts'
import type { Dialect, Family, HistogramSample, Sample, SampleExemplar } from '../family.ts'
import { latencySample } from '../latency-sample.ts'
import { numberFamily } from './number-family.ts'

const MOVED_BY = 'test/e2e/metrics.test.ts'

/** Stages of a request, in order. */
const STAGES = ['queue', 'work', 'wait', 'throttle', 'send'] as const

/** What the work of a request is called: what operators look for is how long reads and appends take. */
const WORK_NAMES: ReadonlyMap<string, string> = new Map([
  ['Produce', 'append'],
  ['Fetch', 'read'],
])

/** Requests by API and version, their latency in total and by stage, connections. */
export function requestFamilies(stats: RequestStats): readonly Family[] {
  return [
    {
      name: 'kafka_network_requestmetrics_requests_total',
      type: 'counter',
      help: 'Requests by API and version: shows who still speaks an old one.',
      labels: ['request', 'version'],
      dialect: 'total',
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        for (const api of used(stats)) {
          for (const [version, value] of api.requestsByVersion.entries()) {
            if (value > 0) yield { labels: { request: api.name, version }, value }
          }
        }
      },
    },
    {
      name: 'glasslog_request_duration_seconds',
      type: 'histogram',
      help: 'From the last byte of a request to the last byte of its response taken by the socket.',
      labels: ['api'],
      movedBy: MOVED_BY,
      *samples(): Iterable<HistogramSample> {
        for (const api of used(stats)) {
          yield { ...latencySample({ api: api.name }, api.total), exemplars: exemplarsOf(api) }
        }
      },
    },
    {
      name: 'glasslog_request_stage_duration_seconds',
      type: 'histogram',
      help: 'Where the time of a request went: queue, append (Produce), read (Fetch) or local (others), wait (journal, growth, other members), send; throttle is how long clients were told to stay away after it.',
      labels: ['api', 'stage'],
      movedBy: MOVED_BY,
      *samples(): Iterable<HistogramSample> {
        for (const api of used(stats)) {
          for (const stage of STAGES) {
            const name = stage === 'work' ? (WORK_NAMES.get(api.name) ?? 'local') : stage
            yield latencySample({ api: api.name, stage: name }, api[stage])
          }
        }
      },
    },
    byApi(
      'glasslog_request_bytes_total',
      'Bytes of requests, by API.',
      stats,
      (api) => api.requestBytes,
    ),
    byApi(
      'glasslog_response_bytes_total',
      'Bytes of responses, by API.',
      stats,
      (api) => api.responseBytes,
    ),
    errorFamily(stats, 'glasslog_response_errors_total', 'api', 'own'),
    errorFamily(stats, 'kafka_network_requestmetrics_errors_total', 'request', 'total'),
    number(
      'kafka_network_requestchannel_requestqueuesize',
      'gauge',
      'Requests read and not answered yet.',
      () => stats.requestsInFlight,
      'total',
    ),
    number(
      'kafka_network_requestchannel_responsequeuesize',
      'gauge',
      'Responses that wait for a thread to send them.',
      () => 0,
      'total',
      'Responses wait for sockets only, and count as requests in flight until then.',
    ),
    {
      name: 'glasslog_request_failures_total',
      type: 'counter',
      help: 'Requests that ended with the connection instead of an answer.',
      labels: ['api'],
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        for (const api of used(stats)) yield { labels: { api: api.name }, value: api.failures }
      },
    },
    number(
      'glasslog_connections',
      'gauge',
      'Open connections of Kafka clients.',
      () => stats.openConnections,
    ),
    number(
      'glasslog_connections_accepted_total',
      'counter',
      'Connections accepted.',
      () => stats.acceptedConnections,
    ),
    {
      name: 'glasslog_connections_closed_total',
      type: 'counter',
      help: 'Connections that ended or were refused, by reason.',
      labels: ['reason'],
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        for (const [reason, value] of Object.entries(stats.closed))
          yield { labels: { reason }, value }
      },
    },
    {
      name: 'glasslog_logins_total',
      type: 'counter',
      help: 'Logins by mechanism and result, re-authentications included; SSL is by certificate, http-password and http-token are at the admin port, where a token comes with each request.',
      labels: ['mechanism', 'result'],
      movedBy: 'test/e2e/security.test.ts',
      *samples(): Iterable<Sample> {
        for (const [mechanism, { successes, failures }] of stats.logins) {
          yield { labels: { mechanism, result: 'success' }, value: successes }
          yield { labels: { mechanism, result: 'failure' }, value: failures }
        }
      },
    },
    number(
      'glasslog_requests_in_flight',
      'gauge',
      'Requests read and not answered yet.',
      () => stats.requestsInFlight,
    ),
    number(
      'glasslog_network_received_bytes_total',
      'counter',
      'Bytes received from Kafka clients.',
      () => stats.bytesIn,
    ),
    number(
      'glasslog_network_sent_bytes_total',
      'counter',
      'Bytes sent to Kafka clients.',
      () => stats.bytesOut,
    ),
  ]
}

/** APIs that somebody called: the others would only make the exposition long. */
function used(stats: RequestStats): ApiStats[] {
  return [...stats.apis.values()].filter((api) => api.requests > 0)
}

function number(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  read: () => number,
  dialect: Dialect = 'own',
  constant?: string,
): Family {
  const why = constant === undefined ? {} : { constant }
  return numberFamily({ name, type, help, movedBy: MOVED_BY, dialect, ...why }, read)
}

function byApi(
  name: string,
  help: string,
  stats: RequestStats,
  read: (api: ApiStats) => number,
): Family {
  return {
    ...{ name, type: 'counter', help, labels: ['api'], movedBy: MOVED_BY },
    *samples(): Iterable<Sample> {
      for (const api of used(stats)) yield { labels: { api: api.name }, value: read(api) }
    },
  }
}

function errorFamily(
  stats: RequestStats,
  name: string,
  apiLabel: 'api' | 'request',
  dialect: Dialect,
): Family {
  return {
    ...{ name, type: 'counter', labels: [apiLabel, 'error'], movedBy: MOVED_BY, dialect },
    help: 'Errors in responses, by API and name of the error; one response may have many.',
    *samples(): Iterable<Sample> {
      for (const api of used(stats)) {
        for (const [code, value] of api.errors.byCode) {
          yield { labels: { [apiLabel]: api.name, error: errorName(code) }, value }
        }
      }
    },
  }
}

function errorName(code: number): string {
  return errorByCode(code)?.name ?? String(code)
}

function* exemplarsOf(api: ApiStats): Iterable<SampleExemplar> {
  for (const { traceId, valueMs, atMs } of api.exemplars.all()) {
    yield { traceId, value: valueMs / 1000, atSeconds: atMs / 1000 }
  }
}

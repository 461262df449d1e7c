import type { Check, Surroundings } from './checks.ts'

/**
 * The requests that Grafana's Prometheus data source makes (pkg/promlib and packages/grafana-prometheus in its sources):
 * queries as forms by POST, labels and series by POST with a fall-back to GET, the rest by GET; times in seconds.
 */
export const GRAFANA_CHECKS: readonly Check[] = [
  asked(
    'Grafana: test of the data source',
    'POST',
    'query',
    () => ({ query: '1+1', time: now() }),
    {
      resultType: 'scalar',
    },
  ),
  asked('Grafana: what kind of server', 'GET', 'status/buildinfo', () => ({}), {
    version: expectText,
  }),
  asked(
    'Grafana: a panel over time',
    'POST',
    'query_range',
    () => ({
      ...{ query: 'rate(process_cpu_seconds_total{job="glasslog"}[1m])' },
      ...{ start: now(-60), end: now(), step: '1' },
    }),
    { resultType: 'matrix', result: expectSome },
  ),
  asked(
    'Grafana: a panel of an instant',
    'POST',
    'query',
    () => ({ query: 'glasslog_partitions', time: now() }),
    { resultType: 'vector', result: expectSome },
  ),
  asked(
    'Grafana: exemplars of a panel',
    'POST',
    'query_exemplars',
    () => ({ query: 'glasslog_request_duration_seconds_bucket', start: now(-60), end: now() }),
    Array.isArray,
  ),
  asked('Grafana: names of labels', 'POST', 'labels', () => span(), expectHas('job')),
  asked(
    'Grafana: names of labels of a metric',
    'POST',
    'labels',
    () => ({ ...span(), 'match[]': '{__name__="up"}' }),
    expectHas('instance'),
  ),
  asked('Grafana: names of metrics', 'GET', 'label/__name__/values', () => span(), expectHas('up')),
  asked(
    'Grafana: values of a variable',
    'GET',
    'label/job/values',
    () => ({ ...span(), 'match[]': 'up' }),
    expectHas('glasslog'),
  ),
  asked(
    'Grafana: series of a metric',
    'POST',
    'series',
    () => ({ ...span(), 'match[]': 'glasslog_partitions' }),
    expectSome,
  ),
  asked('Grafana: what metrics mean', 'GET', 'metadata', () => ({ limit: '5000' }), {
    glasslog_partitions: expectSome,
  }),
  asked(
    'Prometheus: a query in its own spelling',
    'POST',
    'format_query',
    () => ({ query: 'sum(rate(up[5m]))by(job)' }),
    (data) => data === 'sum by (job) (rate(up[5m]))',
  ),
  asked(
    'Prometheus: how a query is read',
    'POST',
    'parse_query',
    () => ({ query: 'sum(rate(up[5m]))by(job)' }),
    { type: 'aggregation', op: 'sum', grouping: expectHas('job') },
  ),
  asked('Grafana: alarm rules', 'GET', 'rules', () => ({}), { groups: expectSome }),
  asked('Grafana: alerts', 'GET', 'alerts', () => ({}), { alerts: expectSome }),
  {
    name: 'Grafana: an error is told as Prometheus tells it',
    async run(where) {
      const { status, body } = await ask(where, 'POST', 'query_range', {
        ...{ query: 'sum(', start: now(-60), end: now(), step: '15' },
      })
      const { errorType, error } = body as { errorType?: string; error?: string }
      const isGood = status === 400 && errorType === 'bad_data' && error?.includes('parse error')
      return isGood === true ? null : `${status} ${JSON.stringify(body)}`
    },
  },
]

type Expectation = ((value: unknown) => boolean) | Readonly<Record<string, unknown>>

/** A request that must succeed, with `data` as expected. */
function asked(
  name: string,
  method: 'GET' | 'POST',
  path: string,
  parameters: () => Readonly<Record<string, string>>,
  expected: Expectation,
): Check {
  return {
    name,
    async run(where) {
      const { status, body } = await ask(where, method, path, parameters())
      const { status: word, data } = body as { status?: string; data?: unknown }
      const isGood = status === 200 && word === 'success' && fits(data, expected)
      return isGood ? null : `${status} ${JSON.stringify(body).slice(0, 1_000)}`
    },
  }
}

async function ask(
  { url, token }: Surroundings,
  method: 'GET' | 'POST',
  path: string,
  parameters: Readonly<Record<string, string>>,
): Promise<{ status: number; body: unknown }> {
  const form = new URLSearchParams(parameters)
  const headers = { authorization: `Bearer ${token}` }
  const answer =
    method === 'GET'
      ? await fetch(`${url}/api/v1/${path}?${form}`, { headers })
      : await fetch(`${url}/api/v1/${path}`, { method, headers, body: form })
  return { status: answer.status, body: await answer.json() }
}

function fits(value: unknown, expected: Expectation): boolean {
  if (typeof expected === 'function') return expected(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(expected).every(([name, wanted]) => {
    const found = (value as Record<string, unknown>)[name]
    return typeof wanted === 'function' ? wanted(found) === true : found === wanted
  })
}

function expectText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function expectSome(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
}

function expectHas(name: string): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.includes(name)
}

/** Unix time in seconds, as Grafana writes it. */
function now(offsetSeconds = 0): string {
  return String(Math.floor(Date.now() / 1000) + offsetSeconds)
}

function span(): Readonly<Record<string, string>> {
  return { start: now(-3_600), end: now() }
}

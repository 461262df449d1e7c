import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RE2JS } from 're2js'
import type { Clock } from '../../kit/index.ts'
import type { Alert } from '../alerts/alert.ts'
import { formatAlertmanagerYaml } from '../config/alertmanager-yaml.ts'
import type { Group } from '../pipeline/group.ts'
import type { Judge } from '../pipeline/judge.ts'
import type { AlertingPipeline } from '../pipeline/pipeline.ts'
import { RETRY_AFTER_SECONDS, RequestError } from '../request-error.ts'
import type { Matcher } from '../routing/matcher.ts'
import { MatcherError, matchesAll } from '../routing/matcher.ts'
import { parseMatchers } from '../routing/parse-matchers.ts'
import type { Silence } from '../silences/silence.ts'
import { silenceState } from '../silences/silence.ts'
import type { AlertStatus } from './alertmanager-json.ts'
import { gettableAlert, gettableSilence, time } from './alertmanager-json.ts'
import { postedAlerts, postedSilence } from './request-body.ts'

export interface AlertmanagerApiServices {
  readonly pipeline: AlertingPipeline
  readonly clock: Clock
  readonly version: string
  /** Who asks, for the history of what people changed. */
  readonly actorOf: (request: FastifyRequest) => string
}

const MAX_BODY_BYTES = 16 * 1024 * 1024

type Query = Readonly<Record<string, string | readonly string[] | undefined>>

/** Alertmanager's HTTP API under `/api/v2`, as far as `amtool`, Grafana and Prometheus use it. */
export function addAlertmanagerApi(app: FastifyInstance, services: AlertmanagerApiServices): void {
  const { pipeline, clock, actorOf } = services
  const route = (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    answer: (request: FastifyRequest) => Promise<unknown>,
  ) =>
    app.route({
      method,
      url: `/api/v2/${path}`,
      bodyLimit: MAX_BODY_BYTES,
      handler: handled(answer),
    })

  route('GET', 'status', async () => statusOf(services))
  route('GET', 'receivers', async () => pipeline.receivers.map(({ name }) => ({ name })))
  route('GET', 'alerts', async ({ query }) => listAlerts(pipeline, query as Query))
  route('POST', 'alerts', async ({ body }) => {
    const alerts = postedAlerts(body, clock.now())
    const [first] = await pipeline.receive(alerts)
    if (first) throw new RequestError('invalid', `[${first.index}]: ${first.reason}`)
    return undefined
  })
  route('GET', 'alerts/groups', async ({ query }) => listGroups(pipeline, query as Query))
  route('GET', 'silences', async ({ query }) => {
    const matchers = filterOf(query as Query)
    return sorted(pipeline.silences.all(), clock.now())
      .filter((silence) => matchesAll(matchers, labelsNamed(silence)))
      .map((silence) => gettableSilence(silence, clock.now()))
  })
  route('POST', 'silences', async (request) => {
    const silence = await pipeline.silences.set(postedSilence(request.body), actorOf(request))
    return { silenceID: silence.id }
  })
  route('GET', 'silence/:id', async ({ params }) => {
    const silence = pipeline.silences.get((params as { id: string }).id)
    if (!silence) throw new RequestError('not-found', 'silence not found')
    return gettableSilence(silence, clock.now())
  })
  route('DELETE', 'silence/:id', async (request) => {
    await pipeline.silences.expire((request.params as { id: string }).id, actorOf(request))
  })
}

const STATUS: Readonly<Partial<Record<RequestError['code'], number>>> = {
  'not-found': 404,
  unavailable: 503,
}

/** Errors are JSON texts, as Alertmanager's are; an answer without content is empty. */
function handled(answer: (request: FastifyRequest) => Promise<unknown>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      const value = await answer(request)
      reply.header('cache-control', 'no-store')
      if (value === undefined) return await reply.status(200).send()
      return await reply.type('application/json').send(JSON.stringify(value))
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      const status = STATUS[error.code] ?? 400
      if (error.code === 'unavailable') reply.header('retry-after', RETRY_AFTER_SECONDS)
      return reply.status(status).type('application/json').send(JSON.stringify(error.message))
    }
  }
}

function statusOf({ pipeline, version }: AlertmanagerApiServices): object {
  return {
    cluster: { name: '', status: 'disabled', peers: [] },
    versionInfo: {
      branch: 'main',
      buildDate: '',
      buildUser: 'glasslog',
      goVersion: '',
      revision: '',
      version,
    },
    config: { original: formatAlertmanagerYaml(pipeline.config) },
    uptime: time(pipeline.startedAtMs),
  }
}

function listAlerts(pipeline: AlertingPipeline, query: Query): object[] {
  const accepts = alertFilter(query)
  const judge = pipeline.judge()
  return [...pipeline.alerts.values()]
    .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
    .flatMap((alert) => {
      const groups = pipeline.groups.of(alert.fingerprint)
      const receivers = [...new Set(groups.map(({ route }) => route.receiver))]
      const status = alertStatus(judge, alert, groups)
      if (!judge.isFiring(alert) || !accepts(alert, status, receivers)) return []
      return gettableAlert(alert, status, receivers, endOf(pipeline, alert))
    })
}

function listGroups(pipeline: AlertingPipeline, query: Query): object[] {
  const accepts = alertFilter(query)
  const judge = pipeline.judge()
  return [...pipeline.groups.all()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap((group) => {
      const { receiver } = group.route
      const alerts = [...group.members].flatMap((fingerprint) => {
        const alert = pipeline.alerts.get(fingerprint)
        if (!alert || !judge.isFiring(alert)) return []
        const status = alertStatus(judge, alert, [group])
        if (!accepts(alert, status, [receiver])) return []
        return gettableAlert(alert, status, [receiver], endOf(pipeline, alert))
      })
      return alerts.length === 0
        ? []
        : { labels: group.labels, receiver: { name: receiver }, alerts }
    })
}

/** An alert without an end of its own has the one that it gets when nobody repeats it. */
function endOf(pipeline: AlertingPipeline, alert: Alert): number {
  return alert.endsAtMs ?? alert.updatedAtMs + pipeline.config.resolveTimeoutMs
}

function alertStatus(judge: Judge, alert: Alert, groups: readonly Group[]): AlertStatus {
  const silencedBy = judge.silencedBy(alert)
  const inhibitedBy = judge.inhibitedBy(alert)
  const mutedBy = [...new Set(groups.flatMap(({ route }) => judge.mutedBy(route)))]
  const isSuppressed = silencedBy.length + inhibitedBy.length > 0
  return { state: isSuppressed ? 'suppressed' : 'active', silencedBy, inhibitedBy, mutedBy }
}

function alertFilter(query: Query) {
  const matchers = filterOf(query)
  const receiver = receiverFilter(query.receiver)
  const wants = {
    active: flag(query, 'active'),
    silenced: flag(query, 'silenced'),
    inhibited: flag(query, 'inhibited'),
  }
  return (alert: Alert, status: AlertStatus, receivers: readonly string[]): boolean =>
    matchesAll(matchers, alert.labels) &&
    receivers.some(receiver) &&
    (wants.active || status.state !== 'active') &&
    (wants.silenced || status.silencedBy.length === 0) &&
    (wants.inhibited || status.inhibitedBy.length === 0)
}

function flag(query: Query, name: string): boolean {
  const value = query[name]
  if (value === undefined || value === 'true') return true
  if (value === 'false') return false
  throw new RequestError('invalid', `${name} must be true or false`)
}

function receiverFilter(pattern: Query[string]): (name: string) => boolean {
  if (typeof pattern !== 'string' || pattern === '') return () => true
  try {
    const compiled = RE2JS.compile(pattern)
    return (name) => compiled.matches(name)
  } catch {
    throw new RequestError('invalid', `failed to parse receiver param: ${pattern}`)
  }
}

function filterOf({ filter }: Query): Matcher[] {
  const texts = filter === undefined ? [] : typeof filter === 'string' ? [filter] : filter
  try {
    return texts.flatMap(parseMatchers)
  } catch (error) {
    if (error instanceof MatcherError)
      throw new RequestError('invalid', `bad matcher format: ${error.message}`)
    throw error
  }
}

/** Silences are found by what their matchers ask for. */
function labelsNamed({ matchers }: Silence): Record<string, string> {
  return Object.fromEntries(matchers.map(({ label, value }) => [label, value]))
}

const STATE_ORDER = ['active', 'pending', 'expired']

/** Active ones first, by their end; then those to come, by their start; then those that were. */
function sorted(silences: readonly Silence[], nowMs: number): Silence[] {
  const rank = (silence: Silence) => STATE_ORDER.indexOf(silenceState(silence, nowMs))
  return [...silences].sort((a, b) => {
    const byRank = rank(a) - rank(b)
    if (byRank !== 0) return byRank
    if (rank(a) === 0) return a.endsAtMs - b.endsAtMs
    return rank(a) === 1 ? a.startsAtMs - b.startsAtMs : b.endsAtMs - a.endsAtMs
  })
}

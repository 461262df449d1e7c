import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../../kit/index.ts'
import type { AdminClient, AskedRequest } from '../cluster/index.ts'
import { addRoute, pageOf, RequestFault } from '../cluster/index.ts'
import { OutboxFullError } from '../outbox/index.ts'
import { carryOut } from './carry-out.ts'
import { renderChart } from './chart-svg.ts'
import { CHECKS } from './checks/catalogue.ts'
import type { Finding } from './finding.ts'
import type { FindingBook } from './finding-book.ts'
import { declaredFixed, MUTE_MS, muted, unmuted } from './finding-changes.ts'
import type { InspectionReport, Inspector } from './inspector.ts'

/** What somebody did with a finding. */
export interface FindingOperation {
  readonly operation: 'inspection.mute' | 'inspection.unmute' | 'inspection.fix'
  readonly actor: string
  readonly before: Finding
  readonly after: Finding
}

export interface InspectionServices {
  readonly inspector: Inspector
  readonly book: FindingBook
  readonly admin: AdminClient
  readonly clock: Clock
  readonly actorOf: (request: FastifyRequest) => string
  /** Told of what somebody does with a finding, before it takes effect; it does not where this rejects. */
  readonly record: (operation: FindingOperation) => Promise<void>
  /** Opens a ticket about a finding, or answers the one that is open. */
  readonly openTicket: (finding: Finding, actor: string) => Promise<object>
}

/**
 * `/v1/inspections`: findings, `?state=`, `?severity=`, `?check=`, `?area=`, `?resource=` narrow them; `/run` inspects now;
 * `/checks` is the catalogue; `/{id}` one finding, with `/remedy` (dry run unless `{"apply": true}`), `/mute`, `/unmute`,
 * `/fix` (somebody says it is), `/ticket` and `/chart`.
 */
export function addInspectionsApi(app: FastifyInstance, services: InspectionServices): void {
  const { inspector, book, admin, clock, actorOf } = services
  const findingAt = ({ params }: AskedRequest): Finding =>
    known(book.get(params.id ?? ''), params.id)

  addRoute(app, 'GET', '/v1/inspections', async ({ query }) => {
    const found = book.all().filter((finding) => matches(finding, query))
    return { ...reportView(inspector.lastReport), ...pageOf('findings', found.map(view), query) }
  })
  addRoute(app, 'POST', '/v1/inspections/run', async () => {
    const report = await inspector.runAnew()
    const open = book.all().filter(({ state }) => state === 'open')
    return { ...reportView(report), findings: open.map(view), next: null }
  })
  addRoute(app, 'GET', '/v1/inspections/checks', async () => ({
    checks: CHECKS.map(({ inspect, ...row }) => row),
  }))
  addRoute(app, 'GET', '/v1/inspections/:id', async (asked) => view(findingAt(asked)))
  addRoute(app, 'GET', '/v1/inspections/:id/chart', async (asked) => {
    const { chart } = findingAt(asked).evidence
    if (chart === null) throw new RequestFault('not-found', 'the finding has no chart')
    return { svg: renderChart(chart) }
  })
  addRoute(app, 'POST', '/v1/inspections/:id/remedy', async (asked) => {
    const { apply } = bodyOf(asked, ['apply'])
    if (apply !== undefined && typeof apply !== 'boolean')
      throw new RequestFault('invalid-request', 'apply must be true or false')
    // Nothing is changed by somebody who only wants to see what would be.
    const dryRun = apply !== true || asked.query.dryRun === 'true'
    return carryOut(admin, findingAt(asked), { dryRun, authorization: asked.authorization })
  })
  const changed = async (
    asked: AskedRequest,
    operation: FindingOperation['operation'],
    change: (before: Finding, actor: string) => Finding,
  ): Promise<object> => {
    const before = findingAt(asked)
    const actor = actorOf(asked.request)
    // The record first: what it cannot be kept for does not happen.
    await services
      .record({ operation, actor, before, after: change(before, actor) })
      .catch(refuseFull)
    // An inspection may have looked at it meanwhile.
    const after = await book.change(before.id, (finding) => change(finding, actor))
    return view(known(after, before.id))
  }
  addRoute(app, 'POST', '/v1/inspections/:id/mute', async (asked) => {
    const { until } = bodyOf(asked, ['until'])
    const untilMs = until === undefined ? clock.now() + MUTE_MS : timeOf(until, clock.now())
    return changed(asked, 'inspection.mute', (finding, actor) => muted(finding, actor, untilMs))
  })
  addRoute(app, 'POST', '/v1/inspections/:id/unmute', (asked) =>
    changed(asked, 'inspection.unmute', unmuted),
  )
  addRoute(app, 'POST', '/v1/inspections/:id/fix', (asked) => {
    const nowMs = clock.now()
    return changed(asked, 'inspection.fix', (finding, actor) =>
      declaredFixed(finding, actor, nowMs),
    )
  })
  addRoute(app, 'POST', '/v1/inspections/:id/ticket', async (asked) =>
    services.openTicket(findingAt(asked), actorOf(asked.request)),
  )
}

function known(finding: Finding | null, id: string | undefined): Finding {
  if (finding === null) throw new RequestFault('not-found', `there is no finding ${id}`)
  return finding
}

const FILTERS = ['state', 'severity', 'check', 'area'] as const

function matches(finding: Finding, query: AskedRequest['query']): boolean {
  const { resource } = query
  return (
    FILTERS.every((name) => query[name] === undefined || finding[name] === query[name]) &&
    (resource === undefined || finding.resource.name === resource)
  )
}

/** Times as people and programs read them elsewhere too. */
function view(finding: Finding): object {
  const { firstSeenAtMs, lastSeenAtMs, raisedAtMs, mutedUntilMs, fixedAtMs, ...rest } = finding
  return {
    ...rest,
    firstSeenAt: isoTime(firstSeenAtMs),
    lastSeenAt: isoTime(lastSeenAtMs),
    raisedAt: isoTime(raisedAtMs),
    mutedUntil: mutedUntilMs === null ? null : isoTime(mutedUntilMs),
    fixedAt: fixedAtMs === null ? null : isoTime(fixedAtMs),
  }
}

function reportView(report: InspectionReport | null): object {
  if (report === null) return { health: null, inspectedAt: null, checks: CHECKS.length }
  const { health, startedAtMs, durationMs, checks, open, raised, failedChecks } = report
  const inspectedAt = isoTime(startedAtMs)
  return {
    health,
    inspectedAt,
    durationMs: Math.round(durationMs),
    checks,
    open,
    raised,
    failedChecks,
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

function bodyOf(
  { body }: AskedRequest,
  fields: readonly string[],
): Readonly<Record<string, unknown>> {
  if (body === null || body === undefined || body === '') return {}
  if (typeof body !== 'object' || Array.isArray(body))
    throw new RequestFault('invalid-request', 'the body must be an object')
  const unknown = Object.keys(body).find((name) => !fields.includes(name))
  if (unknown !== undefined) throw new RequestFault('invalid-request', `unknown field ${unknown}`)
  return body as Readonly<Record<string, unknown>>
}

function timeOf(value: unknown, nowMs: number): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (!(ms > nowMs)) throw new RequestFault('invalid-request', 'until must be a time to come')
  return ms
}

/** A broker that has been away for so long is why, and it may be back soon. */
function refuseFull(error: unknown): never {
  if (!(error instanceof OutboxFullError)) throw error
  throw new RequestFault('unavailable', `${error.message}: nothing is changed until it hears of it`)
}

import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../kit/index.ts'
import type { InspectedBroker } from '../../test/support/inspected-broker.ts'
import { startInspectedBroker } from '../../test/support/inspected-broker.ts'
import { addDiagnoseApi } from '../diagnose/index.ts'
import { addLagApi } from '../lag/index.ts'
import { OutboxFullError } from '../outbox/index.ts'
import type { Finding, FindingOperation } from './index.ts'
import {
  addInspectionsApi,
  Inspector,
  inspectionFamilies,
  openTickets,
  ScheduleError,
  scheduleInspections,
  ticketAbout,
} from './index.ts'

let world: InspectedBroker
let app: FastifyInstance
const recorded: FindingOperation[] = []
let isOutboxFull = false
const opened: Record<string, unknown>[] = []

/** As alerting's book of tickets, which this room only opens tickets in. */
const tickets = {
  tickets: {
    openAbout: ({ id }: { id?: string }) =>
      opened.find((one) => (one.source as { id: string }).id === id),
    open: async (ticket: Record<string, unknown>) => {
      opened.push(ticket)
      return ticket
    },
  },
} as unknown as Parameters<typeof ticketAbout>[0]

beforeAll(async () => {
  world = await startInspectedBroker()
  app = fastify()
  addInspectionsApi(app, {
    ...world,
    actorOf: () => 'alice',
    async record(operation) {
      if (isOutboxFull) throw new OutboxFullError('10000 operations wait')
      recorded.push(operation)
    },
    openTicket: (finding, actor) => ticketAbout(tickets, finding, actor, 'http://monitor'),
  })
  addLagApi(app, world.lags)
  addDiagnoseApi(app, world.inspector)
  const configs = { 'glasslog.durability': 'os' }
  await world.call('POST', '/v1/topics', { name: 'hasty', partitions: 1, configs })
})
afterAll(async () => {
  await app.close()
  await world.stop()
})

async function ask(method: 'GET' | 'POST', url: string, body?: object) {
  const response = await app.inject({
    ...{ method, url, headers: { authorization: `Bearer ${world.token}` } },
    ...(body === undefined ? {} : { payload: body }),
  })
  const isJson = /json/.test(String(response.headers['content-type']))
  return { status: response.statusCode, body: isJson ? response.json() : response.body }
}

const relaxed = async (): Promise<Finding> =>
  (await ask('GET', '/v1/inspections?check=relaxed-durability')).body.findings[0]

const durability = async (): Promise<string | undefined> =>
  ((await world.call('GET', '/v1/topics/hasty')) as { configs: Record<string, string> }).configs[
    'glasslog.durability'
  ]

describe('/v1/inspections', () => {
  it('inspects when it is asked to, and says how the cluster is', async () => {
    expect((await ask('GET', '/v1/inspections')).body).toMatchObject({ health: null, findings: [] })
    const { status, body } = await ask('POST', '/v1/inspections/run')
    expect(status).toBe(200)
    expect(body).toMatchObject({ health: { state: 'Healthy' }, failedChecks: [] })
    expect(await relaxed()).toMatchObject({
      ...{ check: 'relaxed-durability', severity: 'important', state: 'open' },
      resource: { kind: 'topic', name: 'hasty' },
      evidence: { facts: expect.any(Array) },
      ...{ cause: expect.any(String), verify: expect.any(String) },
      remedy: { steps: expect.any(Array), action: { method: 'PATCH', reversible: true } },
    })
  })

  it('lists by state, severity, check, area and resource, page by page', async () => {
    const count = async (query: string) =>
      (await ask('GET', `/v1/inspections?${query}`)).body.findings.length
    expect(await count('area=durability&state=open&severity=important&resource=hasty')).toBe(1)
    expect(await count('state=muted')).toBe(0)
    expect(await count('limit=1')).toBe(1)
    expect((await ask('GET', '/v1/inspections?limit=0')).status).toBe(400)
    const { checks } = (await ask('GET', '/v1/inspections/checks')).body
    expect(checks.length).toBeGreaterThanOrEqual(30)
  })

  it('shows what a remedy would do before it does it, and how to take it back', async () => {
    const { id } = await relaxed()
    const tried = await ask('POST', `/v1/inspections/${id}/remedy`)
    expect(tried.body).toMatchObject({ dryRun: true, seq: null, undo: null })
    expect(await durability()).toBe('os')
    const applied = await ask('POST', `/v1/inspections/${id}/remedy`, { apply: true })
    const { seq } = applied.body
    expect(applied.body).toMatchObject({
      dryRun: false,
      undo: `glasslog audit rewind --undo ${seq}`,
    })
    expect(await durability()).toBeUndefined()
    expect(await world.call('GET', `/v1/audit/${seq}`)).toMatchObject({
      operation: 'topic.config.alter',
      reason: expect.stringContaining(id),
    })
    await ask('POST', '/v1/inspections/run')
    expect(await relaxed()).toMatchObject({ state: 'fixed', fixedBy: null })
    // What was right for how things were is not done once they are otherwise.
    expect((await ask('POST', `/v1/inspections/${id}/remedy`, { apply: true })).status).toBe(409)
    await world.call('POST', '/v1/audit/rewind', { undo: [seq] })
    expect(await durability()).toBe('os')
    await ask('POST', '/v1/inspections/run')
    expect(await relaxed()).toMatchObject({ state: 'open', raises: 2 })
  })

  it('lets the broker decide who may carry a remedy out', async () => {
    const { id } = await relaxed()
    const { statusCode, body } = await app.inject({
      ...{ method: 'POST', url: `/v1/inspections/${id}/remedy`, payload: { apply: true } },
      headers: { authorization: 'Bearer nonsense' },
    })
    expect([statusCode, JSON.parse(body).code]).toEqual([422, 'refused'])
    expect(await durability()).toBe('os')
  })

  it('is muted for a month, heard again, and called fixed, each for the history', async () => {
    const { id } = await relaxed()
    expect((await ask('POST', `/v1/inspections/${id}/mute`)).body).toMatchObject({
      ...{ state: 'muted', mutedBy: 'alice' },
      mutedUntil: new Date(world.book.get(id)?.mutedUntilMs ?? 0).toISOString(),
    })
    expect((await ask('POST', `/v1/inspections/${id}/unmute`)).body.state).toBe('open')
    expect((await ask('POST', `/v1/inspections/${id}/fix`)).body).toMatchObject({
      ...{ state: 'fixed', fixedBy: 'alice' },
    })
    expect(recorded.map(({ operation }) => operation)).toEqual([
      ...['inspection.mute', 'inspection.unmute', 'inspection.fix'],
    ])
    expect((await ask('POST', `/v1/inspections/${id}/mute`, { until: 'never' })).status).toBe(400)
    expect((await ask('POST', '/v1/inspections/nothing/mute')).status).toBe(404)
  })

  it('changes nothing that it cannot keep for the history', async () => {
    const before = await relaxed()
    isOutboxFull = true
    for (const change of ['mute', 'unmute', 'fix'])
      expect((await ask('POST', `/v1/inspections/${before.id}/${change}`)).status).toBe(503)
    isOutboxFull = false
    expect(await relaxed()).toEqual(before)
  })

  it('draws the chart of a finding', async () => {
    await world.pass(60_000)
    await ask('POST', '/v1/inspections/run')
    const { body } = await ask('GET', '/v1/inspections?check=unpublished-checkpoint')
    const chart = await ask('GET', `/v1/inspections/${body.findings[0].id}/chart`)
    expect(chart.body).toMatch(/^<svg [\s\S]*<polyline points="\d/)
    expect((await ask('GET', `/v1/inspections/${(await relaxed()).id}/chart`)).status).toBe(404)
  })

  it('goes without a chart that cannot be drawn, and draws what many look at once', async () => {
    const asked: string[] = []
    const range = async (expression: string) => {
      asked.push(expression)
      if (!expression.includes('kafka_log_log_size')) throw new Error('it takes too long')
      return []
    }
    const inspector = new Inspector({
      ...world,
      ...{ logger: silentLogger, query: { instant: world.query, range }, lags: () => [] },
      settings: { version: '0.1.0', produceBytesPerSecond: 0, consumeBytesPerSecond: 0 },
      onRaised: async () => {},
    })
    expect(await inspector.run()).toMatchObject({ failedChecks: [] })
    const { body } = await ask('GET', '/v1/inspections?check=unpublished-checkpoint')
    expect(body.findings[0].evidence.chart).toBeNull()
    expect(new Set(asked).size).toBe(asked.length)
    await Promise.all([inspector.look(), inspector.look()])
    expect(asked.filter((one) => one.includes('kafka_log_log_size'))).toHaveLength(2)
    await world.inspector.run()
  })

  it('inspects anew when it is asked to while an inspection runs that has looked already', async () => {
    const [looked, handled, released] = [0, 1, 2].map(() => Promise.withResolvers<void>())
    const range = async () => {
      looked?.resolve()
      await released?.promise
      return []
    }
    const inspector = new Inspector({
      ...world,
      ...{ logger: silentLogger, query: { instant: world.query, range }, lags: () => [] },
      settings: { version: '0.1.0', produceBytesPerSecond: 0, consumeBytesPerSecond: 0 },
      onRaised: async () => {},
    })
    const other = fastify()
    other.addHook('preHandler', async () => handled?.resolve())
    addInspectionsApi(other, {
      ...{ ...world, inspector, actorOf: () => 'alice' },
      ...{ record: async () => {}, openTicket: async () => ({}) },
    })
    const running = inspector.run()
    await looked?.promise
    const configs = { 'glasslog.durability': 'os' }
    await world.call('POST', '/v1/topics', { name: 'hasty-too', partitions: 1, configs })
    const asked = other.inject({ method: 'POST', url: '/v1/inspections/run' })
    await handled?.promise
    await new Promise((resolve) => setImmediate(resolve))
    released?.resolve()
    await running
    const { findings } = (await asked).json() as { findings: Finding[] }
    await other.close()
    await world.call('DELETE', '/v1/topics/hasty-too')
    await world.inspector.run()
    expect(findings.map(({ resource }) => resource.name)).toContain('hasty-too')
  })

  it('opens one ticket about a finding, by hand or by its severity', async () => {
    const finding = world.book.get((await relaxed()).id) as Finding
    await openTickets(tickets, [finding], 'critical', 'http://monitor')
    expect(opened).toEqual([])
    await openTickets(tickets, [finding], 'important', 'http://monitor')
    await ask('POST', `/v1/inspections/${finding.id}/ticket`)
    expect(opened).toMatchObject([
      { severity: 'important', source: { kind: 'finding', id: finding.id } },
    ])
  })

  it('is counted by severity and state', () => {
    const families = inspectionFamilies({
      findings: () => world.book.all(),
      lastReport: () => world.inspector.lastReport,
    })
    const values = Object.fromEntries(families.map(({ name, samples }) => [name, [...samples()]]))
    expect(values.glasslog_inspection_health).toEqual([{ labels: {}, value: 1 }])
    expect(values.glasslog_inspection_findings).toContainEqual({
      ...{ labels: { severity: 'advice', state: 'open' }, value: expect.any(Number) },
    })
    expect(values.glasslog_inspection_duration_seconds).toHaveLength(1)
    expect(values.glasslog_inspection_timestamp_seconds).toHaveLength(1)
  })

  it('takes a cron expression, and refuses what is none', async () => {
    await expect(scheduleInspections(world.inspector, 'often', silentLogger)).rejects.toThrow(
      ScheduleError,
    )
    const stop = await scheduleInspections(world.inspector, '* * * * * *', silentLogger)
    const first = world.inspector.lastReport
    await expect.poll(() => world.inspector.lastReport !== first, { timeout: 15_000 }).toBe(true)
    stop()
  }, 20_000)
})

describe('/v1/lag', () => {
  it('answers in Burrow’s word for a group that nobody knows', async () => {
    expect((await ask('GET', '/v1/lag')).body).toEqual({ groups: [], next: null })
    expect((await ask('GET', '/v1/lag?group=nobody')).body.groups).toMatchObject([
      { group: 'nobody', status: 'NOTFOUND' },
    ])
    expect((await ask('GET', '/v1/lag/nobody')).status).toBe(404)
  })
})

describe('/v1/diagnose', () => {
  it('answers about what there is, and asks for a subject', async () => {
    expect((await ask('GET', '/v1/diagnose?topic=hasty')).body).toEqual({
      ...{ subject: { kind: 'topic', name: 'hasty' }, causes: [] },
    })
    expect((await ask('GET', '/v1/diagnose?disk')).status).toBe(200)
    expect((await ask('GET', '/v1/diagnose?group=nobody')).status).toBe(404)
    expect((await ask('GET', '/v1/diagnose')).status).toBe(400)
  })
})

import { execFile } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger, systemClock } from '../../kit/index.ts'
import type { SimTime } from '../../kit/testing.ts'
import { createSimTime } from '../../kit/testing.ts'
import type { Operation } from '../operation.ts'
import { StateLog } from '../state/state-log.ts'
import type { TestPipeline } from '../testing.ts'
import { config, HOUR_MS, MINUTE_MS, openPipeline } from '../testing.ts'
import { addAlertingApi } from './alerting-api.ts'
import { addAlertmanagerApi } from './alertmanager-api.ts'

const run = promisify(execFile)
/** Debian's package prometheus-alertmanager; where it is not installed, those tests are skipped by name. */
const hasAmtool = await run('amtool', ['--version']).then(
  () => true,
  () => false,
)

const SETTINGS = config(`
route:
  receiver: team
  group_by: [alertname]
  group_wait: 0s
  routes: [{ receiver: pager, matchers: [severity=critical], escalation: [{ after: 5m, receiver: team }] }]
receivers:
- { name: team, webhook_configs: [{ url: 'http://localhost/' }] }
- { name: pager, pagerduty_configs: [{ routing_key_env: KEY }] }
inhibit_rules: [{ source_matchers: [alertname=Down], target_matchers: [alertname=Lag] }]
`)

let app: FastifyInstance
let test: TestPipeline
let time: SimTime
let url = ''

beforeEach(async () => {
  // amtool reckons with the real time of day.
  time = createSimTime(systemClock.now())
  test = await openPipeline(SETTINGS, { time })
  app = fastify()
  const actorOf = () => 'kim'
  const { pipeline } = test
  addAlertmanagerApi(app, { pipeline, clock: time.clock, version: '1.2.3', actorOf })
  addAlertingApi(app, { pipeline, actorOf })
  await app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
})

afterEach(async () => {
  await app.close()
  await test.pipeline.stop()
})

it('what the history cannot be told of is refused for a while, not for good', async () => {
  await app.close()
  const { id } = await test.pipeline.tickets.open({ title: 'disk' }, 'kim')
  await test.pipeline.stop()
  const { disk } = test
  const log = await StateLog.open(disk, 'alerting', silentLogger)
  for (let number = 0; number < 10_000; number++) {
    const operation: Operation = {
      ...{ id: `${number}`, operation: 'ticket.update', actor: 'kim', occurredAtMs: 0 },
      ...{ resource: { kind: 'ticket', id }, before: null, after: null },
    }
    log.apply({ kind: 'operation', operation })
  }
  await log.commit()
  await log.close()
  test = await openPipeline(SETTINGS, { time, disk, observe: () => new Promise(() => {}) })
  const { pipeline } = test
  app = fastify()
  const actorOf = () => 'kim'
  addAlertmanagerApi(app, { pipeline, clock: time.clock, version: '1.2.3', actorOf })
  addAlertingApi(app, { pipeline, actorOf })
  const silence = {
    matchers: [{ name: 'alertname', value: 'Lag', isRegex: false }],
    startsAt: new Date(time.clock.now()).toISOString(),
    endsAt: new Date(time.clock.now() + HOUR_MS).toISOString(),
    ...{ createdBy: 'kim', comment: 'works' },
  }
  const refusals = [
    await app.inject({ method: 'PATCH', url: `/v1/tickets/${id}`, payload: { assignee: 'max' } }),
    await app.inject({ method: 'POST', url: '/v1/tickets', payload: { title: 'another' } }),
    await app.inject({ method: 'POST', url: '/api/v2/silences', payload: silence }),
  ]
  for (const { statusCode, headers } of refusals) {
    expect([statusCode, headers['retry-after']]).toEqual([503, '30'])
  }
  expect(refusals[0]?.json()).toMatchObject({ status: 503, code: 'unavailable' })
  expect(pipeline.tickets.all()).toMatchObject([{ title: 'disk', assignee: null }])
})

async function ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) {
  const answer = await app.inject({ method, url: path, ...(body ? { payload: body } : {}) })
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() }
}

const amtool = async (...args: string[]): Promise<string> => {
  const { stdout } = await run('amtool', [`--alertmanager.url=${url}`, ...args])
  time.setWallClock(systemClock.now())
  return stdout
}

describe("Alertmanager's API", () => {
  it('takes alerts, and shows what holds them back', async () => {
    const alert = (alertname: string) => ({ labels: { alertname } })
    expect((await ask('POST', '/api/v2/alerts', [alert('Down'), alert('Lag')])).status).toBe(200)
    const { body } = await ask('GET', '/api/v2/alerts')
    const lag = body.find(
      (one: { labels: { alertname: string } }) => one.labels.alertname === 'Lag',
    )
    const down = body.find(
      (one: { labels: { alertname: string } }) => one.labels.alertname === 'Down',
    )
    expect(lag.status).toEqual({
      state: 'suppressed',
      silencedBy: [],
      inhibitedBy: [down.fingerprint],
      mutedBy: [],
    })
    expect(down).toMatchObject({ status: { state: 'active' }, receivers: [{ name: 'team' }] })
    expect(Date.parse(down.endsAt) - Date.parse(down.updatedAt)).toBe(5 * MINUTE_MS)
    expect((await ask('GET', '/api/v2/alerts?inhibited=false')).body).toHaveLength(1)
    expect((await ask('GET', '/api/v2/alerts?receiver=pag.*')).body).toEqual([])
    expect((await ask('GET', '/api/v2/alerts?filter=alertname%3DLag')).body).toHaveLength(1)
    const groups = await ask('GET', '/api/v2/alerts/groups')
    expect(groups.body.map(({ labels }: { labels: object }) => labels)).toEqual([
      { alertname: 'Down' },
      { alertname: 'Lag' },
    ])
  })

  it.each([
    ['POST', '/api/v2/alerts', { labels: {} }, 400, 'body must be a list of alerts'],
    ['POST', '/api/v2/alerts', [{ labels: {} }], 400, '[0]: at least one label pair is required'],
    ['POST', '/api/v2/alerts', [{ labels: { a: 1 } }], 400, '[0].labels.a must be a text'],
    ['POST', '/api/v2/silences', { matchers: [] }, 400, 'startsAt is missing'],
    ['GET', '/api/v2/alerts?filter=x', undefined, 400, 'bad matcher format'],
    ['GET', '/api/v2/alerts?active=maybe', undefined, 400, 'active must be true or false'],
    ['GET', '/api/v2/silence/none', undefined, 404, 'silence not found'],
    ['DELETE', '/api/v2/silence/none', undefined, 404, 'silence not found'],
  ] as const)('%s %s %j: %i', async (method, path, body, status, message) => {
    const answer = await ask(method, path, body as object | undefined)
    expect(answer.status).toBe(status)
    expect(answer.body).toContain(message)
  })

  it.runIf(hasAmtool)('works with amtool: alerts', async () => {
    await amtool('alert', 'add', 'Disk', 'severity=critical', '--annotation=summary=it is full')
    expect(await amtool('alert', 'query')).toMatch(/Disk.*it is full\s+active/)
    const extended = JSON.parse(await amtool('-o', 'json', 'alert', 'query', 'severity=critical'))
    expect(extended).toMatchObject([
      { labels: { alertname: 'Disk' }, receivers: [{ name: 'pager' }] },
    ])
    expect(await amtool('alert', 'query', '--receiver=team')).not.toContain('Disk')
    expect(test.outside.take()).toEqual(['pager/pagerduty first firing: Disk; resolved: '])
  })

  it.runIf(hasAmtool)('works with amtool: silences', async () => {
    await amtool('alert', 'add', 'Disk', 'severity=critical')
    const id = (
      await amtool(
        'silence',
        'add',
        'alertname=~Di.+',
        'severity!=info',
        '-c',
        'known',
        '-a',
        'lee',
        '-d',
        '2h',
      )
    ).trim()
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    expect(await amtool('silence', 'query')).toMatch(/alertname=~"?Di\.\+"?.*lee\s+known/)
    expect(await amtool('alert', 'query')).not.toContain('Disk')
    expect(await amtool('alert', 'query', '--silenced')).toContain('suppressed')
    await amtool('silence', 'update', id, '-d', '4h', '-c', 'still known')
    const [updated] = test.pipeline.silences.all()
    expect(updated).toMatchObject({ comment: 'still known', createdBy: 'lee' })
    await amtool('silence', 'expire', id)
    expect(await amtool('silence', 'query')).not.toContain('known')
    expect(await amtool('silence', 'query', '--expired')).toContain('still known')
    expect(test.operations.map(({ operation, actor }) => `${operation} ${actor}`)).toContain(
      'silence.expire kim',
    )
  })

  it.runIf(hasAmtool)('works with amtool: configuration and cluster', async () => {
    expect(await amtool('config', 'show')).toContain('receiver: pager')
    expect(await amtool('config', 'routes')).toMatch(/severity="critical".*receiver: pager/)
    expect((await amtool('config', 'routes', 'test', 'severity=critical')).trim()).toBe('pager')
    expect(await amtool('cluster', 'show')).toContain('disabled')
  })
})

describe('our own routes', () => {
  it('show deliveries, page by page', async () => {
    test.fire('A', 'B', 'C')
    await test.pass(MINUTE_MS)
    const first = await ask('GET', '/v1/deliveries?limit=2&outcome=delivered&receiver=team')
    expect(first.body.deliveries).toHaveLength(2)
    expect(first.body.deliveries[0]).toMatchObject({
      to: 'team/webhook',
      answer: 'HTTP 200',
      attempts: 1,
      reason: 'first',
    })
    const second = await ask('GET', `/v1/deliveries?limit=2&cursor=${first.body.next}`)
    expect(second.body.deliveries).toHaveLength(1)
    expect(second.body.next).toBeNull()
    const later = new Date(time.clock.now() + HOUR_MS).toISOString()
    expect((await ask('GET', `/v1/deliveries?from=${later}`)).body.deliveries).toEqual([])
    expect((await ask('GET', '/v1/deliveries?limit=0')).body.code).toBe('invalid-request')
  })

  it('test a contact point', async () => {
    expect((await ask('GET', '/v1/contact-points')).body.contactPoints).toHaveLength(2)
    const dry = await ask('POST', '/v1/contact-points/pager/test?dryRun=true')
    expect(dry.body).toEqual({ deliveries: [] })
    const sent = await ask('POST', '/v1/contact-points/pager/test')
    expect(sent.body.deliveries).toMatchObject([{ outcome: 'delivered', reason: 'test' }])
    expect(test.outside.arrivals).toHaveLength(1)
    expect(await ask('POST', '/v1/contact-points/x/test')).toMatchObject({
      status: 404,
      body: { code: 'not-found', detail: 'there is no contact point x' },
    })
  })

  it('open, change and find tickets', async () => {
    const asked = { title: 'T', source: { kind: 'finding', id: '7' }, assignee: null }
    expect((await ask('POST', '/v1/tickets?dryRun=true', asked)).body.id).toBe('1')
    expect((await ask('GET', '/v1/tickets')).body.tickets).toEqual([])
    await ask('POST', '/v1/tickets', asked)
    const patched = await ask('PATCH', '/v1/tickets/1', { state: 'in-progress', comment: 'on it' })
    expect(patched.body).toMatchObject({ state: 'in-progress', comments: [{ by: 'kim' }] })
    expect((await ask('GET', '/v1/tickets?state=in-progress')).body.tickets).toHaveLength(1)
    expect((await ask('GET', '/v1/tickets/1')).body.source).toEqual({ kind: 'finding', id: '7' })
    expect((await ask('GET', '/v1/tickets/9')).status).toBe(404)
    const stale = await app.inject({
      method: 'PATCH',
      url: '/v1/tickets/1',
      headers: { 'if-match': '"1"' },
      payload: { state: 'closed' },
    })
    expect([stale.statusCode, stale.json().code]).toEqual([412, 'changed'])
    expect((await ask('PATCH', '/v1/tickets/1', { state: 'gone' })).status).toBe(400)
    expect((await ask('PATCH', '/v1/tickets/1', { id: '5' })).body.detail).toBe('unknown field id')
  })

  it('acknowledge alerts', async () => {
    await ask('POST', '/api/v2/alerts', [{ labels: { alertname: 'A' } }])
    const fingerprints = [...test.pipeline.alerts.keys()]
    const dry = await ask('POST', '/v1/acknowledgements?dryRun=true', { fingerprints })
    expect(dry.body.acknowledgements).toHaveLength(1)
    expect((await ask('GET', '/v1/acknowledgements')).body.acknowledgements).toEqual([])
    const made = await ask('POST', '/v1/acknowledgements', { fingerprints, comment: 'on it' })
    expect(made.body.acknowledgements).toMatchObject([{ by: 'kim', comment: 'on it' }])
    expect((await ask('GET', '/v1/acknowledgements')).body.acknowledgements).toHaveLength(1)
    expect((await ask('DELETE', `/v1/acknowledgements/${fingerprints[0]}`)).status).toBe(200)
    expect((await ask('DELETE', `/v1/acknowledgements/${fingerprints[0]}`)).status).toBe(404)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../../../kit/index.ts'
import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from '../../../protocol/index.ts'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'

let admin: TestAdmin
beforeAll(async () => {
  admin = await startTestAdmin()
})
afterAll(() => admin.stop())

const put = (name: string, configs: object, query = '', headers = {}) =>
  admin.call(`PUT /v1/client-metrics/${name}${query}`, { body: { configs }, headers })

/** What a Kafka client is asked to report. */
async function asked() {
  const client = await admin.broker.connect()
  const { requestedMetrics, pushIntervalMs } = await client.send(
    GetTelemetrySubscriptionsRequest,
    GetTelemetrySubscriptionsResponse,
    0,
    { clientInstanceId: ZERO_UUID },
  )
  await client.close()
  return { requestedMetrics, pushIntervalMs }
}

const NOTHING = { requestedMetrics: [], pushIntervalMs: 300_000 }

describe('/v1/client-metrics', () => {
  it('makes, replaces, shows and ends a subscription, which clients are asked for', async () => {
    expect(await asked()).toEqual(NOTHING)
    const configs = { metrics: 'org.apache.kafka.producer.,*', 'interval.ms': '60000' }
    const made = await put('all', configs, '?reason=slow+producers')
    expect(made).toMatchObject({
      status: 200,
      body: { name: 'all', configs, intervalMs: 60_000, match: [], dryRun: false },
    })
    expect(await asked()).toMatchObject({ pushIntervalMs: 60_000 })
    const one = await admin.call('GET /v1/client-metrics/all')
    expect(one.body).toEqual({
      ...{ name: 'all', configs, intervalMs: 60_000, match: [] },
      metrics: ['org.apache.kafka.producer.', '*'],
    })
    expect(one.headers.etag).toBe(made.headers.etag)

    // What is not given goes back to its default.
    const match = 'client_id=app.*,client_software_name=librdkafka'
    expect((await put('all', { match })).body).toMatchObject({
      ...{ configs: { match }, intervalMs: 300_000, metrics: [] },
      match: ['client_id=app.*', 'client_software_name=librdkafka'],
    })
    expect((await put('all', configs, '', { 'if-match': made.headers.etag })).status).toBe(412)
    expect((await admin.call('GET /v1/client-metrics')).body).toMatchObject({
      subscriptions: [{ name: 'all', configs: { match } }],
      next: null,
    })

    const ended = await admin.call('DELETE /v1/client-metrics/all')
    expect(ended).toMatchObject({ status: 200, body: { dryRun: false } })
    expect(await asked()).toEqual(NOTHING)
    expect((await admin.call('GET /v1/client-metrics/all')).status).toBe(404)
    expect((await admin.call('DELETE /v1/client-metrics/all')).status).toBe(404)

    const { seq } = ended.body as { readonly seq: number }
    await admin.call('POST /v1/audit/rewind', { body: { undo: [seq] } })
    expect(admin.broker.services.control.state.clientMetrics.get('all')).toEqual({ match })
  })

  it('changes nothing in a dry run, and records nothing', async () => {
    const tried = await put('tried', { metrics: '*' }, '?dryRun=true')
    expect(tried).toMatchObject({ status: 200, body: { dryRun: true, seq: null, metrics: ['*'] } })
    expect((await admin.call('GET /v1/client-metrics/tried')).status).toBe(404)
  })

  it('shows what of a subscription is in effect that an older version accepted', async () => {
    const stored = admin.broker.services.control.state.clientMetrics
    if (!(stored instanceof Map)) throw new Error('the state keeps no map')
    const configs = { metrics: '*', 'interval.ms': '1', 'batch.size': '7' }
    stored.set('old', configs)
    const shown = { name: 'old', configs, intervalMs: 300_000, match: [], metrics: ['*'] }
    const one = await admin.call('GET /v1/client-metrics/old')
    expect([one.status, one.body]).toEqual([200, shown])
    const list = await admin.call('GET /v1/client-metrics')
    expect(list.body).toMatchObject({ subscriptions: expect.arrayContaining([shown]) })
    stored.delete('old')
  })

  it('lists in pages', async () => {
    for (const name of ['p1', 'p2', 'p3']) await put(name, { metrics: '*' })
    const names: string[] = []
    let cursor = ''
    do {
      const { body } = await admin.call(`GET /v1/client-metrics?limit=2${cursor}`)
      const page = body as { subscriptions: { name: string }[]; next: string | null }
      names.push(...page.subscriptions.map(({ name }) => name))
      cursor = page.next === null ? '' : `&cursor=${page.next}`
    } while (cursor !== '')
    expect(names.filter((name) => name.startsWith('p'))).toEqual(['p1', 'p2', 'p3'])
  })

  it.each<readonly [string, object, number]>([
    ['a configuration that there is not', { 'intervall.ms': '1000' }, 400],
    ['an interval out of its range', { 'interval.ms': '1' }, 400],
    ['a pattern that is none', { match: 'client_id=(' }, 400],
    ['an attribute that there is not', { match: 'colour=blue' }, 400],
    ['nothing', {}, 400],
  ])('refuses %s', async (_, configs, status) => {
    const answer = await put('wrong', configs)
    expect([answer.status, answer.body]).toEqual([status, expect.objectContaining({ status })])
    expect((await admin.call('GET /v1/client-metrics/wrong')).status).toBe(404)
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'

let admin: TestAdmin
beforeEach(async () => {
  admin = await startTestAdmin()
})
afterEach(() => admin.stop())

const OUTBOX = 'outbox-of-a-test'

const report = (position: number, members: object = {}) => ({
  ...{ position, operation: 'ticket.create', resource: `ticket-${position}` },
  ...{ occurredAt: '2026-01-02T03:04:05.000Z', before: null, after: { state: 'open' } },
  ...members,
})

const handIn = (operations: readonly object[], outbox = OUTBOX) =>
  admin.call('POST /v1/monitor/operations', { body: { outbox, operations } })

async function recordsOf(operation: string): Promise<readonly Record<string, unknown>[]> {
  const { body } = await admin.call(`GET /v1/audit?operation=${operation}&order=oldest`)
  return (body as { readonly records: readonly Record<string, unknown>[] }).records
}

const hook = { webhook_configs: [{ url_secret: 'hook' }] }

describe('/v1/monitor/operations', () => {
  it('makes a record of each report, as of when it happened and for whoever did it', async () => {
    const told = report(1, {
      ...{ onBehalfOf: 'User:alice', ip: '192.0.2.7', reason: 'a disk', causes: [0] },
    })
    const { status, body } = await handIn([told])
    expect([status, body]).toMatchObject([
      200,
      { results: [{ position: 1, status: 'recorded', message: null }], lastPosition: 1 },
    ])
    expect(await recordsOf('ticket.create')).toMatchObject([
      {
        ...{ occurredAt: told.occurredAt, reason: 'a disk', causes: [0], reversal: 'none' },
        actor: { principal: 'User:root', mechanism: 'root-token', onBehalfOf: 'User:alice' },
        source: { ip: '192.0.2.7', listener: 'CONSOLE' },
        resource: { kind: 'ticket', name: 'ticket-1', id: OUTBOX },
        after: { position: 1, from: null, to: { state: 'open' } },
      },
    ])
  })

  it('takes what comes again once', async () => {
    await handIn([report(1), report(3)])
    const again = await handIn([report(1), report(3), report(4)])
    const { results } = again.body as { readonly results: readonly { readonly status: string }[] }
    expect(results.map(({ status }) => status)).toEqual(['known', 'known', 'recorded'])
    expect(await recordsOf('ticket.create')).toHaveLength(3)
    const { body } = await admin.call(`GET /v1/monitor/outboxes/${OUTBOX}`)
    expect(body).toEqual({ outbox: OUTBOX, lastPosition: 4 })
    // Another outbox counts for itself.
    expect((await handIn([report(1)], 'another-outbox')).body).toMatchObject({ lastPosition: 1 })
  })

  it('takes what comes twice at the same time once', async () => {
    const both = await Promise.all([handIn([report(1)]), handIn([report(1)])])
    const statuses = both.flatMap(
      ({ body }) => (body as { readonly results: readonly { readonly status: string }[] }).results,
    )
    expect(statuses.map(({ status }) => status).sort()).toEqual(['known', 'recorded'])
    const records = await recordsOf('ticket.create')
    expect(records.filter(({ after }) => after !== null)).toHaveLength(1)
  })

  it('refuses what is no report, alone', async () => {
    let deep: object = {}
    for (let depth = 0; depth < 50; depth++) deep = { deep }
    const { body } = await handIn([
      report(1, { after: { text: 'x'.repeat(20_000) } }),
      report(2, { after: deep }),
      report(3),
    ])
    expect(body).toMatchObject({
      results: [
        { status: 'refused', message: 'A value takes at most 16384 bytes' },
        { status: 'refused', message: 'A value is nested too deeply.' },
        { status: 'recorded' },
      ],
      lastPosition: 3,
    })
    for (const wrong of [{ operation: 'topic.delete' }, { position: 0 }, { ip: 'no address' }]) {
      expect((await handIn([report(9, wrong)])).status).toBe(400)
    }
    expect((await handIn([report(9)], 'short')).status).toBe(400)
  })

  it('records text that no record can hold as it is, and holds nothing up', async () => {
    const told = [report(1, { after: { comment: 'half \ud800' } }), report(2)]
    const { status, body } = await handIn(told)
    expect(status).toBe(200)
    expect(body).toMatchObject({ results: [{ status: 'recorded' }, { status: 'recorded' }] })
    expect(await recordsOf('ticket.create')).toMatchObject([
      { after: { to: { comment: 'half \ufffd' } } },
      {},
    ])
  })

  it('is for the token of root.token alone', async () => {
    const made = await admin.call('POST /v1/tokens', { body: { account: 'root', label: 'x' } })
    const { token } = made.body as { readonly token: string }
    const body = { outbox: OUTBOX, operations: [report(1)] }
    const denied = await admin.call('POST /v1/monitor/operations', { token, body })
    expect(denied.status).toBe(403)
    expect((await admin.call('GET /v1/monitor/configuration', { token })).status).toBe(403)
    expect(await recordsOf('ticket.create')).toEqual([])
  })
})

describe('/v1/monitor/configuration', () => {
  it('has everything that was stored, with the secrets', async () => {
    await admin.call('PUT /v1/rules/lag', { body: { rules: [{ record: 'a:b', expr: 'sum(a)' }] } })
    await admin.call('PUT /v1/contact-points/on-call', {
      body: { settings: hook, secrets: { hook: 'https://hooks.example.com/s3cret' } },
    })
    const policy = { route: { receiver: 'on-call' } }
    await admin.call('PUT /v1/notification-policy', { body: { policy } })
    const { body } = await admin.call('GET /v1/monitor/configuration')
    expect(body).toEqual({
      seq: expect.any(Number),
      ruleGroups: [{ name: 'lag', rules: [{ record: 'a:b', expr: 'sum(a)' }] }],
      contactPoints: [
        {
          ...{ name: 'on-call', settings: hook },
          secrets: { hook: 'https://hooks.example.com/s3cret' },
        },
      ],
      notificationPolicy: policy,
      diskPolicy: expect.objectContaining({ mode: 'off', driver: 'capacity', planWindow: null }),
    })
  })

  it('is told anew only when something was changed', async () => {
    const get = (tag: unknown) =>
      admin.call('GET /v1/monitor/configuration', { headers: { 'if-none-match': String(tag) } })
    let { etag } = (await get('')).headers
    const changes: readonly (readonly [string, object | undefined])[] = [
      ['PUT /v1/rules/lag', { rules: [] }],
      ['PUT /v1/contact-points/mail', { settings: {} }],
      ['PUT /v1/notification-policy', { policy: { route: { receiver: 'mail' } } }],
      ['PUT /v1/disk-policy', { mode: 'retention' }],
      ['DELETE /v1/rules/lag', undefined],
      ['DELETE /v1/notification-policy', undefined],
      ['DELETE /v1/contact-points/mail', undefined],
    ]
    for (const [target, body] of changes) {
      expect((await get(etag)).status).toBe(304)
      expect((await admin.call(target, body ? { body } : {})).status).toBe(200)
      const next = await get(etag)
      expect([target, next.status]).toEqual([target, 200])
      etag = next.headers.etag
    }
    await admin.call('PUT /v1/users/alice', { body: { password: 'something long enough' } })
    expect((await get(etag)).status).toBe(304)
  })

  it('is not sent where others could read it', async () => {
    const { statusCode } = await admin.app.inject({
      ...{ method: 'GET', url: '/v1/monitor/configuration', remoteAddress: '192.0.2.1' },
      headers: { authorization: 'Bearer root-token-of-the-test' },
    })
    expect(statusCode).toBe(403)
  })

  it('leaves in the history who got secrets', async () => {
    await admin.call('GET /v1/monitor/configuration')
    const body = { settings: hook, secrets: { hook: 'https://hooks.example.com/s3cret' } }
    await admin.call('PUT /v1/contact-points/on-call', { body })
    await admin.call('GET /v1/monitor/configuration')
    await admin.broker.time.advance(60_000)
    const records = await recordsOf('contact-point.secrets.read')
    expect(records).toMatchObject([
      { request: { count: 1, contactPoints: ['on-call'] }, resource: { name: 'monitor' } },
    ])
  })
})

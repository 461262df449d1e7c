import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'

/** `/v1/rules`, `/v1/contact-points` and `/v1/notification-policy`: what the monitor goes by. */

let admin: TestAdmin
beforeEach(async () => {
  admin = await startTestAdmin()
})
afterEach(() => admin.stop())

const SECRET = 'hunter2-of-the-mail-server'

const mail = {
  email_configs: [
    {
      ...{ to: 'on-call@example.com', from: 'glasslog@example.com', smarthost: 'mail:587' },
      ...{ auth_username: 'glasslog', auth_password_secret: 'smtp' },
    },
  ],
}

const put = (target: string, body: object, headers = {}) =>
  admin.call(`PUT ${target}`, { body, headers })

async function historyText(): Promise<string> {
  const { history } = admin.services.broker.control
  const entries = await history.read(0, history.nextSeq)
  return entries.map(({ bytes }) => Buffer.from(bytes).toString()).join('\n')
}

const half = 'half a pair: \ud800'

it.each([
  ['rules/lag', { rules: [{ record: 'up:x', expr: 'up', labels: { team: half } }] }],
  [
    'contact-points/ops',
    { settings: { email_configs: [{ ...mail.email_configs[0], html: half }] } },
  ],
  ['notification-policy', { policy: { route: { receiver: 'console', group_by: [half] } } }],
  ['client-metrics/slow', { configs: { match: `client_id=${half}` } }],
])('refuses /v1/%s with text that no record can hold, with a record', async (path, body) => {
  const { nextSeq } = admin.services.broker.control.history
  const { status } = await put(`/v1/${path}`, body)
  expect(status).toBe(400)
  const [entry] = await admin.services.broker.control.history.read(nextSeq, 1)
  expect(entry?.record.outcome.code).toMatch(/^INVALID/)
})

describe('/v1/rules', () => {
  const lag = {
    interval: '15s',
    rules: [
      {
        ...{ alert: 'LagHigh', expr: 'glasslog_lag_seconds > 300', for: '5m' },
        ...{ labels: { severity: 'warning' }, annotations: { summary: '{{ $labels.group }}' } },
      },
      { record: 'topic:bytes:rate5m', expr: 'sum by (topic) (rate(bytes_total[5m]))' },
    ],
  }

  it('keeps groups as they were given, with who changed what', async () => {
    const made = await put('/v1/rules/lag', lag)
    expect([made.status, made.body]).toMatchObject([200, { name: 'lag', ...lag, dryRun: false }])
    const shown = await admin.call('GET /v1/rules/lag')
    expect(shown.body).toEqual({ name: 'lag', ...lag })
    expect(shown.headers.etag).toBe(made.headers.etag)
    const stale = await put('/v1/rules/lag', { rules: [] }, { 'if-match': '"0"' })
    expect(stale.status).toBe(412)
    const next = await put('/v1/rules/lag', { rules: [] }, { 'if-match': shown.headers.etag })
    expect(next.status).toBe(200)
    await put('/v1/rules/disk', { rules: [] })
    const { body } = await admin.call('GET /v1/rules')
    expect(body).toEqual({
      groups: [
        { name: 'disk', rules: [] },
        { name: 'lag', rules: [] },
      ],
      next: null,
    })
    const { body: page } = await admin.call('GET /v1/audit?operation=rule.put&order=oldest')
    expect(page).toMatchObject({
      records: [
        { before: null, after: { name: 'lag', ...lag }, request: { name: 'lag', rules: 2 } },
        { outcome: { code: 'INVALID_UPDATE_VERSION' } },
        { before: { name: 'lag', ...lag }, after: { name: 'lag', rules: [] } },
        { after: { name: 'disk' } },
      ],
    })
  })

  it('brings a group back that was deleted', async () => {
    await put('/v1/rules/lag', lag)
    const { body } = await admin.call('DELETE /v1/rules/lag')
    expect((await admin.call('GET /v1/rules/lag')).status).toBe(404)
    const { seq } = body as { readonly seq: number }
    const undone = await admin.call('POST /v1/audit/rewind', { body: { undo: [seq] } })
    expect(undone.status).toBe(200)
    expect((await admin.call('GET /v1/rules/lag')).body).toEqual({ name: 'lag', ...lag })
  })

  it.each([
    ['both an alert and a record', { rules: [{ alert: 'A', record: 'b', expr: '1' }] }, 'rules[0]'],
    ['neither', { rules: [{ expr: '1' }] }, 'rules[0] needs either'],
    ['an alert that waits for nothing', { rules: [{ alert: 'A', expr: '1', for: 'soon' }] }, 'for'],
    ['a record that waits', { rules: [{ record: 'a', expr: '1', for: '1m' }] }, 'rules[0].for'],
    ['a name of a series that is none', { rules: [{ record: 'a b', expr: '1' }] }, 'record'],
    ['a name of a label that is none', { rules: [], labels: { 'a-b': '1' } }, 'labels'],
    ['another name', { name: 'x', rules: [] }, 'another name'],
    ['a member that is none', { rules: [], color: 'red' }, 'body'],
    ['no rules', {}, 'body'],
    ['too much', { rules: [{ record: 'a', expr: 'x'.repeat(140_000) }] }, '131072 bytes'],
  ])('refuses a group with %s', async (_, body, detail) => {
    const { status, body: problem } = await put('/v1/rules/lag', body)
    expect(status).toBe(400)
    expect(JSON.stringify(problem)).toContain(detail)
    expect((await admin.call('GET /v1/rules/lag')).status).toBe(404)
  })
})

describe('/v1/contact-points', () => {
  it('keeps secrets out of answers and out of the history', async () => {
    const made = await put('/v1/contact-points/mail', {
      settings: mail,
      secrets: { smtp: SECRET },
    })
    expect(made.body).toMatchObject({ name: 'mail', settings: mail, secrets: ['smtp'] })
    const { body } = await admin.call('GET /v1/contact-points')
    expect(body).toEqual({
      contactPoints: [{ name: 'mail', settings: mail, secrets: ['smtp'] }],
      next: null,
    })
    expect(JSON.stringify([made.body, body])).not.toContain(SECRET)
    expect(await historyText()).not.toContain(SECRET)
    const { secrets } = admin.services.broker.control
    expect(secrets.size).toBe(1)
  })

  it('keeps a secret that is not given again, and erases one that nobody names', async () => {
    const { control } = admin.services.broker
    await put('/v1/contact-points/mail', { settings: mail, secrets: { smtp: SECRET } })
    const idOf = () => control.state.contactPoints.get('mail')?.secrets.smtp?.secretId
    const id = idOf()
    await put('/v1/contact-points/mail', { settings: mail })
    expect(idOf()).toBe(id)
    await put('/v1/contact-points/mail', { settings: mail, secrets: { smtp: 'another' } })
    expect(idOf()).not.toBe(id)
    expect(control.secrets.size).toBe(1)
    await put('/v1/contact-points/mail', { settings: {} })
    expect(control.secrets.size).toBe(0)
    await put('/v1/contact-points/mail', { settings: mail, secrets: { smtp: SECRET } })
    await admin.call('DELETE /v1/contact-points/mail')
    expect(control.secrets.size).toBe(0)
  })

  it('goes back to settings without what was erased', async () => {
    const first = await put('/v1/contact-points/mail', { settings: {} })
    const second = await put('/v1/contact-points/mail', {
      settings: mail,
      secrets: { smtp: SECRET },
    })
    const seqOf = ({ body }: { readonly body: unknown }) => (body as { seq: number }).seq
    const rewind = { to: String(seqOf(first)) }
    await admin.call('POST /v1/audit/rewind', { body: rewind })
    const { body } = await admin.call('GET /v1/contact-points/mail')
    expect(body).toEqual({ name: 'mail', settings: {}, secrets: [] })
    const forward = { to: String(seqOf(second)) }
    const { body: plan } = await admin.call('POST /v1/audit/rewind?dryRun=true', { body: forward })
    expect(JSON.stringify(plan)).toContain('a secret that was erased does not come back')
  })

  const webhook = (members: object) => ({ webhook_configs: [members] })

  it.each([
    ['a secret in the open', { email_configs: [{ ...mail.email_configs[0], auth_password: 'p' }] }],
    ['a file of the monitor', webhook({ url_file: '/etc/shadow' })],
    ['a variable of the monitor', webhook({ url_env: 'HOME' })],
    [
      'a certificate from a file',
      webhook({ url: 'https://a', http_config: { tls_config: { ca_file: 'x' } } }),
    ],
    ['a password in an address', webhook({ url: 'https://u:p4ssw0rd@example.com' })],
    ['an address of no server', webhook({ url: 'file:///etc/passwd' })],
    ['two addresses', webhook({ url: 'https://a', url_secret: 'hook' })],
    ['no address', webhook({})],
    [
      'a token in a header',
      { http_configs: [{ url: 'https://a', body: '{}', headers: { 'X-Api-Key': 'k3y' } }] },
    ],
    [
      'a user without a password',
      { email_configs: [{ ...mail.email_configs[0], auth_password_secret: undefined }] },
    ],
    ['a kind that is none', { exec_configs: [{ command: 'rm' }] }],
  ])('refuses %s, and keeps nothing of it', async (_, settings) => {
    const given = { settings, secrets: {} }
    const { status, body } = await put('/v1/contact-points/bad', given)
    expect(status).toBe(400)
    const text = JSON.stringify(body) + (await historyText())
    for (const secret of ['p4ssw0rd', '/etc/shadow', 'k3y']) expect(text).not.toContain(secret)
    expect((await admin.call('GET /v1/contact-points/bad')).status).toBe(404)
  })

  it('needs each secret that is named, and none that is not', async () => {
    const missing = await put('/v1/contact-points/mail', { settings: mail })
    expect(missing.body).toMatchObject({ detail: 'secrets needs smtp, which the settings name' })
    const spare = await put('/v1/contact-points/mail', {
      ...{ settings: mail, secrets: { smtp: SECRET, spare: 'x' } },
    })
    expect(spare.body).toMatchObject({
      detail: 'secrets.spare is a secret that the settings do not name',
    })
    expect(await historyText()).not.toContain(SECRET)
  })
})

describe('/v1/notification-policy', () => {
  const policy = {
    route: {
      ...{ receiver: 'console', group_by: ['alertname'], group_wait: '30s' },
      routes: [
        {
          ...{ matchers: ['severity = critical'], receiver: 'mail', continue: true },
          mute_time_intervals: ['nights'],
          escalation: [{ after: '10m', receiver: 'mail' }],
        },
      ],
    },
    inhibit_rules: [{ source_matchers: ['a = b'], target_matchers: ['c = d'], equal: ['e'] }],
    time_intervals: [
      { name: 'nights', time_intervals: [{ times: [{ start_time: '22:00', end_time: '24:00' }] }] },
    ],
    severities: [{ name: 'critical', color: '#ff0000', urgent: true }],
    resolve_timeout: '5m',
  }

  it('is kept, shown, and taken back', async () => {
    expect((await admin.call('GET /v1/notification-policy')).body).toEqual({ policy: null })
    await put('/v1/contact-points/mail', { settings: {} })
    const made = await put('/v1/notification-policy', { policy })
    expect([made.status, made.body]).toMatchObject([200, { policy, dryRun: false }])
    expect((await admin.call('GET /v1/notification-policy')).body).toEqual({ policy })
    const inUse = await admin.call('DELETE /v1/contact-points/mail')
    expect(inUse.body).toMatchObject({ code: 'policy-violation' })
    expect((await admin.call('DELETE /v1/notification-policy')).status).toBe(200)
    expect((await admin.call('GET /v1/notification-policy')).body).toEqual({ policy: null })
    expect((await admin.call('DELETE /v1/contact-points/mail')).status).toBe(200)
  })

  const deep = Array.from({ length: 30 }).reduce<object>((route) => ({ routes: [route] }), {})

  it.each([
    ['a route to nowhere', { route: { receiver: 'nobody' } }, 'route leads nowhere'],
    [
      'an escalation to nowhere',
      { route: { receiver: 'console', escalation: [{ after: '1m', receiver: 'x' }] } },
      'leads nowhere: there is no contact point x',
    ],
    [
      'a route below that leads nowhere',
      { route: { receiver: 'console', routes: [{ routes: [{ receiver: 'x' }] }] } },
      'route.routes[0].routes[0] leads nowhere',
    ],
    ['no receiver', { route: {} }, 'route needs receiver'],
    [
      'a time interval that is not there',
      { route: { receiver: 'console', routes: [{ mute_time_intervals: ['x'] }] } },
      'names a time interval that is not there',
    ],
    ['a time that is none', { route: { receiver: 'console', group_wait: '5' } }, 'group_wait'],
    ['routes without end', { route: { receiver: 'console', ...deep } }, 'routes deep'],
    ['receivers of its own', { route: { receiver: 'console' }, receivers: [] }, 'receivers'],
  ])('refuses %s', async (_, wrong, detail) => {
    const { status, body } = await put('/v1/notification-policy', { policy: wrong })
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining(detail)])
    expect((await admin.call('GET /v1/notification-policy')).body).toEqual({ policy: null })
  })
})

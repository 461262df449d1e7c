import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { afterEach, describe, expect, it } from 'vitest'
import { Cleanups, openRealDisk, seededRandom, silentLogger } from '../../kit/index.ts'
import { createSimTime } from '../../kit/testing.ts'
import { createCertificateAuthority } from '../../test/support/certificates.ts'
import { normalizeAlert } from '../alerts/alert.ts'
import type { Integration, Receiver } from '../config/config.ts'
import { DEFAULT_CONFIG_YAML } from '../config/default-config.ts'
import { parseAlertingConfig } from '../config/parse-config.ts'
import { withStored } from '../config/stored-config.ts'
import type { NotificationParts } from '../delivery/notification.ts'
import { createNotification } from '../delivery/notification.ts'
import { alertNamed } from '../testing.ts'
import type { OutletParts } from './outlets.ts'
import { createOutlets } from './outlets.ts'

/** Stands for a secret. */
const PLACE = '$' + '{token}'
const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5)
let cleanups = new Cleanups()
afterEach(async () => {
  await cleanups.run()
  cleanups = new Cleanups()
})

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A server that answers every request the same, and keeps them. */
async function startServer(status = 200, answer = 'ok', headers: Record<string, string> = {}) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body })
      response.writeHead(status, headers).end(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.add('server', () => new Promise((resolve) => server.close(() => resolve())))
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function startMailServer(password = 'smtp-secret', tls?: { key: string; cert: string }) {
  const mails: { readonly text: string; readonly to: string[] }[] = []
  const server = new SMTPServer({
    authOptional: true,
    ...(tls ?? { disabledCommands: ['STARTTLS'] }),
    onAuth: (auth, _session, callback) =>
      auth.password === password
        ? callback(null, { user: auth.username })
        : callback(new Error(`no such password: ${auth.password}`)),
    onRcptTo: ({ address }, _session, callback) =>
      callback(address.startsWith('nobody@') ? new Error('no such mailbox') : null),
    onData(stream, session, callback) {
      let text = ''
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      stream.on('end', () => {
        mails.push({ text, to: session.envelope.rcptTo.map(({ address }) => address) })
        callback()
      })
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  cleanups.add('mail server', () => new Promise((resolve) => server.close(() => resolve())))
  return { mails, port: (server.server.address() as AddressInfo).port }
}

function notifierOf(integration: string, parts: Partial<OutletParts> = {}) {
  const config = parseAlertingConfig(
    `route: { receiver: r }\nreceivers: [{ name: r, ${integration} }]`,
  )
  return notifierOfReceiver(config.receivers.get('r'), parts)
}

function notifierOfReceiver(receiver: Receiver | undefined, parts: Partial<OutletParts> = {}) {
  const [found] = receiver?.integrations ?? []
  const { timers } = createSimTime()
  const outlets = createOutlets({
    disk: openRealDisk(),
    clock: { now: () => NOW_MS, monotonicMs: () => 0 },
    timers,
    random: seededRandom(1),
    logger: silentLogger,
    environment: {
      SIGNING: 'signing-secret',
      KEY: 'routing-secret',
      TOKEN: 'bot-secret',
      SMTP: 'smtp-secret',
    },
    render: (template, data) => {
      if (template.includes('FAIL')) throw new Error('nothing there')
      return template
        .replace('{{status}}', data.Status)
        .replace('{{name}}', data.Alerts[0]?.Labels.alertname ?? '')
    },
    chartOf: async () => null,
    ...parts,
  })
  return outlets.notifier(found as Integration, 'r')
}

function notification(parts: Partial<NotificationParts> = {}, ...names: string[]) {
  const alerts = (names.length > 0 ? names : ['Lag{severity=critical}']).map((name) =>
    normalizeAlert(alertNamed(name, NOW_MS - 60_000), NOW_MS),
  )
  return createNotification({
    groupKey: '{}:{alertname="Lag"}',
    groupLabels: { alertname: 'Lag' },
    thread: 'incident1',
    sequence: 0,
    receiver: 'r',
    channel: 'c',
    reason: 'first',
    firing: alerts,
    resolved: [],
    severities: [{ name: 'critical', color: '#c4162a', pagerduty: 'critical', isUrgent: true }],
    externalUrl: 'http://console',
    nowMs: NOW_MS,
    ...parts,
  })
}

describe('the webhook', () => {
  it("sends version 4 of Alertmanager's body, signed", async () => {
    const { url, received } = await startServer()
    const notifier = notifierOf(
      `webhook_configs: [{ url: '${url}/in?key=1', signing_secret_env: SIGNING }]`,
    )
    const sent = notification()
    expect(await notifier.send(sent)).toEqual({ kind: 'delivered', answer: 'HTTP 200: ok' })
    expect(notifier.to).toBe(url)
    const [{ headers, body, path } = received[0] as Received] = received
    expect(path).toBe('/in?key=1')
    expect(headers['x-glasslog-timestamp']).toBe(String(NOW_MS / 1000))
    const signed = createHmac('sha256', 'signing-secret').update(`${NOW_MS / 1000}.${body}`)
    expect(headers['x-glasslog-signature']).toBe(`v1=${signed.digest('hex')}`)
    expect(headers['x-glasslog-delivery']).toBe(sent.id)
    expect(JSON.parse(body)).toEqual({
      version: '4',
      groupKey: '{}:{alertname="Lag"}',
      truncatedAlerts: 0,
      status: 'firing',
      receiver: 'r',
      groupLabels: { alertname: 'Lag' },
      commonLabels: { alertname: 'Lag{severity=critical}', severity: 'critical', kind: 'Lag' },
      commonAnnotations: { summary: 'Lag{severity=critical} is wrong' },
      externalURL: 'http://console',
      notificationReason: 'first',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'Lag{severity=critical}', severity: 'critical', kind: 'Lag' },
          annotations: { summary: 'Lag{severity=critical} is wrong' },
          startsAt: '2026-01-02T03:03:05.000Z',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: '',
          fingerprint: sent.alerts[0]?.fingerprint,
        },
      ],
    })
  })

  it('says what came back, and whether to try again', async () => {
    const send = async (status: number, answer = '', headers = {}) => {
      const { url } = await startServer(status, answer, headers)
      return notifierOf(`webhook_configs: [{ url: '${url}' }]`).send(notification())
    }
    expect(await send(500, 'x'.repeat(9_000))).toMatchObject({ kind: 'failed', isRefused: false })
    expect(await send(404, 'no')).toMatchObject({ answer: 'HTTP 404: no', isRefused: true })
    expect(await send(302, '', { location: 'http://elsewhere/' })).toMatchObject({
      isRefused: true,
    })
    expect(await send(429, '', { 'retry-after': '7' })).toMatchObject({
      isRefused: false,
      retryAfterMs: 7_000,
    })
    const { url } = await startServer(500, 'a\n\tb'.repeat(9_000))
    const outcome = await notifierOf(`webhook_configs: [{ url: '${url}' }]`).send(notification())
    expect(outcome.answer.length).toBeLessThan(600)
    expect(outcome.answer).toContain('a ba b')
  })

  it('ends at its time limit, and where nobody listens', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const slow = notifierOf(`webhook_configs: [{ url: 'http://127.0.0.1:${port}', timeout: 50ms }]`)
    expect(await slow.send(notification())).toMatchObject({ answer: 'no answer within 50 ms' })
    silent.closeAllConnections()
    await new Promise((resolve) => silent.close(resolve))
    const outcome = await slow.send(notification())
    expect(outcome).toMatchObject({ kind: 'failed', isRefused: false })
    expect(outcome.answer).toContain('ECONNREFUSED')
  })

  it.each([
    ['in the configuration', 'url', (url: string) => url],
    ['kept as a secret', 'url_env', () => 'HOOK'],
  ])(
    'shows no token of an address that is %s, whatever part of it comes back',
    async (_, key, at) => {
      const token = 'T0123456789abcdef'
      const parts = `no hook ${token}, /in/${token}?key=Secret-Of-Query, ?KEY=secret-of-query`
      const { url } = await startServer(404, parts)
      const address = `${url}/in/${token}?key=Secret-Of-Query`
      const notifier = notifierOf(`webhook_configs: [{ ${key}: '${at(address)}' }]`, {
        environment: { HOOK: address },
      })
      const { answer } = await notifier.send(notification())
      expect(answer).toBe('HTTP 404: no hook <secret>, <secret>, <secret>')
      expect(notifier.to).toBe(key === 'url' ? url : 'address in $HOOK')
    },
  )

  it('cuts a long list where it is asked to, and tells how much', async () => {
    const { url, received } = await startServer()
    const notifier = notifierOf(`webhook_configs: [{ url: '${url}', max_alerts: 2 }]`)
    await notifier.send(notification({}, 'A', 'B', 'C'))
    const body = JSON.parse(received[0]?.body ?? '')
    expect([body.alerts.length, body.truncatedAlerts]).toEqual([2, 1])
  })

  it('says which secret is missing, and never what one is', async () => {
    const { url } = await startServer(400, 'bad password: signing-secret, c2lnbmluZy1zZWNyZXQ=')
    const integration = `{ url: '${url}', signing_secret_env: SIGNING, http_config: { authorization: { credentials_env: NAME } } }`
    const missing = await notifierOf(`webhook_configs: [${integration}]`).send(notification())
    expect(missing).toMatchObject({ kind: 'failed', answer: 'there is no secret in NAME' })
    const outcome = await notifierOf(
      `webhook_configs: [{ url: '${url}', signing_secret_env: SIGNING }]`,
    ).send(notification())
    expect(outcome.answer).toBe('HTTP 400: bad password: <secret>, <secret>')
  })
})

describe('TLS', () => {
  function issue() {
    const directory = mkdtempSync(join(tmpdir(), 'glasslog-alerting-'))
    cleanups.add('certificates', () => rmSync(directory, { recursive: true }))
    const authority = createCertificateAuthority(directory)
    const { pem } = authority.issue('server', '/CN=server')
    return { ca: authority.certificatePath, options: { key: pem, cert: pem } }
  }

  it('takes webhooks only to servers whose certificate is trusted', async () => {
    const { ca, options } = issue()
    const server = createTlsServer(options, (_, response) => response.end('safe'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanups.add('server', () => new Promise((resolve) => server.close(() => resolve())))
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const send = (tls: string) =>
      notifierOf(
        `webhook_configs: [{ url: '${url}', http_config: { tls_config: { ${tls} } } }]`,
      ).send(notification())
    expect(await send(`ca_file: ${ca}`)).toEqual({ kind: 'delivered', answer: 'HTTP 200: safe' })
    expect(await send('insecure_skip_verify: true')).toMatchObject({ kind: 'delivered' })
    expect(await send('')).toMatchObject({ kind: 'failed', isRefused: false })
    expect((await send('ca_file: /no/such/file')).answer).toBe('there is no file /no/such/file')
  })

  it('takes mail only over a connection that was made safe', async () => {
    const { ca, options } = issue()
    const { port, mails } = await startMailServer('smtp-secret', options)
    const send = (tls: string) =>
      notifierOf(
        `email_configs: [{ to: a@example.com, from: b@example.com, smarthost: '127.0.0.1:${port}', tls_config: { ${tls} } }]`,
      ).send(notification())
    expect(await send(`ca_file: ${ca}`)).toMatchObject({ kind: 'delivered' })
    expect(await send('')).toMatchObject({ kind: 'failed' })
    expect(mails).toHaveLength(1)
  })
})

describe('services', () => {
  it('tells Slack with the color of the worst severity, and escapes what alerts say', async () => {
    const { url, received } = await startServer()
    const notifier = notifierOf('slack_configs: [{ api_url_env: SLACK, channel: "#ops" }]', {
      environment: { SLACK: `${url}/services/very-secret` },
    })
    await notifier.send(notification({}, 'Lag{severity=critical,x=1}', '<!channel>'))
    const body = JSON.parse(received[0]?.body ?? '')
    expect(received[0]?.path).toBe('/services/very-secret')
    expect(notifier.to).toBe('#ops at address in $SLACK')
    expect(body.channel).toBe('#ops')
    expect(body.attachments[0]).toMatchObject({
      color: '#c4162a',
      title: '[FIRING:2] Lag critical',
    })
    expect(body.attachments[0].text).toContain('&lt;!channel&gt; is wrong')
    await notifier.send(notification({ firing: [], resolved: notification().alerts }))
    expect(JSON.parse(received[1]?.body ?? '').attachments[0].color).toBe('#2eb67d')
  })

  it('tells PagerDuty of one incident, from its start to its end', async () => {
    const { url, received } = await startServer(202)
    const notifier = notifierOf(
      `pagerduty_configs: [{ url: '${url}', routing_key_env: KEY, component: '{{name}}' }]`,
    )
    const over = { firing: [], resolved: notification().alerts }
    await notifier.send(notification())
    await notifier.send(notification({ sequence: 1, ...over }))
    // It ended before PagerDuty was ever told.
    await notifier.send(notification({ thread: 'incident2', ...over }))
    const events = received.map(({ body }) => JSON.parse(body))
    expect(events.map(({ event_action }) => event_action)).toEqual([
      'trigger',
      'resolve',
      'trigger',
      'resolve',
    ])
    expect(events[0]).toMatchObject({
      routing_key: 'routing-secret',
      payload: {
        severity: 'critical',
        summary: '[FIRING:1] Lag critical',
        component: 'Lag{severity=critical}',
      },
    })
    expect(events[1].dedup_key).toBe(events[0].dedup_key)
    expect(events[2].dedup_key).not.toBe(events[0].dedup_key)
  })

  it('fills templates and secrets for any other service, and lets alerts ask for no secret', async () => {
    const { url, received } = await startServer()
    const http = (body: string) =>
      notifierOf(
        `http_configs: [{ url: '${url}/bot\${token}/send', secrets: { token: { env: TOKEN } }, headers: { X-Key: '\${token}' }, body: '${body}' }]`,
      )
    await http(`{{name}} is {{status}} ${PLACE}`).send(notification({}, `A ${PLACE}`))
    expect(received[0]).toMatchObject({
      path: '/botbot-secret/send',
      body: `A ${PLACE} is firing bot-secret`,
    })
    expect(received[0]?.headers['x-key']).toBe('bot-secret')
    expect(http('x').to).toBe(url)
    await http('FAIL').send(notification())
    expect(JSON.parse(received[1]?.body ?? '').text).toContain(
      '(the template failed: nothing there)',
    )
  })
})

describe('mail', () => {
  const email = (port: number, more = '') =>
    `email_configs: [{ to: 'ops@example.com', from: 'Glasslog <alerts@example.com>', smarthost: '127.0.0.1:${port}', require_tls: false${more} }]`

  it('has text, HTML, a chart, and one thread for an incident', async () => {
    const { port, mails } = await startMailServer()
    const chart = {
      bytes: Buffer.from('picture of a series'),
      contentType: 'image/png' as const,
      description: 'Chart of lag > "5"',
    }
    const notifier = notifierOf(email(port, ', auth_username: u, auth_password_env: SMTP'), {
      chartOf: async () => chart,
    })
    expect(await notifier.send(notification({}, 'Lag{severity=critical,topic=<b>}'))).toMatchObject(
      {
        kind: 'delivered',
      },
    )
    await notifier.send(notification({ sequence: 1, reason: 'repeat' }))
    const [first = '', second = ''] = mails.map(({ text }) => text)
    expect(mails[0]?.to).toEqual(['ops@example.com'])
    expect(first).toContain('Message-ID: <incident1@example.com>')
    expect(first).toContain('Subject: [FIRING:1] Lag critical')
    expect(first).toMatch(/Content-Type: text\/plain/)
    expect(first).toMatch(/Content-Type: text\/html/)
    expect(first).toContain('X-Priority: 1')
    expect(first).toContain(chart.bytes.toString('base64'))
    const cid = /Content-ID: <([^>]+)>/i.exec(first)?.[1] ?? '-'
    const decoded = first.replace(/=\r\n/g, '').replaceAll('=3D', '=')
    expect(decoded).toContain(`src="cid:${cid}"`)
    expect(decoded).toContain('&lt;b&gt;')
    expect(decoded).toContain('http://console/alerts/')
    expect(second).toContain('In-Reply-To: <incident1@example.com>')
    expect(second).toContain('References: <incident1@example.com>')
    expect(second).not.toContain('Message-ID: <incident1@')
  })

  it('says for whom it was refused while others got it', async () => {
    const { port, mails } = await startMailServer()
    const both = 'ops@example.com, nobody@example.com'
    const notifier = notifierOf(email(port).replace('ops@example.com', both))
    const outcome = await notifier.send(notification())
    expect(outcome.kind).toBe('delivered')
    expect(outcome.answer).toMatch(/; refused for nobody@example.com$/)
    expect(mails.map((mail) => mail.to)).toEqual([['ops@example.com']])
  })

  it('goes to addresses that are kept as a secret, and shows none of them', async () => {
    const { port, mails } = await startMailServer()
    const people = 'On Call <Oncall.Ops@Example.com>, nobody@example.com'
    const settings = {
      email_configs: [
        {
          ...{ to_secret: 'people', from: 'a@example.com', smarthost: `127.0.0.1:${port}` },
          require_tls: false,
        },
      ],
    }
    const config = withStored(parseAlertingConfig(DEFAULT_CONFIG_YAML), {
      contactPoints: [{ name: 'r', settings, secrets: { people } }],
      policy: null,
    })
    const notifier = notifierOfReceiver(config.receivers.get('r'))
    expect(notifier.to).toBe('addresses in $people')
    const { kind, answer } = await notifier.send(notification())
    expect(kind).toBe('delivered')
    expect(answer).toMatch(/; refused for <secret>$/)
    expect(answer).not.toMatch(/ops|nobody/i)
    expect(mails[0]?.to).toEqual(['Oncall.Ops@example.com'])
  })

  it('tells why it did not go out, without the password', async () => {
    const { port } = await startMailServer('another')
    const wrong = notifierOf(email(port, ', auth_username: u, auth_password_env: SMTP'))
    const outcome = await wrong.send(notification())
    expect(outcome).toMatchObject({ kind: 'failed', isRefused: false })
    expect(outcome.answer).toContain('no such password: <secret>')
    const strict = notifierOf(email(port).replace('require_tls: false', 'require_tls: true'))
    expect(await strict.send(notification())).toMatchObject({ kind: 'failed' })
    const nowhere = notifierOf(email(1))
    expect((await nowhere.send(notification())).answer).toContain('ECONNREFUSED')
  })

  it('leaves a server that answers byte by byte, and gives its socket back', async () => {
    const closed = Promise.withResolvers<void>()
    const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
      socket.write('220 slow\r\n')
      socket.once('data', () => {
        const drip = setInterval(() => socket.write('2'), 10)
        socket
          .on('error', () => {})
          .on('close', () => {
            clearInterval(drip)
            closed.resolve()
          })
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanups.add('slow server', () => new Promise((resolve) => server.close(() => resolve())))
    const { port } = server.address() as AddressInfo
    const outcome = await notifierOf(email(port, ', timeout: 50ms')).send(notification())
    expect(outcome).toMatchObject({ kind: 'failed', isRefused: false })
    expect(outcome.answer).toBe('not taken within 200 ms')
    await closed.promise
  })

  it('goes out with its built-in text where a template fails, and says that it did', async () => {
    const { port, mails } = await startMailServer()
    const notifier = notifierOf(
      email(port, ", text: 'FAIL', headers: { Subject: '{{name}}: {{status}}', X-Team: ops }"),
    )
    await notifier.send(notification({}, 'A\r\nBcc: x@example.com'))
    expect(mails[0]?.text).toContain('the template failed: nothing there')
    expect(mails[0]?.text).toContain('Subject: A Bcc: x@example.com: firing')
    expect(mails[0]?.text).toContain('X-Team: ops')
    expect(mails[0]?.to).toEqual(['ops@example.com'])
  })
})

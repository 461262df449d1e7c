import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { BrokerProcess, MonitorProcess } from '../support/broker-process.ts'
import {
  startBrokerProcess,
  startMonitorProcess,
  temporaryDirectory,
} from '../support/broker-process.ts'

/** Rules, contact points and routes as recorded control operations: given at the console port, in force in the monitor. */

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let monitor: MonitorProcess
let receiver: Server
const received: string[] = []

beforeAll(async () => {
  directory = await temporaryDirectory()
  receiver = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (piece: string) => received.push(piece))
    request.on('end', () => response.end())
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  broker = await startBrokerProcess(directory.path)
  monitor = await startMonitorProcess(directory.path, [
    ...['--monitor-scrape-interval-ms', '200', '--monitor-evaluation-interval-ms', '200'],
    ...['--monitor-default-rules', 'false'],
  ])
}, 30_000)

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await broker?.end('SIGKILL')
  receiver?.close()
  await directory?.remove()
})

async function call(
  method: string,
  url: string,
  body?: object,
): Promise<{ status: number; body: unknown }> {
  const token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  const answer = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: await answer.json() }
}

const put = (path: string, body: object) => call('PUT', `${monitor.url}${path}`, body)

async function ruleNames(): Promise<string[]> {
  const { body } = await call('GET', `${monitor.url}/api/v1/rules`)
  const { groups } = (body as { data: { groups: { rules: { name: string }[] }[] } }).data
  return groups.flatMap((group) => group.rules.map(({ name }) => name))
}

it('takes a rule, a contact point and a policy, and tells whom they name', async () => {
  const { port } = receiver.address() as AddressInfo
  const rule = { alert: 'Stored', expr: 'sum(glasslog_partitions) > 0' }
  expect(await put('/v1/rules/own', { rules: [rule] })).toMatchObject({
    status: 200,
    body: { name: 'own', seq: expect.any(Number) },
  })
  const settings = { webhook_configs: [{ url_secret: 'hook' }] }
  const secrets = { hook: `http://127.0.0.1:${port}/secret-path` }
  expect((await put('/v1/contact-points/on-call', { settings, secrets })).status).toBe(200)
  const route = { receiver: 'on-call', group_wait: '0s' }
  expect((await put('/v1/notification-policy', { policy: { route } })).status).toBe(200)
  await vi.waitFor(() => expect(received.join('')).toContain('"alertname":"Stored"'), {
    timeout: 20_000,
    interval: 100,
  })
  const { body } = await call('GET', `${broker.adminUrl}/v1/audit?operation=rule.put`)
  expect(body).toMatchObject({ records: [{ resource: { kind: 'rule-group', name: 'own' } }] })
  const counted =
    /glasslog_monitor_notifications_total\{receiver="on-call",integration="webhook\[0\]",result="delivered"\} [1-9]/
  await vi.waitFor(
    async () => expect(await (await fetch(`${monitor.url}/metrics`)).text()).toMatch(counted),
    { timeout: 20_000, interval: 100 },
  )
  const status = await call('GET', `${monitor.url}/api/v2/status`)
  expect(JSON.stringify(status.body)).not.toContain('secret-path')
}, 40_000)

it('refuses an expression that cannot be read, with place and reason, and records nothing', async () => {
  const answer = await put('/v1/rules/wrong', { rules: [{ alert: 'A', expr: 'sum(' }] })
  expect(answer).toMatchObject({
    status: 400,
    body: {
      code: 'invalid-rules',
      faults: [{ line: 7, message: expect.stringContaining('1:5: parse error') }],
    },
  })
  expect((await call('GET', `${broker.adminUrl}/v1/rules/wrong`)).status).toBe(404)
})

it('goes on with the rule before when somebody gives the broker a wrong one, and says so', async () => {
  await call('PUT', `${broker.adminUrl}/v1/rules/own`, { rules: [{ alert: 'Wrong', expr: '))' }] })
  await vi.waitFor(() => expect(monitor.stderr()).toContain('cannot be used'), {
    timeout: 20_000,
    interval: 100,
  })
  expect(await ruleNames()).toEqual(['Stored'])
  const page = await (await fetch(`${monitor.url}/metrics`)).text()
  expect(page).toContain('glasslog_monitor_rules_last_load_successful{source="broker"} 0')
}, 40_000)

it('forgets a rule that is deleted', async () => {
  expect((await call('DELETE', `${monitor.url}/v1/rules/own`)).status).toBe(200)
  await vi.waitFor(async () => expect(await ruleNames()).toEqual([]), {
    timeout: 20_000,
    interval: 100,
  })
}, 40_000)

it('takes all but the wrong part of what somebody gives the broker, and says what that is', async () => {
  const atBroker = async (path: string, body: object) =>
    expect(await call('PUT', `${broker.adminUrl}${path}`, body)).toMatchObject({ status: 200 })
  const secrets = { hook: 'http://127.0.0.1:1/' }
  const slack = [{ api_url_secret: 'hook', text: '{{ nope }}' }]
  await atBroker('/v1/contact-points/wrong', { settings: { slack_configs: slack }, secrets })
  const webhook = [{ url_secret: 'hook' }]
  await atBroker('/v1/contact-points/right', { settings: { webhook_configs: webhook }, secrets })
  const route = { receiver: 'right', routes: [{ receiver: 'wrong', matchers: ['a="b"'] }] }
  await atBroker('/v1/notification-policy', { policy: { route } })
  await vi.waitFor(
    async () => {
      const status = await call('GET', `${monitor.url}/api/v2/status`)
      expect(JSON.stringify(status.body)).toContain('receiver: right')
    },
    { timeout: 20_000, interval: 100 },
  )
  expect(monitor.stderr()).toContain('wrong: slack_configs[0].text: ')
  const page = await (await fetch(`${monitor.url}/metrics`)).text()
  expect(page).toContain('glasslog_monitor_rules_last_load_successful{source="broker"} 0')
}, 40_000)

import { readFile, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BrokerProcess, MonitorProcess } from '../support/broker-process.ts'
import {
  runCommand,
  startBrokerProcess,
  startMonitorProcess,
  temporaryDirectory,
} from '../support/broker-process.ts'

/** monitor-alerting-file: from a rule that fires to whoever is to hear of it. */

const RULES = `
groups:
- name: broker
  rules:
  - alert: HasPartitions
    expr: sum(glasslog_partitions) > 0
    labels: { severity: warning }
    annotations: { summary: '{{ $value }} partitions' }
`

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let monitor: MonitorProcess
let receiver: Server
let alerting: string
let rootToken: string
const received: {
  status: string
  version: string
  alerts: { labels: Record<string, string>; annotations: Record<string, string> }[]
}[] = []

beforeAll(async () => {
  directory = await temporaryDirectory()
  receiver = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece
    })
    request.on('end', () => {
      received.push(JSON.parse(body) as (typeof received)[number])
      response.end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  const rules = join(directory.path, 'rules.yml')
  alerting = join(directory.path, 'alerting.yml')
  await writeFile(rules, RULES)
  await writeFile(
    alerting,
    `
route: { receiver: hook, group_by: [alertname], group_wait: 0s }
receivers: [{ name: hook, webhook_configs: [{ url: 'http://127.0.0.1:${port}/' }] }]
`,
  )
  broker = await startBrokerProcess(directory.path)
  rootToken = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  monitor = await startMonitorProcess(directory.path, [
    ...['--monitor-scrape-interval-ms', '200', '--monitor-evaluation-interval-ms', '200'],
    ...['--monitor-rule-files', rules, '--monitor-alerting-file', alerting],
    ...['--monitor-default-rules', 'false'],
  ])
}, 30_000)

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await broker?.end('SIGKILL')
  receiver?.close()
  await directory?.remove()
})

function ask(url: string, token: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return fetch(
    url,
    body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
  )
}

/** A token of a new account with a role. */
async function tokenWithRole(role: string): Promise<string> {
  const account = `${role}-person`
  expect(
    (await ask(`${broker.adminUrl}/v1/accounts`, rootToken, { name: account, roles: [role] }))
      .status,
  ).toBe(201)
  const made = await ask(`${broker.adminUrl}/v1/tokens`, rootToken, { account, label: 'test' })
  return ((await made.json()) as { token: string }).token
}

const SILENCE = {
  matchers: [{ name: 'alertname', value: 'HasPartitions', isRegex: false, isEqual: true }],
  startsAt: new Date(Date.now() - 1_000).toISOString(),
  endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  createdBy: 'test',
  comment: 'maintenance',
}

describe('an alert', () => {
  it('reaches the webhook that its route names', async () => {
    await vi.waitFor(() => expect(received.length).toBeGreaterThan(0), 15_000)
    expect(received[0]).toMatchObject({
      version: '4',
      status: 'firing',
      alerts: [
        {
          labels: { alertname: 'HasPartitions', severity: 'warning' },
          annotations: { summary: expect.stringMatching(/^\d+ partitions$/) },
        },
      ],
    })
    const deliveries = (await (await ask(`${monitor.url}/v1/deliveries`, rootToken)).json()) as {
      deliveries: object[]
    }
    expect(deliveries.deliveries).toHaveLength(1)
  })

  it('is silenced by whoever may change things, and by nobody else', async () => {
    const viewer = await tokenWithRole('viewer')
    expect((await ask(`${monitor.url}/api/v2/alerts`, viewer)).status).toBe(200)
    expect((await ask(`${monitor.url}/api/v2/silences`, viewer, SILENCE)).status).toBe(403)
    const operator = await tokenWithRole('operator')
    expect((await ask(`${monitor.url}/api/v2/silences`, operator, SILENCE)).status).toBe(200)
    const alerts = (await (await ask(`${monitor.url}/api/v2/alerts`, viewer)).json()) as {
      status: { state: string }
    }[]
    expect(alerts.map(({ status }) => status.state)).toEqual(['suppressed'])
  })
})

describe('an alerting file', () => {
  it('with faults leaves the old one in force, and keeps a monitor from starting', async () => {
    const text = await readFile(alerting, 'utf8')
    await writeFile(alerting, text.replace('receiver: hook', 'receiver: nowhere'))
    await vi.waitFor(() => expect(monitor.stderr()).toContain('the old one stays in force'), 15_000)
    const status = (await (
      await ask(`${monitor.url}/api/v2/receivers`, rootToken)
    ).json()) as object
    expect(status).toEqual([{ name: 'hook' }])
    const flags = ['--data-dir', join(directory.path, 'other'), '--console-port', '0']
    const run = await runCommand('monitor', ...flags, '--monitor-alerting-file', alerting)
    expect(run).toMatchObject({ code: 78, stderr: expect.stringContaining('nowhere') })
  }, 40_000)
})

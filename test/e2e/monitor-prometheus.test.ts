import { readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage, Server } from 'node:http'
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

/** prometheus.url and prometheus.authorization: another server is asked for series. */

const RULES = `
groups:
- name: own
  rules:
  - { alert: FromElsewhere, expr: elsewhere > 1, annotations: { summary: '{{ $value }}' } }
  - { alert: Refused, expr: refused > 1 }
`

/** Nobody listens there: the mail is made, with its charts, and not delivered. */
const ALERTING = `
global: { smtp_smarthost: '127.0.0.1:1', smtp_from: g@example.com, smtp_require_tls: false }
route: { receiver: ops, group_wait: 0s }
receivers: [{ name: ops, email_configs: [{ to: ops@example.com }] }]
`

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let monitor: MonitorProcess
let prometheus: Server
const asked: { path: string; authorization: string | undefined; form: string }[] = []

beforeAll(async () => {
  directory = await temporaryDirectory()
  prometheus = createServer(async (request, response) => {
    const form = await textOf(request)
    const { url = '', headers } = request
    asked.push({ path: url, authorization: headers.authorization, form })
    const isRefused = form.includes('refused')
    response.writeHead(isRefused ? 422 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isRefused ? REFUSAL : ANSWER))
  })
  await new Promise<void>((resolve) => prometheus.listen(0, '127.0.0.1', resolve))
  const { port } = prometheus.address() as AddressInfo
  const rules = join(directory.path, 'rules.yml')
  await writeFile(rules, RULES)
  const alerting = join(directory.path, 'alerting.yml')
  await writeFile(alerting, ALERTING)
  broker = await startBrokerProcess(directory.path)
  monitor = await startMonitorProcess(directory.path, [
    ...['--monitor-scrape-interval-ms', '500', '--monitor-evaluation-interval-ms', '200'],
    ...['--monitor-default-rules', 'false', '--monitor-rule-files', rules],
    ...['--monitor-alerting-file', alerting],
    ...['--prometheus.url', `http://127.0.0.1:${port}/prefix/`],
    ...['--prometheus.authorization', 'Bearer other'],
  ])
}, 30_000)

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await broker?.end('SIGKILL')
  prometheus?.closeAllConnections()
  prometheus?.close()
  await directory?.remove()
})

const ANSWER = {
  status: 'success',
  data: {
    resultType: 'vector',
    result: [{ metric: { __name__: 'elsewhere', topic: 'orders' }, value: [1, '7.5'] }],
  },
}
const REFUSAL = { status: 'error', errorType: 'execution', error: 'elsewhere they say no' }

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += piece
  return text
}

async function get(path: string, form?: Record<string, string>): Promise<unknown> {
  const token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  const answer = await fetch(`${monitor.url}${path}`, {
    headers: { authorization: `Bearer ${token}` },
    ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
  })
  return answer.json()
}

it('queries go on to it as they are, with its own credential', async () => {
  expect(await get('/api/v1/query', { query: 'elsewhere', time: '1' })).toEqual(ANSWER)
  expect(await get('/api/v1/label/topic/values?start=1')).toEqual(ANSWER)
  expect(asked).toContainEqual({
    ...{ path: '/prefix/api/v1/query', authorization: 'Bearer other' },
    form: 'query=elsewhere&time=1',
  })
  expect(asked.map(({ path }) => path)).toContain('/prefix/api/v1/label/topic/values?start=1')
  expect(await get('/api/v1/query', { query: 'refused' })).toEqual(REFUSAL)
})

it('rules are evaluated over its series, and have its errors', async () => {
  await vi.waitFor(
    async () =>
      expect(await get('/api/v1/alerts')).toMatchObject({
        data: {
          alerts: [
            {
              labels: { alertname: 'FromElsewhere', topic: 'orders' },
              annotations: { summary: '7.5' },
              state: 'firing',
            },
          ],
        },
      }),
    { timeout: 20_000, interval: 100 },
  )
  expect(JSON.stringify(await get('/api/v1/rules'))).toContain('elsewhere they say no')
}, 30_000)

it('says at its start what is asked, and what is not', () => {
  expect(monitor.stderr()).toMatch(
    /prometheus\.url is asked by rules, queries over HTTP and charts of alerts; lag, inspections, diagnoses and forecasts of the disk go by what the monitor scrapes itself/,
  )
})

it('charts of alerts are of its series', async () => {
  const ranges = () => asked.filter(({ path }) => path === '/prefix/api/v1/query_range')
  await vi.waitFor(() => expect(ranges()).not.toHaveLength(0), { timeout: 20_000, interval: 100 })
  expect(ranges()[0]).toMatchObject({
    authorization: 'Bearer other',
    form: expect.stringMatching(/^query=elsewhere&start=/),
  })
}, 30_000)

it('says so when it does not answer', async () => {
  prometheus.closeAllConnections()
  await new Promise((resolve) => prometheus.close(resolve))
  expect(await get('/api/v1/query?query=up')).toMatchObject({ errorType: 'unavailable' })
  await vi.waitFor(
    async () => expect(JSON.stringify(await get('/api/v1/rules'))).toContain('does not answer'),
    { timeout: 20_000, interval: 100 },
  )
}, 30_000)

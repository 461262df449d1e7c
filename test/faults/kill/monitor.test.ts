import { readFile, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { seededRandom } from '../../../kit/index.ts'
import type { BrokerProcess, MonitorProcess } from '../../support/broker-process.ts'
import {
  startBrokerProcess,
  startMonitorProcess,
  temporaryDirectory,
} from '../../support/broker-process.ts'
import { rounds, seed } from '../support/shards.ts'
import { pause } from './broker-clients.ts'

/**
 * The whole monitor, started by its command and killed with SIGKILL at random moments while alerts begin and end. In
 * the end everybody has heard of each alert, also that it is over, and of nothing more than twice.
 */
const RULES = `
groups:
- name: topics
  rules:
  - alert: TopicIsThere
    expr: max by (topic) (kafka_topic_partitions{topic=~"alarm-.*"}) > 0
    labels: { severity: warning }
`
const WAIT = { timeout: 30_000, interval: 100 }

interface Told {
  /** Names the notification, and is the same for each attempt at it. */
  readonly id: string
  readonly topics: ReadonlyMap<string, 'firing' | 'resolved'>
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess | undefined
let monitor: MonitorProcess | undefined
let webhook: Server
let token: string
const told: Told[] = []

beforeAll(async () => {
  directory = await temporaryDirectory()
  webhook = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece
    })
    request.on('end', () => {
      const { alerts } = JSON.parse(body) as {
        alerts: { status: 'firing' | 'resolved'; labels: { topic: string } }[]
      }
      const topics = new Map(alerts.map(({ status, labels }) => [labels.topic, status]))
      told.push({ id: String(request.headers['x-glasslog-delivery']), topics })
      response.end()
    })
  })
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await broker?.end('SIGKILL')
  webhook?.closeAllConnections()
  webhook?.close()
  await directory?.remove()
})

async function start(): Promise<MonitorProcess> {
  const { port } = webhook.address() as AddressInfo
  const [rules, alerting] = [
    join(directory.path, 'rules.yml'),
    join(directory.path, 'alerting.yml'),
  ]
  await writeFile(rules, RULES)
  await writeFile(
    alerting,
    `
route: { receiver: hook, group_by: [topic], group_wait: 0s, group_interval: 1s }
receivers: [{ name: hook, webhook_configs: [{ url: 'http://127.0.0.1:${port}/' }] }]
`,
  )
  return startMonitorProcess(directory.path, [
    ...['--monitor-scrape-interval-ms', '200', '--monitor-evaluation-interval-ms', '200'],
    ...['--monitor-rule-files', rules, '--monitor-alerting-file', alerting],
    ...['--monitor-default-rules', 'false'],
  ])
}

async function topic(method: 'POST' | 'DELETE', name: string): Promise<void> {
  const [path, body] =
    method === 'POST' ? ['', JSON.stringify({ name, partitions: 1 })] : [`/${name}`, undefined]
  const response = await fetch(`${broker?.adminUrl}/v1/topics${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  })
  expect(response.ok, `${method} ${name}: ${response.status}`).toBe(true)
}

const heard = (name: string, status: 'firing' | 'resolved') =>
  told.some(({ topics }) => topics.get(name) === status)

test(`${rounds} rounds of SIGKILL (seed ${seed})`, { timeout: 60_000 * rounds }, async () => {
  const random = seededRandom(seed)
  broker = await startBrokerProcess(directory.path)
  token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  monitor = await start()
  const names: string[] = []
  for (let round = 0; round < rounds; round++) {
    const name = `alarm-${round}`
    names.push(name)
    await topic('POST', name)
    // Sometimes before anybody has seen it, sometimes while it is told, sometimes long after.
    await pause(random.below(1_500))
    await monitor.end('SIGKILL')
    monitor = await start()
  }
  await vi.waitFor(() => {
    expect(names.filter((name) => !heard(name, 'firing'))).toEqual([])
  }, WAIT)
  // That a series has ended is known from one scrape to the next; without the first one it would take five minutes.
  await vi.waitFor(async () => {
    const page = await (await fetch(`${monitor?.url}/metrics`)).text()
    expect(page).toMatch(/^glasslog_monitor_scrapes_total\{job="glasslog",result="ok"\} [1-9]/m)
  }, WAIT)
  for (const name of names) await topic('DELETE', name)
  await vi.waitFor(() => {
    expect(names.filter((name) => !heard(name, 'resolved'))).toEqual([])
  }, WAIT)
  await monitor.end('SIGKILL')
  monitor = await start()
  await pause(2_000)
  const times = Map.groupBy(told, ({ id }) => id)
  const tooOften = [...times].filter(([, same]) => same.length > 2).map(([id]) => id)
  expect(tooOften).toEqual([])
})

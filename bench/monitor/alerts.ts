import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBrokerOn } from '../audit/broker-on.ts'
import { costOver, startMonitorOn } from './monitor-on.ts'

/** Alerts of one request, as a Prometheus with many of them sends them. */
const BATCH = 1_000
/** How often they are told again while they fire. */
const REPEAT_SECONDS = 15

/**
 * What a monitor takes when very many alerts fire at once, in groups of ten. Another Prometheus tells of them, so that
 * only alerting is measured and not the series behind them. A webhook counts what arrives: each alert once.
 */
export async function alerts(count: number, seconds: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-bench-'))
  const told = new Map<string, number>()
  const webhook = await listen(told)
  const alerting = join(directory, 'alerting.yml')
  await writeFile(alerting, alertingFile((webhook.address() as AddressInfo).port))
  const broker = await startBrokerOn(directory)
  try {
    const monitor = await startMonitorOn(directory, ['--monitor-alerting-file', alerting])
    try {
      const before = await costOver(monitor.pid, 5)
      const token = (await readFile(join(directory, 'root.token'), 'utf8')).trim()
      let cost = before
      let peakMib = 0
      for (let round = 0; round * REPEAT_SECONDS < seconds; round++) {
        await post(monitor.url, token, count)
        cost = await costOver(monitor.pid, REPEAT_SECONDS)
        peakMib = Math.max(peakMib, cost.peakMib)
      }
      const twice = [...told.values()].filter((times) => times > 1).length
      const idleMib = before.residentMib
      console.log(
        JSON.stringify({ alerts: count, told: told.size, twice, idleMib, ...cost, peakMib }),
      )
    } finally {
      await monitor.stop()
    }
  } finally {
    webhook.closeAllConnections()
    webhook.close()
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function post(url: string, token: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) =>
      alertNumber(from + at),
    )
    const response = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(batch),
    })
    if (!response.ok) throw new Error(`alerts: ${response.status} ${await response.text()}`)
  }
}

function alertNumber(number: number): object {
  const topic = `orders-${Math.floor(number / 10)}`
  return {
    labels: { alertname: 'Behind', severity: 'warning', topic, partition: String(number % 10) },
    annotations: {
      summary: `Partition ${number % 10} of ${topic} is behind`,
      description:
        'Nobody reads it fast enough; this is a text as long as those of alarms usually are.',
    },
    generatorURL: 'http://prometheus.example/graph?g0.expr=behind',
  }
}

function listen(told: Map<string, number>): Promise<Server> {
  const webhook = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece
    })
    request.on('end', () => {
      for (const { labels } of (JSON.parse(body) as Notified).alerts) {
        const key = JSON.stringify(labels)
        told.set(key, (told.get(key) ?? 0) + 1)
      }
      response.end()
    })
  })
  return new Promise((resolve) => webhook.listen(0, '127.0.0.1', () => resolve(webhook)))
}

interface Notified {
  readonly alerts: readonly { readonly labels: object }[]
}

function alertingFile(port: number): string {
  return `
route: { receiver: hook, group_by: [alertname, topic] }
receivers: [{ name: hook, webhook_configs: [{ url: 'http://127.0.0.1:${port}/' }] }]
`
}

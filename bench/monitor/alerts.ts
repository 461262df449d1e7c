import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBrokerWithTopics } from './broker-with-topics.ts'
import { costOver, startMonitorOn } from './monitor-on.ts'

const PARTITIONS = 10

/**
 * What a monitor takes when very many alerts fire at once: one for each of so many numbers, in groups of ten. A webhook
 * counts what arrives: each alert once.
 */
export async function alerts(count: number, seconds: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-bench-'))
  const told = new Map<string, number>()
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
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve))
  const { port } = webhook.address() as AddressInfo
  const [rules, alerting] = [join(directory, 'rules.yml'), join(directory, 'alerting.yml')]
  await writeFile(rules, RULES)
  await writeFile(alerting, alertingFile(`http://127.0.0.1:${port}/`))
  const broker = await startBrokerWithTopics(directory, Math.ceil(count / PARTITIONS), PARTITIONS)
  try {
    const files = ['--monitor-rule-files', rules, '--monitor-alerting-file', alerting]
    const monitor = await startMonitorOn(directory, files)
    try {
      const cost = await costOver(monitor.pid, seconds)
      const twice = [...told.values()].filter((times) => times > 1).length
      console.log(JSON.stringify({ alerts: count, told: told.size, twice, ...cost }))
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

interface Notified {
  readonly alerts: readonly { readonly labels: object }[]
}

const RULES = `
groups:
- name: many
  rules:
  - alert: Many
    expr: kafka_topic_partition_current_offset{topic=~"t[0-9]+"} >= 0
    labels: { severity: warning }
    annotations:
      summary: 'Partition {{ $labels.partition }} of {{ $labels.topic }} is there'
      description: 'It has {{ $value }} neighbours, and nobody minds; this is a text as long as those of alarms usually are.'
`

function alertingFile(url: string): string {
  return `
route: { receiver: hook, group_by: [alertname, topic] }
receivers: [{ name: hook, webhook_configs: [{ url: '${url}' }] }]
`
}

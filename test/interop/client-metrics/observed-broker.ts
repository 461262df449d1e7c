import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBrokerProcess } from '../../support/broker-process.ts'
import type { OtlpReceiver } from '../../support/otlp-receiver.ts'
import { startOtlpReceiver } from '../../support/otlp-receiver.ts'

/** Glasslog, with a collector behind it that gets what clients report. */
export interface ObservedBroker {
  readonly bootstrap: string
  readonly collector: OtlpReceiver
  /** The series on /metrics whose name and labels are these, with their values. */
  series(name: string, labels: Readonly<Record<string, string>>): Promise<readonly number[]>
  stop(): Promise<void>
}

export async function startObservedBroker(): Promise<ObservedBroker> {
  const directory = mkdtempSync(join(tmpdir(), 'glasslog-client-metrics-'))
  const collector = await startOtlpReceiver()
  const broker = await startBrokerProcess(join(directory, 'data'), {
    args: ['--otlp-endpoint', collector.endpoint],
  })
  const { host, port } = broker.kafka
  return {
    bootstrap: `${host}:${port}`,
    collector,
    async series(name, labels) {
      const text = await (await fetch(`${broker.adminUrl}/metrics`)).text()
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
      const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`))
      const found = lines.filter((line) => wanted.every((label) => line.includes(label)))
      return found.map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)))
    },
    async stop() {
      await broker.end('SIGTERM')
      await collector.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

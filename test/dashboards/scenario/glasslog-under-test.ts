import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stringify } from 'yaml'
import { createCertificateAuthority } from '../../support/certificates.ts'

const MAIN = join(import.meta.dirname, '../../../cli/main.mjs')
const READY_TIMEOUT_MS = 60_000

export interface GlasslogSettings {
  /** Holds everything; empty. */
  readonly directory: string
  /** Address of the admin and console ports. */
  readonly host: string
  readonly scrapeIntervalMs: number
  readonly ruleFiles: readonly string[]
  readonly alertingFile: string
  /** Labels that the monitor gives to what it scrapes from the broker. */
  readonly targetLabels: Readonly<Record<string, string>>
  /** Ports on this machine where the history is pushed to by UDP, and spans by OTLP. */
  readonly syslogPort: number
  readonly collectorUrl: string
}

/** Broker and monitor as `glasslog start` runs them, with everything on that a board shows. */
export interface GlasslogUnderTest {
  readonly adminUrl: string
  readonly monitorUrl: string
  readonly token: string
  stop(): Promise<void>
}

export async function startGlasslog(settings: GlasslogSettings): Promise<GlasslogUnderTest> {
  const config = join(settings.directory, 'glasslog.yaml')
  await writeFile(config, stringify(configOf(settings)))
  const environment = {
    ...process.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: settings.collectorUrl,
  }
  const child = spawn(process.execPath, [MAIN, 'start', '--config', config], {
    cwd: settings.directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece
  })
  const ended = once(child, 'exit')
  const ready = await readyLine(child.stdout, ended).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw new Error(`${String(error)}\n${stderr}`)
  })
  const token = await readFile(join(settings.directory, 'data', 'root.token'), 'utf8')
  return {
    adminUrl: /admin=(\S+)/.exec(ready)?.[1] ?? '',
    monitorUrl: /console=(\S+)/.exec(ready)?.[1] ?? '',
    token: token.trim(),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function configOf(settings: GlasslogSettings): object {
  const { directory, host, targetLabels } = settings
  const keystore = createCertificateAuthority(directory).issue('broker', '/CN=localhost').path
  return {
    'data-dir': join(directory, 'data'),
    host,
    insecure: host !== '127.0.0.1',
    'kafka-port': 0,
    'admin-port': 0,
    'console-port': 0,
    'monitor-scrape-interval-ms': settings.scrapeIntervalMs,
    'monitor-evaluation-interval-ms': settings.scrapeIntervalMs,
    'monitor-rule-files': settings.ruleFiles,
    'monitor-alerting-file': settings.alertingFile,
    'monitor-target-labels': Object.entries(targetLabels)
      .map((label) => label.join('='))
      .join(','),
    'audit-checkpoint-ms': 500,
    'audit-checkpoint-file': join(directory, 'checkpoints'),
    'audit-push': `udp://127.0.0.1:${settings.syslogPort}`,
    'log-level': 'warn',
    broker: {
      listeners: 'PLAIN://127.0.0.1:0,LOGIN://127.0.0.1:0,TLS://127.0.0.1:0',
      'listener.security.protocol.map': 'PLAIN:PLAINTEXT,LOGIN:SASL_PLAINTEXT,TLS:SSL',
      'ssl.keystore.location': keystore,
      'glasslog.authorizer': 'acl',
      'allow.everyone.if.no.acl.found': true,
      'group.initial.rebalance.delay.ms': 0,
      'max.connections': 1000,
    },
  }
}

async function readyLine(stdout: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<string> {
  const line = new Promise<string>((resolve) => {
    createInterface({ input: stdout }).on('line', (text) => {
      if (text.startsWith('glasslog ready ')) resolve(text)
    })
  })
  const timeout = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('was not ready in time')), READY_TIMEOUT_MS).unref()
  })
  const death = ended.then(() => {
    throw new Error('ended before it was ready')
  })
  return Promise.race([line, timeout, death])
}

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DEFAULT_RULE_FILES } from '../../monitor/index.ts'
import {
  startBrokerProcess,
  startMonitorProcess,
  temporaryDirectory,
} from '../support/broker-process.ts'
import { missingTools } from '../support/missing-tools.ts'
import type { Check, Counts, Surroundings } from './checks.ts'
import { command } from './command.ts'
import { GRAFANA_CHECKS } from './grafana-checks.ts'
import { runIncidents } from './incidents/run-incidents.ts'
import { TOOL_CHECKS } from './tool-checks.ts'

// `npm run test:monitor`: what `npm start` starts while things break, then Debian's promtool and amtool, and what Grafana's
// data source asks, against a running monitor. `-- --incidents` and `-- --tools` do one of both.
const READY_TIMEOUT_MS = 60_000

const RULES = `
groups:
- name: own
  rules:
  - { record: 'partitions:all', expr: sum(glasslog_partitions) }
  - alert: HasPartitions
    expr: partitions:all > 0
    labels: { severity: info }
    annotations: { summary: '{{ $value }} partitions' }
`

const isAsked = (part: string): boolean =>
  process.argv.length === 2 || process.argv.includes(`--${part}`)

const NONE: Counts = { passed: 0, failed: 0 }
const incidents = isAsked('incidents') ? await runIncidents() : NONE
const tools = isAsked('tools') ? await runTools() : NONE
const failed = incidents.failed + tools.failed
console.log(`${incidents.passed + tools.passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

async function runTools(): Promise<Counts> {
  const missing = missingTools(['promtool', 'amtool'], 'prometheus prometheus-alertmanager')
  if (missing !== null) {
    console.log(missing)
    return NONE
  }
  const directory = await temporaryDirectory()
  const ruleFile = join(directory.path, 'own.yml')
  await writeFile(ruleFile, RULES)
  const broker = await startBrokerProcess(directory.path)
  const monitor = await startMonitorProcess(directory.path, [
    ...['--monitor-scrape-interval-ms', '500', '--monitor-evaluation-interval-ms', '500'],
    ...['--monitor-rule-files', ruleFile],
  ])
  try {
    const token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
    const surroundings: Surroundings = {
      url: monitor.url,
      token,
      // The tools know no bearer tokens; the password of basic authentication is one here.
      urlWithToken: monitor.url.replace('://', `://admin:${token}@`),
      directory: directory.path,
      ruleFiles: [...DEFAULT_RULE_FILES, ruleFile],
    }
    await untilFiring(surroundings)
    return await runAll([...TOOL_CHECKS, ...GRAFANA_CHECKS], surroundings)
  } finally {
    await monitor.end('SIGKILL')
    await broker.end('SIGKILL')
    await directory.remove()
  }
}

/** Until there is something to ask for. */
async function untilFiring({ url, token }: Surroundings): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    const answer = await fetch(`${url}/api/v2/alerts`, {
      headers: { authorization: `Bearer ${token}` },
    })
    if ((await answer.text()).includes('HasPartitions')) return
    if (performance.now() > deadline) throw new Error('no alert fired in time')
    await command('sleep', ['0.2'])
  }
}

async function runAll(checks: readonly Check[], surroundings: Surroundings): Promise<Counts> {
  let failed = 0
  for (const { name, run } of checks) {
    const why = await run(surroundings).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    )
    console.log(`${why === null ? 'ok  ' : 'FAIL'} ${name}`)
    if (why === null) continue
    failed++
    console.log(`     ${why.replaceAll('\n', '\n     ')}`)
  }
  return { passed: checks.length - failed, failed }
}

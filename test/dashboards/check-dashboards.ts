import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RECORDING_RULES } from '../../dashboards/index.ts'
import type { Verdict } from './judge-own.ts'
import { judgeUntilWell } from './judge-own.ts'
import type { PrometheusProcess } from './prometheus/prometheus-process.ts'
import { checkScrapeAuthentication, startPrometheus } from './prometheus/prometheus-process.ts'
import { checkPromtool } from './prometheus/promtool.ts'
import { prometheusApi } from './prometheus-api.ts'
import { publicCoverage } from './public-boards.ts'
import type { GlasslogUnderTest } from './scenario/glasslog-under-test.ts'
import { startGlasslog } from './scenario/glasslog-under-test.ts'
import { openReceivers } from './scenario/receivers.ts'
import { startScenario } from './scenario/scenario.ts'
import { STRIMZI_LABELS } from './strimzi-labels.ts'

export interface CheckOptions {
  /** Folder of boards and rules that others published; null leaves them out. */
  readonly publicDirectory: string | null
  readonly withPrometheus: boolean
}

const SCRAPE_INTERVAL_MS = 1_000
/** Long enough for every kind of work to have happened a few times, and for rates over what was scraped. */
const LOAD_MS = 20_000
/** Prometheus scrapes each 15 s, as its configuration says: three scrapes and an evaluation. */
const LOAD_BESIDE_PROMETHEUS_MS = 65_000

/** Alerts that are sure to be there, one of which comes and goes: boards of alerts have something to show. */
const SURE_ALERTS = `
groups:
- name: dashboards-check
  rules:
  - { alert: DashboardsCheckFires, expr: 'up == 1', labels: { severity: info } }
  - { alert: DashboardsCheckFlaps, expr: 'vector(time()) % 10 < 5', labels: { severity: info } }
  - { alert: DashboardsCheckWaits, expr: 'up == 1', for: 1h, labels: { severity: info } }
`

/** Answers the exit code: 0 when everything has data. */
export async function checkDashboards(options: CheckOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-dashboards-'))
  const receivers = await openReceivers()
  const ruleFile = join(directory, 'alerts.yml')
  const alertingFile = join(directory, 'alerting.yml')
  await writeFile(ruleFile, SURE_ALERTS)
  await writeFile(alertingFile, alertingConfig(`${receivers.httpUrl}/alerts`))
  const tally = new Tally()
  try {
    const glasslog = await startGlasslog({
      directory,
      // Loopback may read metrics without a token; whoever scrapes from elsewhere has to show one.
      host: options.withPrometheus ? addressOfThisMachine() : '127.0.0.1',
      scrapeIntervalMs: SCRAPE_INTERVAL_MS,
      ruleFiles: [RECORDING_RULES, ruleFile],
      alertingFile,
      targetLabels: STRIMZI_LABELS,
      syslogPort: receivers.syslogPort,
      collectorUrl: receivers.httpUrl,
    })
    try {
      await judgeGlasslog(glasslog, directory, options, tally)
    } finally {
      await glasslog.stop()
    }
  } finally {
    await receivers.close()
    await rm(directory, { recursive: true, force: true })
  }
  console.log(`${tally.passed} passed, ${tally.failed} failed`)
  return tally.failed === 0 ? 0 : 1
}

async function judgeGlasslog(
  glasslog: GlasslogUnderTest,
  directory: string,
  { publicDirectory, withPrometheus }: CheckOptions,
  tally: Tally,
): Promise<void> {
  const before = await metricsOf(glasslog)
  const scenario = await startScenario(glasslog)
  let prometheus: PrometheusProcess | null = null
  try {
    if (withPrometheus) {
      tally.add('scrape authentication', await checkScrapeAuthentication(glasslog))
      prometheus = await startPrometheus(glasslog, directory)
    }
    await sleep(withPrometheus ? LOAD_BESIDE_PROMETHEUS_MS : LOAD_MS)
    const monitor = prometheusApi(glasslog.monitorUrl, glasslog.token)
    tally.addOwn('the monitor', await judgeUntilWell(monitor))
    if (prometheus !== null) {
      tally.add('targets of Prometheus', await prometheus.faultsOfTargets())
      tally.addOwn('Prometheus', await judgeUntilWell(prometheus.api))
      tally.add('promtool', await checkPromtool(glasslog))
    }
    if (publicDirectory !== null) {
      const after = await metricsOf(glasslog)
      tally.add('public boards', await publicCoverage(publicDirectory, monitor, before, after))
    }
  } finally {
    for (const [work, failure] of scenario.failures()) console.log(`  load: ${work}: ${failure}`)
    await prometheus?.stop()
    await scenario.stop()
  }
}

/** What was looked at, with faults told at once. */
class Tally {
  passed = 0
  failed = 0

  add(what: string, faults: readonly string[]): void {
    if (faults.length === 0) this.passed++
    else this.failed++
    for (const fault of faults) console.log(`FAIL ${what}: ${fault}`)
  }

  /** The verdicts on our own boards and rules, and a line that sums them up. */
  addOwn(server: string, verdicts: readonly Verdict[]): void {
    for (const { subject, faults } of verdicts) this.add(`${server}: ${subject}`, faults)
    const well = verdicts.filter(({ faults }) => faults.length === 0).length
    console.log(`${server}: ${well} of ${verdicts.length} panels and rules have data`)
  }
}

async function metricsOf({ adminUrl, token }: GlasslogUnderTest): Promise<string> {
  const answer = await fetch(`${adminUrl}/metrics`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return answer.text()
}

/** An address that is not loopback; only this machine talks to it. */
function addressOfThisMachine(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const outside = addresses.find(({ internal, family }) => !internal && family === 'IPv4')
  if (outside === undefined)
    console.log('this machine has no address but loopback: scrapes need no token')
  return outside?.address ?? '127.0.0.1'
}

function alertingConfig(url: string): string {
  return `
route: { receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s }
receivers: [{ name: hook, webhook_configs: [{ url: '${url}' }] }]
`
}

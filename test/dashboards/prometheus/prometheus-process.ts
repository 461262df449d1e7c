import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { listAlertRules, PROMETHEUS_DIRECTORY } from '../../../dashboards/index.ts'
import { runPrometheus } from '../../support/prometheus.ts'
import type { PrometheusApi } from '../prometheus-api.ts'
import { prometheusApi } from '../prometheus-api.ts'
import type { GlasslogUnderTest } from '../scenario/glasslog-under-test.ts'
import { Operator } from '../scenario/operator.ts'

/** Debian's Prometheus with the configuration that is checked in. */
export interface PrometheusProcess {
  readonly api: PrometheusApi
  /** What is wrong with its scrapes. */
  faultsOfTargets(): Promise<readonly string[]>
  stop(): Promise<void>
}

/**
 * Runs `dashboards/prometheus/prometheus.yml` as it stands: only where the targets are and the token are put beside it,
 * as the configuration asks of everybody.
 */
export async function startPrometheus(
  glasslog: GlasslogUnderTest,
  directory: string,
): Promise<PrometheusProcess> {
  const home = join(directory, 'prometheus')
  await cp(PROMETHEUS_DIRECTORY, home, { recursive: true })
  for (const file of listAlertRules())
    await cp(file, join(home, 'rules', file.split('/').at(-1) ?? ''))
  await mkdir(join(home, 'secrets'))
  await writeFile(join(home, 'secrets/scrape.token'), await scrapeToken(glasslog))
  await writeFile(join(home, 'targets/glasslog.yml'), targets(glasslog.adminUrl))
  await writeFile(join(home, 'targets/glasslog-monitor.yml'), targets(glasslog.monitorUrl))
  const { url, stop } = await runPrometheus([
    `--config.file=${join(home, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(directory, 'prometheus-data')}`,
    '--enable-feature=exemplar-storage',
  ])
  return {
    api: prometheusApi(url, null),
    faultsOfTargets: () => faultsOfTargets(url),
    stop,
  }
}

/** Metrics need a token from elsewhere, a wrong one is none, and a viewer's is enough. */
export async function checkScrapeAuthentication(
  glasslog: GlasslogUnderTest,
): Promise<readonly string[]> {
  const faults: string[] = []
  const token = await scrapeToken(glasslog)
  for (const url of [glasslog.adminUrl, glasslog.monitorUrl]) {
    const isOpen = new URL(url).hostname === '127.0.0.1'
    for (const [who, header, wanted] of [
      ['nobody', undefined, isOpen ? 200 : 401],
      ['a wrong token', 'Bearer wrong', isOpen ? 200 : 401],
      ['a viewer', `Bearer ${token}`, 200],
    ] as const) {
      const headers: Record<string, string> = header === undefined ? {} : { authorization: header }
      const { status } = await fetch(`${url}/metrics`, { headers })
      if (status !== wanted)
        faults.push(`${url}/metrics answered ${who} with ${status}, not ${wanted}`)
    }
  }
  return faults
}

const SCRAPER = 'prometheus'

/** A token of an account that may look and no more. */
async function scrapeToken({ adminUrl, token }: GlasslogUnderTest): Promise<string> {
  const operator = new Operator(adminUrl, token)
  const accounts = (await operator.ask('GET', '/v1/accounts')) as { accounts: { name: string }[] }
  if (!accounts.accounts.some(({ name }) => name === SCRAPER)) {
    await operator.ask('POST', '/v1/accounts', { name: SCRAPER, roles: ['viewer'] })
  }
  const made = await operator.ask('POST', '/v1/tokens', { account: SCRAPER, label: 'scrapes' })
  return (made as { token: string }).token
}

async function faultsOfTargets(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/api/v1/targets?state=active`)
  const { data } = (await answer.json()) as {
    data: { activeTargets: { scrapePool: string; health: string; lastError: string }[] }
  }
  const jobs = data.activeTargets.map(({ scrapePool }) => scrapePool)
  const missing = ['glasslog', 'glasslog-monitor'].filter((job) => !jobs.includes(job))
  return [
    ...missing.map((job) => `${job} is not scraped`),
    ...data.activeTargets
      .filter(({ health }) => health !== 'up')
      .map(({ scrapePool, health, lastError }) => `${scrapePool} is ${health}: ${lastError}`),
  ]
}

function targets(url: string): string {
  return stringify([{ targets: [new URL(url).host], labels: { kafka_cluster: 'glasslog' } }])
}

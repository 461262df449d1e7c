import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BrokerProcess, MonitorProcess } from '../support/broker-process.ts'
import {
  startBrokerProcess,
  startMonitorProcess,
  temporaryDirectory,
} from '../support/broker-process.ts'

/** monitor-default-rules: the alarms that come with the monitor, and its own metrics. */

const INTERVALS = [
  ...['--monitor-scrape-interval-ms', '200'],
  ...['--monitor-evaluation-interval-ms', '200'],
]
const ONCE_A_YEAR = '0 0 1 1 *'
/** Takes the place of a default group. */
const OWN = 'groups: [{ name: glasslog-history, rules: [{ record: own, expr: vector(1) }] }]\n'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let monitor: MonitorProcess

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path)
  const file = join(directory.path, 'own.yml')
  await writeFile(file, OWN)
  monitor = await startMonitorProcess(directory.path, [
    ...[...INTERVALS, '--monitor-rule-files', file],
    ...['--monitor-inspection-schedule', ONCE_A_YEAR],
  ])
}, 30_000)

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await broker?.end('SIGKILL')
  await directory?.remove()
})

async function data(path: string): Promise<unknown> {
  const token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  const answer = await fetch(`${monitor.url}/api/v1/${path}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return ((await answer.json()) as { data: unknown }).data
}

interface Rule {
  readonly name: string
  readonly health: string
  readonly lastError?: string
  readonly state?: string
}

async function rules(): Promise<Rule[]> {
  const { groups } = (await data('rules')) as { groups: { rules: Rule[] }[] }
  return groups.flatMap((group) => group.rules)
}

/** Not evaluated yet. One rule has a group with an interval of a minute, for which nobody is to wait. */
function isAwaited({ name, health }: Rule): boolean {
  return health === 'unknown' && name !== 'AvailabilityBudgetBurns'
}

describe('the alarms that come with the monitor', () => {
  it('are evaluated over a real broker without an error, and are quiet but for the watchdog', async () => {
    await vi.waitFor(
      async () => expect((await rules()).filter(isAwaited).map(({ name }) => name)).toEqual([]),
      { timeout: 30_000, interval: 200 },
    )
    const all = await rules()
    expect(all.length).toBeGreaterThan(30)
    expect(all.filter(({ lastError }) => lastError !== undefined)).toEqual([])
    const firing = all.filter(({ state }) => state === 'firing').map(({ name }) => name)
    // A machine that stands still for a moment may make the probe late, and right to say so.
    expect(firing.filter((name) => !name.startsWith('Probe'))).toEqual(['Watchdog'])
  }, 40_000)

  it('have the cluster inspected when one begins to fire, whatever the schedule says', async () => {
    const token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
    const headers = { authorization: `Bearer ${token}` }
    await vi.waitFor(
      async () => {
        const answer = await fetch(`${monitor.url}/v1/inspections`, { headers })
        expect(await answer.json()).toMatchObject({ inspectedAt: expect.any(String) })
      },
      { timeout: 20_000, interval: 200 },
    )
  }, 25_000)

  it('give way to a group of the same name', async () => {
    const names = (await rules()).map(({ name }) => name)
    expect(names).toContain('own')
    expect(names).not.toContain('HistoryUnsigned')
  })

  it('link to a page that says what to do', async () => {
    const { alerts } = (await data('alerts')) as {
      alerts: { annotations: { runbook_url: string } }[]
    }
    const path = new URL(alerts[0]?.annotations.runbook_url ?? '').pathname
    const page = await fetch(`${monitor.url}${path}`)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('## What to do')
    expect((await fetch(`${monitor.url}/runbooks/..%2FREADME`)).status).toBe(404)
  })
})

describe('the monitor itself', () => {
  it('is scraped by itself, and open to this machine', async () => {
    const query = encodeURIComponent('glasslog_monitor_series{job="glasslog-monitor"} > 0')
    await vi.waitFor(
      async () =>
        expect(await data(`query?query=${query}`)).toMatchObject({ result: [{ metric: {} }] }),
      { timeout: 10_000, interval: 200 },
    )
    const page = await fetch(`${monitor.url}/metrics`)
    expect(page.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect(await page.text()).toContain(
      'glasslog_monitor_rule_evaluations_total{group="glasslog-broker"}',
    )
  })

  it('goes without default rules when it is told to', async () => {
    await monitor.end('SIGTERM')
    monitor = await startMonitorProcess(directory.path, [
      ...INTERVALS,
      ...['--monitor-default-rules', 'false'],
    ])
    expect(await rules()).toEqual([])
  }, 30_000)
})

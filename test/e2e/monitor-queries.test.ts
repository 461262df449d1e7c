import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BrokerProcess, MonitorProcess } from '../support/broker-process.ts'
import {
  startBrokerProcess,
  startMonitorProcess,
  temporaryDirectory,
} from '../support/broker-process.ts'

/** monitor-query-timeout-ms, monitor-query-max-samples and monitor-query-max-concurrency: queries that must not hold up anybody. */

/** 7,200 sums of 2.6 million samples each: no machine adds nineteen billion numbers within the time-out. */
const EXPENSIVE = 'sum_over_time(sum_over_time(vector(1)[30d:1s])[2h:1s])'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let monitor: MonitorProcess
let token: string

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path)
  token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  monitor = await startMonitorProcess(directory.path, [
    ...['--monitor-scrape-interval-ms', '200', '--monitor-evaluation-interval-ms', '200'],
    ...['--monitor-query-timeout-ms', '3000', '--monitor-query-max-samples', '20000000'],
    ...['--monitor-query-max-concurrency', '1'],
  ])
}, 30_000)

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await broker?.end('SIGKILL')
  await directory?.remove()
})

function query(expression: string): Promise<Response> {
  return fetch(`${monitor.url}/api/v1/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams({ query: expression }),
  })
}

/** A number of the monitor's own page, which needs no query. */
async function ownNumber(series: string): Promise<number> {
  const page = await (await fetch(`${monitor.url}/metrics`)).text()
  const line = page.split('\n').find((one) => one.startsWith(`${series} `))
  return Number(line?.slice(series.length))
}

const evaluations = () =>
  ownNumber('glasslog_monitor_rule_evaluations_total{group="glasslog-broker"}')

describe('a query that takes long', () => {
  it('ends in time, and rules and scrapes go on meanwhile', async () => {
    const before = await evaluations()
    const long = query(EXPENSIVE)
    await vi.waitFor(async () => expect(await evaluations()).toBeGreaterThan(before + 24), {
      timeout: 20_000,
      interval: 50,
    })
    const answer = await long
    expect(answer.status).toBe(503)
    expect(await answer.json()).toEqual({
      status: 'error',
      errorType: 'timeout',
      error: expect.stringContaining('timed out'),
    })
    expect(await ownNumber('glasslog_monitor_queries_total{result="timeout"}')).toBe(1)
  }, 40_000)

  it('makes others wait, and those are answered after it', async () => {
    const answers = await Promise.all([query(EXPENSIVE), query(EXPENSIVE), query('vector(1)')])
    // Their own time goes on while they wait: the last one may come too late.
    expect(answers.slice(0, 2).map(({ status }) => status)).toEqual([503, 503])
    expect((await query('vector(1)')).status).toBe(200)
  }, 40_000)

  it('is refused when it would hold too much', async () => {
    const answer = await query('count_over_time(vector(1)[365d:1s])')
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({
      errorType: 'execution',
      error: expect.stringContaining('too many samples'),
    })
  }, 30_000)

  it.each([
    ['an endless regular expression', 'up{job=~"(a+)+(b*c?)*(.*.*.*.*.*)x"}', 200],
    ['a repetition without end', 'up{job=~"((a{1000}){1000}){1000}"}', 400],
    ['deep nesting', `${'('.repeat(100_000)}1${')'.repeat(100_000)}`, 400],
  ])(
    '%s does no harm',
    async (_, expression, status) => {
      expect((await query(expression)).status).toBe(status)
      expect((await query('vector(1)')).status).toBe(200)
    },
    30_000,
  )
})

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger, systemClock, systemTimers } from '../kit/index.ts'
import { createSimDisk, createSimTime } from '../kit/testing.ts'
import { measureGroups } from './measure-groups.ts'
import { listMonitorFamilies, MonitorStats, metricsPage, monitorFamilies } from './metrics/index.ts'
import { Labels } from './promql/index.ts'
import { QueryThreads } from './query/index.ts'
import { parseRuleFile, RuleManager, storeRuleStorage } from './rules/index.ts'
import { parseSeries } from './scrape/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from './series/index.ts'

const RULES = `
groups:
- name: own
  interval: 30s
  rules:
  - { alert: Fires, expr: a > 0 }
  - { alert: Waits, expr: a > 0, for: 1h }
  - { record: wrong, expr: a * on () group_left a }
`
const HOUR_MS = 3_600_000

let page: string
let queries: QueryThreads

/** Every family is moved: by a store, by rules, by queries that wait for one another, and by what the stats are told. */
beforeAll(async () => {
  const time = createSimTime()
  time.setWallClock(24 * HOUR_MS)
  const store = await SeriesStore.open(
    createSimDisk(),
    'series',
    { ...DEFAULT_STORE_OPTIONS, maxSeries: 8 },
    silentLogger,
  )
  const stats = new MonitorStats()
  for (const value of ['1', '2']) {
    const series = store.numberOf(Labels.of({ __name__: 'a', value }))
    if (series === null) throw new Error('no room')
    store.append({ timeMs: 20 * HOUR_MS, series: [series], values: Float64Array.of(1) })
    store.append({ timeMs: time.clock.now(), series: [series], values: Float64Array.of(1) })
  }
  await store.maintain(time.clock.now())
  const rules = new RuleManager({
    intervalMs: 30_000,
    context: { externalUrl: '', externalLabels: {} },
    storage: storeRuleStorage(store, time.clock),
    ...{ clock: time.clock, timers: time.timers },
    onAlerts: () => {},
  })
  rules.replace(parseRuleFile(RULES, 'own.yml'))
  await time.advance(60_000)
  for (let at = 0; at < 20; at++) store.numberOf(Labels.of({ __name__: 'b', value: String(at) }))

  stats.scraped('glasslog', { error: null, samples: 10 })
  stats.queried('ok', 120)
  stats.loads.set('files', true)
  stats.notified({
    ...{ receiver: 'team', integration: 'email[0]', outcome: 'delivered' },
    ...{ createdAtMs: 1_000, attemptedAtMs: 3_000 },
  })
  queries = new QueryThreads(
    { store, clock: systemClock, timers: systemTimers, logger: silentLogger },
    { timeoutMs: 60_000, maxSamples: 1_000, maxConcurrency: 1 },
  )
  const request = {
    ...{ expression: 'a', startMs: 24 * HOUR_MS, endMs: 24 * HOUR_MS },
    ...{ stepMs: null, lookbackMs: null, timeoutMs: null },
  }
  const asked = [queries.query(request), queries.query(request)]
  const pipeline = { waitingCount: 3 }
  const render = metricsPage(
    monitorFamilies({
      ...{ stats, store, queries, pipeline, groups: () => measureGroups(rules) },
      disk: () => ({ usedBytes: 1, availableBytes: 2, fullAtMs: 3_000 }),
      outbox: { waitingCount: 4 },
    }),
  )
  page = await render()
  await Promise.all(asked)
  rules.stop()
})

afterAll(async () => {
  await queries.close()
})

/** The values of a series of the page, by its labels. */
function numberAt(series: string): number {
  const line = page.split('\n').find((one) => one.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1) ?? Number.NaN)
}

describe('the page of the monitor', () => {
  it.each([
    'glasslog_monitor_scrapes_total{job="glasslog",result="ok"}',
    'glasslog_monitor_scrape_samples_total{job="glasslog"}',
    'glasslog_monitor_rule_evaluations_total{group="own"}',
    'glasslog_monitor_rule_evaluation_failures_total{group="own"}',
    'glasslog_monitor_rule_group_interval_seconds{group="own"}',
    'glasslog_monitor_rule_group_evaluated_timestamp_seconds{group="own"}',
    'glasslog_monitor_rules_last_load_successful{source="files"}',
    'glasslog_monitor_alerts{state="pending"}',
    'glasslog_monitor_alerts{state="firing"}',
    'glasslog_monitor_series',
    'glasslog_monitor_series_refused_total',
    'glasslog_monitor_samples_appended_total',
    'glasslog_monitor_series_blocks_bytes',
    'glasslog_monitor_queries_total{result="ok"}',
    'glasslog_monitor_query_duration_seconds_sum',
    'glasslog_monitor_queries_running',
    'glasslog_monitor_queries_waiting',
    'glasslog_monitor_notifications_total{receiver="team",integration="email[0]",result="delivered"}',
    'glasslog_monitor_notification_delay_seconds_sum{receiver="team",integration="email[0]"}',
    'glasslog_monitor_notifications_waiting',
    'glasslog_monitor_disk_used_bytes',
    'glasslog_monitor_disk_available_bytes',
    'glasslog_monitor_disk_full_timestamp_seconds',
    'glasslog_monitor_history_waiting',
    'process_cpu_seconds_total',
  ])('%s', (series) => {
    expect(numberAt(series)).toBeGreaterThan(0)
  })

  it.each([
    'glasslog_monitor_rule_group_missed_total{group="own"}',
    'glasslog_monitor_rule_group_duration_seconds{group="own"}',
    'glasslog_monitor_series_failures_total',
  ])('%s while all is well', (series) => {
    expect(numberAt(series)).toBe(0)
  })

  it('has a test for each family', () => {
    const tests = readFileSync(import.meta.filename, 'utf8')
    const untested = listMonitorFamilies().filter(({ name }) => !tests.includes(`${name}`))
    expect(untested.map(({ name }) => name)).toEqual([])
  })

  it('can be read by a scraper', () => {
    for (const line of page.split('\n').filter((one) => one !== '' && !one.startsWith('#')))
      expect(parseSeries(line.slice(0, line.lastIndexOf(' ')), 1).metricName).not.toBe('')
  })

  it('counts durations up to each bound', () => {
    const bucket = (le: string) =>
      numberAt(`glasslog_monitor_query_duration_seconds_bucket{le="${le}"}`)
    expect([bucket('0.1'), bucket('0.25'), bucket('+Inf')]).toEqual([0, 1, 1])
  })
})

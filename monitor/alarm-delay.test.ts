import { describe, expect, it } from 'vitest'
import { config, DELIVERED, openPipeline } from '../alerting/testing.ts'
import { seededRandom, silentLogger } from '../kit/index.ts'
import { createSimDisk, createSimTime } from '../kit/testing.ts'
import { tellAlerts } from './alerts.ts'
import { MetricDetails } from './details.ts'
import { parseRuleFile, RuleManager, storeRuleStorage } from './rules/index.ts'
import {
  DEFAULT_SCRAPE_LIMITS,
  inOnePiece,
  scheduleScrapes,
  TargetScraper,
} from './scrape/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from './series/index.ts'

const RULES = `
groups:
- name: own
  rules:
  - { alert: Full, expr: disk_used > 80, labels: { severity: critical } }
`
const AT_ONCE = `
route: { receiver: team, group_by: [alertname], group_wait: 0s }
receivers: [{ name: team, email_configs: [{ to: ops@example.com, from: a@example.com, smarthost: 'localhost:25' }] }]
`
const MARGIN_MS = 5_000

/** Everything between the broker's page and the notifier, in simulated time; answers how long a condition takes to be told. */
async function delayFrom(
  conditionAtMs: number,
  intervals: { scrapeMs: number; evaluationMs: number },
) {
  const time = createSimTime()
  const { clock, timers } = time
  const test = await openPipeline(config(AT_ONCE), { time })
  const store = await SeriesStore.open(
    createSimDisk(),
    'm/series',
    DEFAULT_STORE_OPTIONS,
    silentLogger,
  )
  const startMs = clock.now()
  const target = {
    ...DEFAULT_SCRAPE_LIMITS,
    ...{ job: 'glasslog', instance: 'broker', url: 'http://broker/metrics', headers: {} },
    intervalMs: intervals.scrapeMs,
  }
  const page = async () => {
    const used = clock.now() - startMs >= conditionAtMs ? 90 : 10
    const body = inOnePiece(`disk_used ${used}\n`)
    return { status: 200, contentType: 'text/plain; version=0.0.4', body }
  }
  const scraper = new TargetScraper(target, page, store, new MetricDetails(), {
    clock,
    random: seededRandom(1),
  })
  const cancelScrapes = scheduleScrapes(scraper, clock, timers, () => {})
  const rules = new RuleManager({
    intervalMs: intervals.evaluationMs,
    context: { externalUrl: '', externalLabels: {} },
    storage: storeRuleStorage(store, clock),
    ...{ clock, timers },
    onAlerts: (rule, alerts, validUntilMs) => {
      void tellAlerts(test.pipeline, { rule, alerts, validUntilMs }, '', silentLogger)
    },
  })
  rules.replace(parseRuleFile(RULES, 'own.yml'))
  test.outside.answer = () => DELIVERED
  await time.advance(conditionAtMs + intervals.scrapeMs + intervals.evaluationMs + MARGIN_MS)
  cancelScrapes()
  rules.stop()
  await test.pipeline.stop()
  const [arrival] = test.outside.arrivals
  return arrival === undefined ? null : arrival.atMs - startMs - conditionAtMs
}

describe('from a condition to the mail', () => {
  it.each([
    { scrapeMs: 15_000, evaluationMs: 15_000 },
    { scrapeMs: 1_000, evaluationMs: 30_000 },
    { scrapeMs: 60_000, evaluationMs: 5_000 },
  ])('there is one scrape, one evaluation, and 5 seconds at most: %o', async (intervals) => {
    for (let at = 0; at < 12; at++) {
      const conditionAtMs = 60_000 + at * 7_919
      const delayMs = await delayFrom(conditionAtMs, intervals)
      expect(delayMs, `a condition after ${conditionAtMs} ms`).not.toBe(null)
    }
  })
})

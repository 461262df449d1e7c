import { expect, it } from 'vitest'
import { seededRandom, silentLogger } from '../../kit/index.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { DEFAULT_SCRAPE_LIMITS, inOnePiece, TargetScraper } from '../scrape/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from '../series/index.ts'
import { readingExpression, sumOf } from './readings.ts'
import { storeQuery } from './series-query.ts'

const MINUTE_MS = 60_000
const WINDOW_MS = 10 * MINUTE_MS

/** The failed logins that a reading has of a broker that is scraped for the first time with 60 of them. */
async function failedLogins(brokerAgeMs: number): Promise<number> {
  const { clock } = createSimTime()
  const disk = createSimDisk()
  const store = await SeriesStore.open(disk, 'series', DEFAULT_STORE_OPTIONS, silentLogger)
  const target = { job: 'glasslog', instance: 'broker', url: 'http://broker', headers: {} }
  const page = [
    'glasslog_logins_total{mechanism="PLAIN",result="failure"} 60',
    `process_start_time_seconds ${(clock.now() - brokerAgeMs) / 1000}`,
  ]
  const scraper = new TargetScraper(
    { ...DEFAULT_SCRAPE_LIMITS, ...target },
    async () => ({
      ...{ status: 200, contentType: 'text/plain; version=0.0.4' },
      body: inOnePiece(`${page.join('\n')}\n`),
    }),
    store,
    { metadata: () => {}, exemplar: () => {} },
    { clock, random: seededRandom(1) },
  )
  await scraper.scrape(clock.now())
  const expression = readingExpression('logins', WINDOW_MS)
  return sumOf(await storeQuery(store, clock).instant(expression, clock.now()))
}

it.each([
  ['has just started', MINUTE_MS, 60],
  ['had them before the window', 2 * WINDOW_MS, 0],
])('a broker that %s: what it has at the first scrape', async (_, ageMs, expected) => {
  expect(await failedLogins(ageMs)).toBe(expected)
})

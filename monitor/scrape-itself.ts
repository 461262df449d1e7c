import type { Cancel, Clock, Random, Timers } from '../kit/index.ts'
import { TEXT_CONTENT_TYPE } from './metrics/index.ts'
import type { DetailSink, SampleSink, ScrapeReport } from './scrape/index.ts'
import {
  DEFAULT_SCRAPE_LIMITS,
  inOnePiece,
  scheduleScrapes,
  TargetScraper,
} from './scrape/index.ts'

export interface ScrapeItselfParts {
  /** The monitor's own address. */
  readonly url: string
  readonly scrapeIntervalMs: number
  /** The page that others get at `/metrics`. */
  readonly page: () => Promise<string>
  readonly store: SampleSink
  readonly details: DetailSink
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly onScrape: (job: string, report: ScrapeReport) => void
}

export const MONITOR_JOB = 'glasslog-monitor'

/** Scrapes the monitor's own page, without the way over its port. */
export function scrapeItself(parts: ScrapeItselfParts): Cancel {
  const { url, scrapeIntervalMs, page, store, details, clock, timers, random, onScrape } = parts
  const target = {
    ...DEFAULT_SCRAPE_LIMITS,
    job: MONITOR_JOB,
    instance: new URL(url).host,
    url: `${url}/metrics`,
    headers: {},
    intervalMs: scrapeIntervalMs,
  }
  const get = async () => {
    const body = inOnePiece(await page())
    return { status: 200, contentType: TEXT_CONTENT_TYPE, body }
  }
  const scraper = new TargetScraper(target, get, store, details, { clock, random })
  return scheduleScrapes(scraper, clock, timers, (report) => onScrape(MONITOR_JOB, report))
}

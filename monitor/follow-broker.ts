import type { Cancel, Clock, Logger, Random, Timers } from '../kit/index.ts'
import type { DetailSink, HttpGet, SampleSink, ScrapeReport } from './scrape/index.ts'
import { DEFAULT_SCRAPE_LIMITS, httpGet, scheduleScrapes, TargetScraper } from './scrape/index.ts'

/** Where the broker's admin API is, and the token by which it lets the monitor in. */
export interface BrokerAddress {
  readonly url: string
  readonly token: string
}

/** Asked before each use, because a broker that starts again may be elsewhere; null while there is none. */
export type FindBroker = () => Promise<BrokerAddress | null>

export interface FollowBrokerParts {
  readonly findBroker: FindBroker
  readonly scrapeIntervalMs: number
  /** Labels that every series of the broker gets. */
  readonly targetLabels: Readonly<Record<string, string>>
  readonly store: SampleSink
  readonly details: DetailSink
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
  readonly onScrape: (job: string, report: ScrapeReport) => void
}

export const BROKER_JOB = 'glasslog'

/**
 * What cannot change on one broker is asked for (docs/http-api.md) only while there is little: with 10,000 partitions
 * it is most of what the monitor would have to remember. The first page is without it, for a series that came once stays
 * for hours. Far enough apart that a page which is just small enough does not grow too large by it.
 */
const SMALL_SAMPLES = 12_000
const LARGE_SAMPLES = 50_000

/** Scrapes the broker wherever it is; a broker that is found at another address is another instance. */
export function followBroker(parts: FollowBrokerParts): Cancel {
  const { findBroker, scrapeIntervalMs, targetLabels, store, details } = parts
  const { clock, timers, random, logger } = parts
  let current: { url: string; scraper: TargetScraper; cancel: Cancel } | null = null
  let isDown = false
  let isStopped = false
  let isLarge = true
  const look = async (): Promise<void> => {
    const broker = await findBroker()
    // Stopped while the broker was looked for: a scrape that begins now would never end.
    if (isStopped || broker === null || broker.url === current?.url) return
    current?.cancel()
    current?.scraper.end(clock.now())
    const target = {
      ...DEFAULT_SCRAPE_LIMITS,
      job: BROKER_JOB,
      instance: new URL(broker.url).host,
      labels: targetLabels,
      url: `${broker.url}/metrics`,
      headers: { authorization: `Bearer ${broker.token}` },
      intervalMs: scrapeIntervalMs,
      timeoutMs: Math.min(scrapeIntervalMs, DEFAULT_SCRAPE_LIMITS.timeoutMs),
    }
    // Asked each time: who holds the address of a broker that died must not be sent its token.
    const provedGet: HttpGet = async (url, options) => {
      if ((await findBroker())?.url !== broker.url) {
        throw new Error(`no broker that runs on the data directory answers at ${broker.url}`)
      }
      return httpGet(isLarge ? `${url}?constant=false` : url, options)
    }
    const scraper = new TargetScraper(target, provedGet, store, details, { clock, random })
    const cancel = scheduleScrapes(scraper, clock, timers, (report) => {
      parts.onScrape(BROKER_JOB, report)
      const { error, samples } = report
      if (error === null) isLarge = samples > (isLarge ? SMALL_SAMPLES : LARGE_SAMPLES)
      if (isDown !== (error !== null))
        logger.warn(
          { url: target.url, error },
          error === null ? 'the broker is up' : 'the broker is down',
        )
      isDown = error !== null
    })
    current = { url: broker.url, scraper, cancel }
  }
  const lookSafely = () =>
    void look().catch((error: unknown) =>
      logger.error({ err: error }, 'the broker cannot be found'),
    )
  lookSafely()
  const cancel = timers.every(scrapeIntervalMs, lookSafely)
  return () => {
    isStopped = true
    cancel()
    current?.cancel()
  }
}

import type { Cancel, Clock, Timers } from '../../kit/index.ts'
import { crc32c } from '../../protocol/index.ts'
import type { ScrapeReport, TargetScraper } from './scraper.ts'

/** Samples of a scrape that begins so little late get the time that was meant: regular times take fewer bits. */
const MAX_LATENESS_MS = 200

/**
 * Scrapes a target at its interval until it is stopped. Targets begin spread over the interval, each always at the
 * same place in it. A scrape that is still running when the next one is due takes its place.
 */
export function scheduleScrapes(
  scraper: TargetScraper,
  clock: Clock,
  timers: Timers,
  onReport: (report: ScrapeReport) => void,
): Cancel {
  const { intervalMs, url } = scraper.target
  const offsetMs = crc32c(Buffer.from(url)) % intervalMs
  let cancel: Cancel = () => undefined
  let stopped = false

  const arm = (): void => {
    const nowMs = clock.now()
    const dueMs = Math.floor((nowMs - offsetMs) / intervalMs + 1) * intervalMs + offsetMs
    cancel = timers.after(dueMs - nowMs, () => void run(dueMs))
  }
  const run = async (dueMs: number): Promise<void> => {
    const nowMs = clock.now()
    const isOnTime = nowMs >= dueMs && nowMs - dueMs <= MAX_LATENESS_MS
    const report = await scraper.scrape(isOnTime ? dueMs : nowMs)
    if (stopped) return
    onReport(report)
    arm()
  }
  arm()
  return () => {
    stopped = true
    cancel()
  }
}

import { measureOverhead } from './measure-overhead.ts'
import { measureScrape } from './measure-scrape.ts'

/**
 * What seeing costs.
 *
 *     node bench/telemetry/main.ts scrape [TOPICS] [GROUPS]   /metrics of many topics and groups: time,
 *                                                             who waits for it, memory
 *     node bench/telemetry/main.ts overhead [ROUNDS] [SECONDS]  produce with metrics off, on, scraped every
 *                                                             second, and traced, in turn
 */
const [what = '', first, second] = process.argv.slice(2)

switch (what) {
  case 'scrape':
    await measureScrape(Number(first ?? 1_000), Number(second ?? 200))
    break
  case 'overhead':
    await measureOverhead(Number(first ?? 5), Number(second ?? 4))
    break
  default:
    throw new Error('scrape or overhead')
}

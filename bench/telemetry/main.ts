import { measureLoad } from './measure-load.ts'
import { measureOverhead } from './measure-overhead.ts'
import { measureScrape } from './measure-scrape.ts'

/**
 * What seeing costs.
 *
 *     node bench/telemetry/main.ts scrape [TOPICS] [GROUPS]   /metrics of many topics and groups: time,
 *                                                             who waits for it, memory
 *     node bench/telemetry/main.ts load [ROUNDS] [SECONDS] [SCRAPE_SECONDS] [TOPICS] [GROUPS]
 *                                                             what clients of such a broker notice of scrapes
 *     node bench/telemetry/main.ts overhead [ROUNDS] [SECONDS] [SCRAPE_SECONDS] [LOAD]
 *                                                             produce with metrics off, on, scraped (every
 *                                                             15 s), and traced, in turn
 */
const [what = '', first, second, third, fourth, fifth] = process.argv.slice(2)

switch (what) {
  case 'scrape':
    await measureScrape(Number(first ?? 1_000), Number(second ?? 200))
    break
  case 'load':
    await measureLoad({
      ...{ rounds: Number(first ?? 5), seconds: Number(second ?? 30) },
      scrapeSeconds: Number(third ?? 15),
      ...{ topicCount: Number(fourth ?? 1_000), groupCount: Number(fifth ?? 200) },
    })
    break
  case 'overhead':
    await measureOverhead({
      ...{ rounds: Number(first ?? 5), seconds: Number(second ?? 15) },
      ...{ scrapeSeconds: Number(third ?? 15), load: fourth },
    })
    break
  default:
    throw new Error('scrape, load or overhead')
}

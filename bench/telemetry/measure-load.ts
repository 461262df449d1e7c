import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrokerOn } from '../audit/broker-on.ts'
import { latency } from '../loads/latency.ts'
import { summarize } from '../measure/statistics.ts'
import type { LatencyMs } from '../run/measurement.ts'
import { runLoad } from '../run/run-load.ts'
import { startBrokerWithGroups } from './broker-with-groups.ts'

const WARMUP_MS = 2_000
/** The times of records that lie only in files are looked up in the first ones, a few hundred in each. */
const SCRAPES_BEFORE = 50
const SCRAPER = new URL('./scraper.ts', import.meta.url)

export interface LoadOptions {
  readonly topicCount: number
  readonly groupCount: number
  readonly rounds: number
  /** Of each measurement. */
  readonly seconds: number
  readonly scrapeSeconds: number
}

/**
 * What clients of a broker with many topics and groups notice of its scrapes: how long records of a steady stream take
 * without and with them, in turn.
 */
export async function measureLoad(options: LoadOptions): Promise<void> {
  const { rounds, scrapeSeconds } = options
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-bench-'))
  const broker = await startBrokerWithGroups(directory, options)
  const found: { readonly without: LatencyMs; readonly scraped: LatencyMs }[] = []
  const tookMs: number[] = []
  try {
    for (let n = 0; n < SCRAPES_BEFORE; n++) await (await broker.ask('GET /metrics')).arrayBuffer()
    for (let round = 1; round <= rounds; round++) {
      const without = await run(broker, options)
      const scraper = fork(SCRAPER, [broker.adminUrl, String(scrapeSeconds * 1_000)])
      scraper.on('message', (ms) => void tookMs.push(Number(ms)))
      const scraped = await run(broker, options)
      scraper.disconnect()
      await once(scraper, 'exit')
      console.log(JSON.stringify({ round, without, scraped }))
      found.push({ without, scraped })
    }
    print(found, tookMs, scrapeSeconds)
  } finally {
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function run({ kafka, pid }: BrokerOn, { seconds }: LoadOptions): Promise<LatencyMs> {
  const limits = { warmupMs: WARMUP_MS, measureMs: seconds * 1_000, scale: 1 }
  const { latencyMs } = await runLoad(latency, { address: kafka, pid }, limits)
  if (latencyMs === null) throw new Error('nothing was measured')
  return latencyMs
}

function print(
  found: readonly { readonly without: LatencyMs; readonly scraped: LatencyMs }[],
  tookMs: readonly number[],
  scrapeSeconds: number,
): void {
  console.log(`scraped every ${scrapeSeconds} s, medians of ${found.length} rounds`)
  for (const percentile of ['p50', 'p99', 'p999'] as const) {
    const without = summarize(found.map((each) => each.without[percentile])).median
    const scraped = summarize(found.map((each) => each.scraped[percentile])).median
    const change = ((scraped / without - 1) * 100).toFixed(1)
    console.log(`  ${percentile} ${without.toFixed(2)} -> ${scraped.toFixed(2)} ms (${change} %)`)
  }
  const { median, max } = summarize(tookMs)
  console.log(`  ${tookMs.length} scrapes: median ${median.toFixed(0)} ms, most ${max.toFixed(0)}`)
}

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrokerOn } from '../audit/broker-on.ts'
import { startBrokerOn } from '../audit/broker-on.ts'
import { loads } from '../loads/index.ts'
import { isRunning } from '../loads/load.ts'
import type { Measurement } from '../run/measurement.ts'
import { runLoad } from '../run/run-load.ts'

const LOADS = ['produce-1k', 'produce-100b', 'latency']
const WARMUP_MS = 1_500

interface Variant {
  readonly name: string
  readonly nodeFlags: readonly string[]
  readonly flags: readonly string[]
  readonly isScraped: boolean
}

const OFF: Variant = {
  name: 'off',
  nodeFlags: ['--import', new URL('./without-metrics.ts', import.meta.url).href],
  ...{ flags: [], isScraped: false },
}
const ON: Variant = { name: 'on', nodeFlags: [], flags: [], isScraped: false }
const SCRAPED: Variant = { ...ON, name: 'on, scraped', isScraped: true }

export interface OverheadOptions {
  readonly rounds: number
  /** Of each measurement; at least as long as from scrape to scrape, or some have none. */
  readonly seconds: number
  readonly scrapeSeconds: number
  /** One load alone; undefined for all. */
  readonly load: string | undefined
}

/** Records per second and p99 with and without metrics and traces, in turn, so that the machine's mood is shared. */
export async function measureOverhead(options: OverheadOptions): Promise<void> {
  const { rounds, seconds, scrapeSeconds } = options
  const names = options.load === undefined ? LOADS : [options.load]
  const collector = await startCollector()
  const traced = {
    ...SCRAPED,
    name: 'on, scraped and traced',
    flags: ['--otlp-endpoint', collector.url],
  }
  const variants = [OFF, ON, SCRAPED, traced]
  try {
    for (const load of loads.filter(({ name }) => names.includes(name)).filter(isRunning)) {
      const found = variants.map((): Measurement[] => [])
      for (let round = 0; round < rounds; round++) {
        for (const [index, variant] of variants.entries()) {
          const limits = { warmupMs: WARMUP_MS, measureMs: seconds * 1000, scale: 1 }
          const run = await withBroker(variant, scrapeSeconds, ({ kafka: address, pid }) =>
            runLoad(load, { address, pid }, limits),
          )
          found[index]?.push(run)
        }
      }
      print(`${load.name}, scraped every ${scrapeSeconds} s`, variants, found)
    }
  } finally {
    collector.stop()
  }
}

function print(load: string, variants: readonly Variant[], found: readonly Measurement[][]): void {
  const rates = found.map((runs) => median(runs.map((run) => run.recordsPerSecond ?? 0)))
  const costs = found.map((runs) => median(runs.map(microsecondsPerRecord)))
  const latencies = found.map((runs) => median(runs.map((run) => run.latencyMs?.p99 ?? 0)))
  console.log(load)
  for (const [index, { name }] of variants.entries()) {
    const rate = rates[index] ?? 0
    const p99 = latencies[index] ?? 0
    const cost = costs[index] ?? 0
    const change = (value: number, off = 0): string =>
      off > 0 ? `${((value / off - 1) * 100).toFixed(1)} %` : '-'
    console.log(
      `  ${name.padEnd(28)} ${Math.round(rate)} records/s (${change(rate, rates[0])}), CPU ${cost.toFixed(3)} us/record (${change(cost, costs[0])}), p99 ${p99.toFixed(2)} ms (${change(p99, latencies[0])})`,
    )
  }
}

/** Of the broker's CPU: the machine's other moods show less in it than in records a second. */
function microsecondsPerRecord({
  brokerCpuSeconds,
  recordsPerSecond,
  seconds,
}: Measurement): number {
  const records = (recordsPerSecond ?? 0) * seconds
  return records === 0 ? 0 : ((brokerCpuSeconds ?? 0) * 1e6) / records
}

async function withBroker<Result>(
  { flags, nodeFlags, isScraped }: Variant,
  scrapeSeconds: number,
  work: (broker: BrokerOn) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-bench-'))
  const broker = await startBrokerOn(directory, flags, nodeFlags)
  const scrape = async (): Promise<void> => {
    await (await broker.ask('GET /metrics')).text()
  }
  // The first one loads the HTTP door, which is no cost of scraping.
  if (isScraped) await scrape()
  // A scrape that fails fails with its broker, which the load notices itself.
  const scrapeNow = (): void => void scrape().catch(() => {})
  const timer = isScraped ? setInterval(scrapeNow, scrapeSeconds * 1000) : undefined
  try {
    return await work(broker)
  } finally {
    clearInterval(timer)
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

/** Takes traces and forgets them. */
async function startCollector(): Promise<{ readonly url: string; stop(): void }> {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => response.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

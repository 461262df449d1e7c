import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrokerOn } from '../audit/broker-on.ts'
import { readProcessUsage } from '../measure/process-usage.ts'
import { sleep } from '../run/run-context.ts'
import { startBrokerWithGroups } from './broker-with-groups.ts'

const SCRAPES = 20
const PING_MS = 2
const LOOP_GAPS = new URL('./loop-gaps.ts', import.meta.url).href
/** Memory is looked at once more after that. */
const REST_MS = 15_000

/** `/metrics` of many topics and groups: how long it takes, how long others wait meanwhile, and memory. */
export async function measureScrape(topicCount: number, groupCount: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-bench-'))
  const gapsFile = join(directory, 'loop-gaps')
  // The broker's process takes over what is set here.
  process.env.LOOP_GAPS_FILE = gapsFile
  const counts = { topicCount, groupCount }
  const broker = await startBrokerWithGroups(join(directory, 'data'), counts, [
    '--expose-gc',
    '--import',
    LOOP_GAPS,
  ])
  const told = async (signal: NodeJS.Signals, withinMs: number): Promise<number> => {
    process.kill(broker.pid, signal)
    await sleep(withinMs)
    return Number((await readFile(gapsFile, 'utf8')).trim().split('\n').at(-1))
  }
  const longestGap = (): Promise<number> => told('SIGUSR2', 200)
  const bytesInUse = (): Promise<number> => told('SIGWINCH', 1_000)
  try {
    // The HTTP door is loaded with its first request, and is not what is measured here.
    const idle = await slowestPing(broker, () => sleep(2_000))
    const beforeInUse = await bytesInUse()
    await longestGap()
    await slowestPing(broker, () => sleep(SCRAPES * 200))
    const idleGapMs = await longestGap()
    const beforeBytes = residentBytes(broker.pid)
    const gaps: number[] = []
    const tookMs: number[] = []
    const waits: number[] = []
    let sizeBytes = 0
    for (let n = 0; n < SCRAPES; n++) {
      waits.push(
        await slowestPing(broker, async () => {
          const startedMs = performance.now()
          sizeBytes = await scrape(broker)
          tookMs.push(performance.now() - startedMs)
        }),
      )
      gaps.push(await longestGap())
    }
    const grown = (): string => ((residentBytes(broker.pid) - beforeBytes) / 1e6).toFixed(1)
    const grownAtOnce = grown()
    await sleep(REST_MS)
    const [first = 0, ...others] = tookMs
    const [firstGap = 0, ...otherGaps] = gaps
    console.log(`text ${(sizeBytes / 1e6).toFixed(1)} MB`)
    console.log(`first scrape ${first.toFixed(0)} ms, others ${spread(others)} ms`)
    console.log(
      `another request waits at most: idle ${idle.toFixed(1)} ms, during scrapes ${spread(waits)} ms`,
    )
    console.log(
      `the event loop is held at most: idle ${idleGapMs.toFixed(1)} ms, in the first scrape ${firstGap.toFixed(1)} ms, in others ${spread(otherGaps)} ms`,
    )
    console.log(
      `resident memory after ${SCRAPES} scrapes: ${grownAtOnce} MB more, after a rest ${grown()} MB`,
    )
    const inUse = ((await bytesInUse()) - beforeInUse) / 1e6
    console.log(`in use after a full collection: ${inUse.toFixed(1)} MB more`)
  } finally {
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function scrape(broker: BrokerOn): Promise<number> {
  const { body } = await broker.ask('GET /metrics')
  let sizeBytes = 0
  if (body) for await (const piece of body) sizeBytes += piece.length
  return sizeBytes
}

/** The longest that a small request took of those that were sent while `work` was under way. */
async function slowestPing(broker: BrokerOn, work: () => Promise<void>): Promise<number> {
  let isOver = false
  let slowestMs = 0
  const pings = (async () => {
    while (!isOver) {
      const startedMs = performance.now()
      await (await broker.ask('GET /healthz')).text()
      slowestMs = Math.max(slowestMs, performance.now() - startedMs)
      await sleep(PING_MS)
    }
  })()
  await work()
  isOver = true
  await pings
  return slowestMs
}

function residentBytes(pid: number): number {
  return readProcessUsage(pid)?.residentBytes ?? 0
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): string =>
    (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)
  return `median ${at(0.5)}, most ${at(1)}`
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { latency } from '../loads/latency.ts'
import type { LatencyMs } from '../run/measurement.ts'
import { sleep } from '../run/run-context.ts'
import { runLoad } from '../run/run-load.ts'
import { startBrokerWithTopics } from './broker-with-topics.ts'
import { costOver, startMonitorOn } from './monitor-on.ts'

const WARMUP_MS = 2_000
/** From the start of a monitor until it has read everything once, and compiled what does it. */
const START_SECONDS = 20

/**
 * What clients of a broker with many partitions notice of a monitor: how long records of a steady stream
 * take without it, while it starts, and beside it once it runs. `seconds` is the time beside it: a minute holds four scrapes
 * and an inspection at the default intervals; without it half of that tells enough.
 */
export async function besideLoad(
  topics: number,
  partitions: number,
  rounds: number,
  seconds: number,
  monitorFlags: readonly string[],
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-bench-'))
  const broker = await startBrokerWithTopics(directory, topics, partitions)
  const run = async (forSeconds: number): Promise<LatencyMs> => {
    const target = { address: broker.kafka, pid: broker.pid }
    const limits = { warmupMs: WARMUP_MS, measureMs: forSeconds * 1_000, scale: 1 }
    const { latencyMs } = await runLoad(latency, target, limits)
    if (latencyMs === null) throw new Error('nothing was measured')
    return latencyMs
  }
  try {
    for (let round = 1; round <= rounds; round++) {
      const without = await run(seconds / 2)
      const running = run(START_SECONDS)
      await sleep(WARMUP_MS)
      const monitor = await startMonitorOn(directory, monitorFlags)
      try {
        const whileItStarts = await running
        const [beside, { cpuPercent }] = await Promise.all([
          run(seconds),
          costOver(monitor.pid, seconds),
        ])
        console.log(JSON.stringify({ round, without, whileItStarts, beside, cpuPercent }))
      } finally {
        await monitor.stop()
      }
    }
  } finally {
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

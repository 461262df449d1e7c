import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { latency } from '../loads/latency.ts'
import type { LatencyMs } from '../run/measurement.ts'
import { runLoad } from '../run/run-load.ts'
import { startBrokerWithTopics } from './broker-with-topics.ts'
import { costOver, startMonitorOn } from './monitor-on.ts'

const WARMUP_MS = 2_000
/** From the start of a monitor until it has read everything once. */
const SETTLING_SECONDS = 20

/**
 * What clients of a broker with many partitions notice of a monitor: how long records of a steady stream
 * take with and without it, in turn. Seconds should hold two scrapes or more.
 */
export async function besideLoad(
  topics: number,
  partitions: number,
  rounds: number,
  seconds: number,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-bench-'))
  const broker = await startBrokerWithTopics(directory, topics, partitions)
  const run = async (): Promise<LatencyMs> => {
    const target = { address: broker.kafka, pid: broker.pid }
    const limits = { warmupMs: WARMUP_MS, measureMs: seconds * 1_000, scale: 1 }
    const { latencyMs } = await runLoad(latency, target, limits)
    if (latencyMs === null) throw new Error('nothing was measured')
    return latencyMs
  }
  try {
    for (let round = 1; round <= rounds; round++) {
      const without = await run()
      const monitor = await startMonitorOn(directory)
      try {
        await costOver(monitor.pid, SETTLING_SECONDS)
        console.log(JSON.stringify({ round, without, beside: await run() }))
      } finally {
        await monitor.stop()
      }
    }
  } finally {
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

import type { Address } from '../../client/connections.ts'
import { readEnds } from '../../client/topic.ts'
import type { RestartLoad } from '../../loads/load.ts'
import { whole } from '../../report/figures.ts'
import type { Installation } from '../../target/installation.ts'
import type { Outcome } from '../measurement.ts'
import { preload } from '../preload.ts'
import type { RunLimits } from '../run-context.ts'
import { createRunContext } from '../run-context.ts'
import { firstReadOfLast } from './first-read.ts'
import { firstSuccess } from './first-success.ts'
import { firstWriteTo } from './first-write.ts'
import { withProcess } from './with-process.ts'

/** Fills the broker, kills it at once, and times it from the next spawn until it works again. */
export async function runRestart(
  load: RestartLoad,
  installation: Installation,
  limits: RunLimits,
): Promise<Outcome> {
  const { address } = installation
  const context = createRunContext(load.name, { address, pid: null }, limits)
  const partitions = Math.max(Math.round(load.partitions * limits.scale), 20)
  const ends = await withProcess(installation, async (broker) => {
    await broker.waitForLine(installation.readyLine)
    const written = await preload({ ...load, partitions }, context)
    await broker.kill()
    return written
  })
  return withProcess(installation, async (_, spawnedMs) => {
    const last = partitions - 1
    const [writtenMs, readMs, allMs] = await Promise.all([
      firstWriteTo(address, context.topic),
      firstReadOfLast(address, context.topic, last, ends[last] ?? 0),
      allThere(address, context.topic, ends),
    ])
    const records = ends.reduce((sum, end) => sum + end, 0)
    return {
      seconds: (Math.max(writtenMs, readMs, allMs) - spawnedMs) / 1000,
      figures: {
        'first write ms': writtenMs - spawnedMs,
        'last record read ms': readMs - spawnedMs,
        'all partitions ms': allMs - spawnedMs,
      },
      detail: `${whole(records)} records in ${whole(partitions)} partitions, all there`,
    }
  })
}

/**
 * When every partition answered with all of its records. A restart that loses acknowledged records
 * never comes to that, and is no restart.
 */
function allThere(address: Address, topic: string, ends: readonly number[]): Promise<number> {
  return firstSuccess(address, async (connection) => {
    const found = await readEnds(connection, topic, ends.length)
    const short = ends.filter((end, partition) => (found[partition] ?? -1) < end).length
    return short === 0 ? null : `${short} partitions lack acknowledged records`
  })
}

import { BenchError } from '../../client/bench-error.ts'
import { withConnections } from '../../client/connections.ts'
import { readEnds } from '../../client/topic.ts'
import type { RestartLoad } from '../../loads/load.ts'
import { whole } from '../../report/figures.ts'
import type { Installation } from '../../target/installation.ts'
import type { Outcome } from '../measurement.ts'
import { preload } from '../preload.ts'
import type { RunLimits } from '../run-context.ts'
import { createRunContext } from '../run-context.ts'
import { firstReadOfLast } from './first-read.ts'
import { firstWriteTo } from './first-write.ts'
import { withProcess } from './with-process.ts'

export const WRITE_FIGURE = 'first write ms'
export const READ_FIGURE = 'last record read ms'

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
    const [writtenMs, readMs] = await Promise.all([
      firstWriteTo(address, context.topic),
      firstReadOfLast(address, context.topic, last, ends[last] ?? 0),
    ])
    await requireAll(context, ends)
    const records = ends.reduce((sum, end) => sum + end, 0)
    return {
      seconds: (Math.max(writtenMs, readMs) - spawnedMs) / 1000,
      figures: { [WRITE_FIGURE]: writtenMs - spawnedMs, [READ_FIGURE]: readMs - spawnedMs },
      detail: `${whole(records)} records in ${whole(partitions)} partitions, all there`,
    }
  })
}

/** A restart that loses acknowledged records is no restart. */
async function requireAll(
  { address, limitMs, topic }: ReturnType<typeof createRunContext>,
  ends: readonly number[],
): Promise<void> {
  await withConnections(address, { count: 1, limitMs }, async ([connection]) => {
    const found = connection ? await readEnds(connection, topic, ends.length) : []
    const short = ends.filter((end, partition) => (found[partition] ?? -1) < end).length
    if (short > 0) throw new BenchError(`${short} partitions lost acknowledged records`)
  })
}

import { withConnections } from '../client/connections.ts'
import type { BehindLoad } from '../loads/load.ts'
import { dropPageCache } from '../measure/page-cache.ts'
import type { ReadRange } from './keep-consuming.ts'
import { keepConsuming, rangesOfConsumers } from './keep-consuming.ts'
import type { Outcome } from './measurement.ts'
import { preload } from './preload.ts'
import type { RunContext, Usage } from './run-context.ts'
import { startUsage } from './run-context.ts'

/** What is read of each partition's end to warm up: a JVM compiles, and the start stays unread. */
const WARM_UP_BATCHES = 256
const PASS_LIMIT_MS = 30_000

interface Pass {
  readonly seconds: number
  readonly records: number
  readonly usage: Usage
}

/**
 * Writes it all, then reads it once from the start, twice: with what the page cache happens to hold
 * after the writing, and with an empty one where this process may empty it.
 */
export async function runBehind(load: BehindLoad, context: RunContext): Promise<Outcome> {
  const ends = await preload(load, context)
  const all = ends.map((toOffset, partition) => ({ partition, fromOffset: 0, toOffset }))
  const tails = all.map((range) => {
    const fromOffset = range.toOffset - WARM_UP_BATCHES * load.batch.recordsPerBatch
    return { ...range, fromOffset: Math.max(fromOffset, 0) }
  })
  await read(load, context, tails, { again: true, limitMs: context.limits.warmupMs })
  const asLeft = await read(load, context, all, { again: false, limitMs: PASS_LIMIT_MS })
  const isCold = await dropPageCache()
  const cold = isCold
    ? await read(load, context, all, { again: false, limitMs: PASS_LIMIT_MS })
    : null
  const shown = cold ?? asLeft
  return {
    seconds: shown.seconds,
    ...shown.usage,
    figures: {
      'records/s, cache as left': asLeft.records / asLeft.seconds,
      ...(cold ? { 'records/s, cache cold': cold.records / cold.seconds } : {}),
    },
    detail: cold ? '' : 'cold not measured: only root can empty the page cache',
  }
}

/** Lets the consumers read their ranges, once or again and again, for so long at most. */
async function read(
  load: BehindLoad,
  { address, pid, topic, limitMs }: RunContext,
  ranges: readonly ReadRange[],
  pass: { readonly again: boolean; readonly limitMs: number },
): Promise<Pass> {
  return withConnections(address, { count: load.consumers, limitMs }, async (connections) => {
    const usage = startUsage(pid)
    const startMs = performance.now()
    const endMs = startMs + pass.limitMs
    let records = 0
    await Promise.all(
      rangesOfConsumers(ranges, load.consumers).map((own, i) => {
        const connection = connections[i]
        if (!connection) throw new RangeError('a consumer without a connection')
        let left = own.reduce((sum, range) => sum + range.toOffset - range.fromOffset, 0)
        return keepConsuming({
          connection,
          topic,
          ranges: own,
          mayFetch: () => performance.now() < endMs && (pass.again || left > 0),
          onRead(_, fromOffset, toOffset) {
            records += toOffset - fromOffset
            left -= toOffset - fromOffset
          },
        })
      }),
    )
    return { seconds: (performance.now() - startMs) / 1000, records, usage: usage() }
  })
}

import { withConnections } from '../client/connections.ts'
import { createTopic } from '../client/topic.ts'
import type { BothWaysLoad } from '../loads/load.ts'
import { whole } from '../report/figures.ts'
import { keepConsuming, rangesOfConsumers } from './keep-consuming.ts'
import type { Outcome } from './measurement.ts'
import { latencyOf, ratesOf } from './measurement.ts'
import type { Meter } from './meter.ts'
import type { RunContext } from './run-context.ts'
import { produceUntilOver } from './run-produce.ts'

/** Producers at full speed while consumers follow the ends of the partitions. */
export async function runBothWays(load: BothWaysLoad, context: RunContext): Promise<Outcome> {
  const { address, limitMs, topic, meter } = context
  const { connections: producers } = load.producers
  const count = producers + load.consumers
  return withConnections(address, { count, limitMs }, async (connections) => {
    const [first] = connections
    if (first) await createTopic(first, topic, load.partitions)
    const ranges = Array.from({ length: load.partitions }, (_, partition) => ({
      partition,
      fromOffset: 0,
      toOffset: Number.POSITIVE_INFINITY,
    }))
    const consuming = rangesOfConsumers(ranges, load.consumers).map((ranges, i) => {
      const connection = connections[producers + i]
      if (!connection) throw new RangeError('a consumer without a connection')
      return keepConsuming({
        connection,
        topic,
        ranges,
        mayFetch: () => !meter.isOver,
        onRead: (_, fromOffset, toOffset) => meter.countRead(toOffset - fromOffset),
      })
    })
    const producing = produceUntilOver(connections.slice(0, producers), load, context)
    const usage = await context.measure()
    await Promise.all([producing, ...consuming])
    return { ...outcomeOf(meter, load.batch.recordBytes), ...usage }
  })
}

/** Counts what got through in both: the lower of the two. */
function outcomeOf({ seconds, written, read, latencyMicros }: Meter, recordBytes: number): Outcome {
  const perSecond = (records: number): string => whole(records / seconds)
  return {
    seconds,
    ...ratesOf(Math.min(written, read), recordBytes, seconds),
    latencyMs: latencyOf(latencyMicros),
    detail: `written ${perSecond(written)}/s, read ${perSecond(read)}/s`,
  }
}

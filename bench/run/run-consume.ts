import { withConnections } from '../client/connections.ts'
import type { ConsumeLoad } from '../loads/load.ts'
import type { ReadRange } from './keep-consuming.ts'
import { keepConsuming, rangesOfConsumers } from './keep-consuming.ts'
import type { Outcome } from './measurement.ts'
import { ratesOf } from './measurement.ts'
import { preload } from './preload.ts'
import type { RunContext } from './run-context.ts'

/** Writes first, then lets consumers read at full speed for the measured time. */
export async function runConsume(load: ConsumeLoad, context: RunContext): Promise<Outcome> {
  const { address, limitMs, topic, meter, limits } = context
  const ends = await preload(load, context)
  const ranges = rangesToRead(load, ends, limits.scale)
  return withConnections(address, { count: load.consumers, limitMs }, async (connections) => {
    const consuming = Promise.all(
      rangesOfConsumers(ranges, load.consumers).map((ranges, i) => {
        const connection = connections[i]
        if (!connection) throw new RangeError('a consumer without a connection')
        return keepConsuming({
          connection,
          topic,
          ranges,
          mayFetch: () => !meter.isOver,
          onRead: (_, fromOffset, toOffset) => meter.countRead(toOffset - fromOffset),
        })
      }),
    )
    const usage = await context.measure()
    await consuming
    const { seconds, read } = meter
    return { seconds, ...ratesOf(read, load.batch.recordBytes, seconds), ...usage }
  })
}

function rangesToRead(
  load: ConsumeLoad,
  ends: readonly number[],
  scale: number,
): readonly ReadRange[] {
  const { recordBytes, recordsPerBatch } = load.batch
  const bytesOfEach = (load.readBytes * scale) / load.partitions
  const batches = Math.ceil(bytesOfEach / recordBytes / recordsPerBatch)
  return ends.map((toOffset, partition) => ({
    partition,
    fromOffset: Math.max(toOffset - batches * recordsPerBatch, 0),
    toOffset,
  }))
}

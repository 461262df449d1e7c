import { withConnections } from '../client/connections.ts'
import { createTopic } from '../client/topic.ts'
import type { ConsumeLoad } from '../loads/load.ts'
import type { ReadRange } from './keep-consuming.ts'
import { keepConsuming, rangesOfConsumers } from './keep-consuming.ts'
import { keepProducing } from './keep-producing.ts'
import { framesOfProducers } from './produce-frames.ts'
import type { RunContext } from './run-context.ts'

/** Writes first, then lets consumers read at full speed for the measured time. */
export async function runConsume(load: ConsumeLoad, context: RunContext): Promise<void> {
  const { address, limitMs, topic, meter } = context
  const ends = await preload(load, context)
  const ranges = rangesToRead(load, ends)
  await withConnections(address, { count: load.consumers, limitMs }, async (connections) => {
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
    await context.measure()
    await consuming
  })
}

/** Writes what is to be read and answers each partition's end. */
export async function preload(
  load: ConsumeLoad,
  { address, limitMs, topic, maxPreloadBytes }: Omit<RunContext, 'meter' | 'measure'>,
): Promise<readonly number[]> {
  const ends = Array.from({ length: load.partitions }, () => 0)
  const { connections: count, inFlight } = load.producers
  await withConnections(address, { count, limitMs }, async (connections) => {
    const [first] = connections
    if (first) await createTopic(first, topic, load.partitions)
    let leftBytes = Math.min(load.preloadBytes, maxPreloadBytes)
    const frames = framesOfProducers(topic, load, load.producers)
    await Promise.all(
      connections.map((connection, i) =>
        keepProducing({
          connection,
          frames: frames[i] ?? [],
          inFlight,
          maySend: () => leftBytes > 0,
          onAcknowledged(frame) {
            leftBytes -= frame.valueBytes
            for (const partition of frame.partitions) {
              ends[partition] = (ends[partition] ?? 0) + load.batch.recordsPerBatch
            }
          },
        }),
      ),
    )
  })
  return ends
}

function rangesToRead(load: ConsumeLoad, ends: readonly number[]): readonly ReadRange[] {
  const { recordBytes, recordsPerBatch } = load.batch
  const batches = Math.ceil(load.readBytes / load.partitions / recordBytes / recordsPerBatch)
  return ends.map((toOffset, partition) => ({
    partition,
    fromOffset: Math.max(toOffset - batches * recordsPerBatch, 0),
    toOffset,
  }))
}

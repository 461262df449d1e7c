import { withConnections } from '../client/connections.ts'
import { createTopic } from '../client/topic.ts'
import type { Preload } from '../loads/load.ts'
import { keepProducing } from './keep-producing.ts'
import { framesOfProducers } from './produce-frames.ts'
import type { RunContext } from './run-context.ts'

const PROGRESS_BYTES = 2e9

/** Creates the topic, writes what is to be there before something is measured, answers each partition's end. */
export async function preload(
  load: Omit<Preload, 'name' | 'summary'>,
  { address, limitMs, topic, limits }: Pick<RunContext, 'address' | 'limitMs' | 'topic' | 'limits'>,
): Promise<readonly number[]> {
  const ends = Array.from({ length: load.partitions }, () => 0)
  const { connections: count, inFlight } = load.producers
  await withConnections(address, { count, limitMs }, async (connections) => {
    const [first] = connections
    if (first) await createTopic(first, topic, load.partitions)
    let leftBytes = load.preloadBytes * limits.scale
    let toldBytes = leftBytes
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
            if (toldBytes - leftBytes >= PROGRESS_BYTES) {
              toldBytes = leftBytes
              limits.onProgress?.(`    writing beforehand: ${(leftBytes / 1e9).toFixed(1)} GB left`)
            }
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

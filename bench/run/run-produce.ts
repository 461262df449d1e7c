import { withConnections } from '../client/connections.ts'
import type { FrameConnection } from '../client/frame-connection.ts'
import { createTopic } from '../client/topic.ts'
import type { ProduceLoad, ProducerShape } from '../loads/load.ts'
import { keepProducing } from './keep-producing.ts'
import type { Outcome } from './measurement.ts'
import { latencyOf, ratesOf } from './measurement.ts'
import { framesOfProducers } from './produce-frames.ts'
import type { RunContext } from './run-context.ts'

/** Producers at full speed for the measured time. */
export async function runProduce(
  load: Omit<ProduceLoad, 'kind'>,
  context: RunContext,
): Promise<Outcome> {
  const { address, limitMs, topic, meter } = context
  const { connections: count } = load.producers
  return withConnections(address, { count, limitMs }, async (connections) => {
    const [first] = connections
    if (first) await createTopic(first, topic, load.partitions)
    const producing = produceUntilOver(connections, load, context)
    const usage = await context.measure()
    await producing
    const { seconds, written, latencyMicros } = meter
    const rates = ratesOf(written, load.batch.recordBytes, seconds)
    return { seconds, ...rates, latencyMs: latencyOf(latencyMicros), ...usage }
  })
}

/** Starts one producer on each connection; resolves when the measured time is over and all is acknowledged. */
export async function produceUntilOver(
  connections: readonly FrameConnection[],
  load: Pick<ProduceLoad, 'partitions' | 'batch'> & { readonly producers: ProducerShape },
  { topic, meter }: RunContext,
): Promise<void> {
  const frames = framesOfProducers(topic, load, load.producers)
  await Promise.all(
    connections.map((connection, i) =>
      keepProducing({
        connection,
        frames: frames[i] ?? [],
        inFlight: load.producers.inFlight,
        maySend: () => !meter.isOver,
        onAcknowledged: (frame, latencyMs) => meter.countWritten(frame.records, latencyMs),
      }),
    ),
  )
}

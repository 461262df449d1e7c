import { withConnections } from '../client/connections.ts'
import { createTopic } from '../client/topic.ts'
import type { NeighboursLoad } from '../loads/load.ts'
import { syncDisks } from '../measure/page-cache.ts'
import type { LatencyMs, Outcome } from './measurement.ts'
import { latencyOf } from './measurement.ts'
import type { Meter } from './meter.ts'
import { FarReader } from './neighbours/far-reader.ts'
import { SlowReader } from './neighbours/slow-reader.ts'
import { describeLateness, PacedProducer } from './paced-producer.ts'
import { preload } from './preload.ts'
import { framesOfProducers } from './produce-frames.ts'
import type { RunContext } from './run-context.ts'
import { createRunContext } from './run-context.ts'

const ONE_PRODUCER = { connections: 1, inFlight: 1, partitionsPerRequest: 1 }

/**
 * Times acknowledgements of a steady stream, from when each request was meant to leave: first
 * alone, then beside a reader that hardly reads, then beside one that reads all there is.
 */
export async function runNeighbours(load: NeighboursLoad, context: RunContext): Promise<Outcome> {
  const behind = createRunContext(`${load.name}-behind`, context, context.limits)
  const ends = await preload(load.behind, behind)
  const ranges = ends.map((toOffset, partition) => ({ partition, fromOffset: 0, toOffset }))
  await syncDisks()
  const { address, limitMs, topic } = context
  return withConnections(address, { count: 1, limitMs }, async ([connection]) => {
    if (!connection) throw new RangeError('a connection is needed')
    await createTopic(connection, topic, load.partitions)
    let meter: Meter = context.meter
    const producer = new PacedProducer({
      connection,
      frames: framesOfProducers(topic, load, ONE_PRODUCER)[0] ?? [],
      requestsPerSecond: load.requestsPerSecond,
      covers: (atMs) => meter.covers(atMs),
      onAcknowledged(intendedMs) {
        const latencyMs = performance.now() - intendedMs
        if (meter.covers(intendedMs)) meter.latencyMicros.record(latencyMs * 1000)
      },
    })
    /** Measures a phase while a neighbour does what it does. */
    const phase = async (neighbour: { stop(): Promise<void> } | null): Promise<LatencyMs> => {
      const own = createRunContext(load.name, context, context.limits)
      meter = own.meter
      await own.measure()
      await neighbour?.stop()
      return latencyOf(own.meter.latencyMicros) ?? { p50: 0, p99: 0, p999: 0 }
    }
    const alone = await phase(null)
    const slow = await phase(
      await SlowReader.start(address, behind.topic, ranges, load.slowReaderBytesPerSecond),
    )
    const farReader = new FarReader(address, behind.topic, ranges)
    const far = await Promise.race([phase(farReader), farReader.failed])
    await producer.stop()
    return {
      seconds: context.limits.measureMs / 1000,
      latencyMs: alone,
      figures: {
        'p99 ms alone': alone.p99,
        'p99 ms beside a slow reader': slow.p99,
        'p99 ms beside a reader far behind': far.p99,
        'slow reader : alone': slow.p99 / alone.p99,
        'reader far behind : alone': far.p99 / alone.p99,
      },
      detail: describeLateness(producer.lateMicros),
    }
  })
}

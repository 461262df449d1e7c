import { withConnections } from '../client/connections.ts'
import { createTopic } from '../client/topic.ts'
import type { PacedLoad } from '../loads/load.ts'
import type { Pacer } from '../measure/pacer.ts'
import { keepConsuming } from './keep-consuming.ts'
import type { Outcome } from './measurement.ts'
import { latencyOf, ratesOf } from './measurement.ts'
import { describeLateness, PacedProducer } from './paced-producer.ts'
import { framesOfProducers } from './produce-frames.ts'
import type { RunContext } from './run-context.ts'

const ONE_PRODUCER = { connections: 1, inFlight: 1, partitionsPerRequest: 1 }

/**
 * One producer sends on a fixed timetable, one consumer follows. All records have the same size and
 * come from one producer in order, so the offset of a record tells when it was meant to leave.
 */
export async function runPaced(load: PacedLoad, context: RunContext): Promise<Outcome> {
  const { address, limitMs, topic, meter } = context
  return withConnections(address, { count: 2, limitMs }, async ([connection, consumer]) => {
    if (!connection || !consumer) throw new RangeError('two connections are needed')
    await createTopic(connection, topic, load.partitions)
    const { recordsPerBatch, recordBytes } = load.batch
    let sentRecords = Number.POSITIVE_INFINITY
    let readOffset = 0
    const producer = new PacedProducer({
      connection,
      frames: framesOfProducers(topic, load, ONE_PRODUCER)[0] ?? [],
      requestsPerSecond: load.requestsPerSecond,
      covers: (atMs) => meter.covers(atMs),
    })
    const consuming = keepConsuming({
      connection: consumer,
      topic,
      ranges: [{ partition: 0, fromOffset: 0, toOffset: Number.POSITIVE_INFINITY }],
      mayFetch: () => readOffset < sentRecords,
      onRead(_, fromOffset, toOffset) {
        readOffset = toOffset
        countArrivals(context, producer.pacer, recordsPerBatch, fromOffset, toOffset)
      },
    })
    const usage = await context.measure()
    await producer.stop()
    sentRecords = producer.pacer.taken * recordsPerBatch
    await consuming
    const { seconds, read, latencyMicros } = meter
    return {
      seconds,
      ...ratesOf(read, recordBytes, seconds),
      latencyMs: latencyOf(latencyMicros),
      ...usage,
      detail: describeLateness(producer.lateMicros),
    }
  })
}

/** Counts each request's records at once: they were meant to leave, and have arrived, together. */
function countArrivals(
  { meter }: RunContext,
  pacer: Pacer,
  recordsPerRequest: number,
  fromOffset: number,
  toOffset: number,
): void {
  const nowMs = performance.now()
  meter.countRead(toOffset - fromOffset)
  for (let offset = fromOffset; offset < toOffset; offset += recordsPerRequest) {
    const intendedMs = pacer.intendedMs(offset / recordsPerRequest)
    if (!meter.covers(intendedMs)) continue
    meter.latencyMicros.record((nowMs - intendedMs) * 1000, recordsPerRequest)
  }
}

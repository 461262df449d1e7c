import { BenchError } from '../client/bench-error.ts'
import { withConnections } from '../client/connections.ts'
import type { FrameConnection } from '../client/frame-connection.ts'
import type { ProduceFrame } from '../client/produce-frame.ts'
import { createTopic } from '../client/topic.ts'
import type { PacedLoad } from '../loads/load.ts'
import { Histogram } from '../measure/histogram.ts'
import { Pacer } from '../measure/pacer.ts'
import { keepConsuming } from './keep-consuming.ts'
import { throwIfRefused } from './keep-producing.ts'
import { framesOfProducers } from './produce-frames.ts'
import type { RunContext } from './run-context.ts'

const TICK_MS = 1
/** Time between the consumer's first request and the first record. */
const HEAD_START_MS = 50

/**
 * One producer sends on a fixed timetable, one consumer follows. All records have the same size and
 * come from one producer in order, so the offset of a record tells when it was meant to leave.
 * Answers how late the generator itself sent, in microseconds: that is part of the latency.
 */
export async function runPaced(load: PacedLoad, context: RunContext): Promise<Histogram> {
  const { address, limitMs, topic, meter } = context
  return withConnections(address, { count: 2, limitMs }, async ([producer, consumer]) => {
    if (!producer || !consumer) throw new RangeError('two connections are needed')
    await createTopic(producer, topic, load.partitions)
    const { recordsPerBatch } = load.batch
    const intervalMs = 1000 / load.requestsPerSecond
    const pacer = new Pacer({ startMs: performance.now() + HEAD_START_MS, intervalMs })
    let isSending = true
    let readOffset = 0
    const isAllRead = (): boolean => !isSending && readOffset >= pacer.taken * recordsPerBatch
    const consuming = keepConsuming({
      connection: consumer,
      topic,
      ranges: [{ partition: 0, fromOffset: 0, toOffset: Number.POSITIVE_INFINITY }],
      mayFetch: () => !isAllRead(),
      onRead(_, fromOffset, toOffset) {
        readOffset = toOffset
        countArrivals(context, pacer, recordsPerBatch, fromOffset, toOffset)
      },
    })
    const sending = sendPaced(producer, oneFrame(topic, load), pacer, () => !meter.isOver)
    const measured = context.measure()
    const lateMicros = await sending
    isSending = false
    await Promise.all([consuming, measured])
    return lateMicros
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

/** Sends everything that is due at each tick; resolves after the last acknowledgement. */
function sendPaced(
  connection: FrameConnection,
  frame: ProduceFrame,
  pacer: Pacer,
  maySend: () => boolean,
): Promise<Histogram> {
  const lateMicros = new Histogram()
  let acknowledged = 0
  return new Promise((resolve) => {
    connection.onFrame = (response) => {
      throwIfRefused(frame, response)
      acknowledged++
      if (!maySend() && acknowledged === pacer.taken) resolve(lateMicros)
    }
    const tick = (): void => {
      if (!maySend()) {
        if (acknowledged === pacer.taken) resolve(lateMicros)
        return
      }
      const nowMs = performance.now()
      for (let due = pacer.due(nowMs); due > 0; due--) {
        lateMicros.record((nowMs - pacer.take()) * 1000)
        connection.send(frame.bytes)
      }
      setTimeout(tick, TICK_MS)
    }
    tick()
  })
}

function oneFrame(topic: string, load: PacedLoad): ProduceFrame {
  const shape = { connections: 1, inFlight: 1, partitionsPerRequest: 1 }
  const frame = framesOfProducers(topic, load, shape)[0]?.[0]
  if (!frame) throw new BenchError(`${load.name} has no partition`)
  return frame
}

import { BenchError } from '../client/bench-error.ts'
import type { FrameConnection } from '../client/frame-connection.ts'
import type { ProduceFrame } from '../client/produce-frame.ts'
import { errorName } from '../client/topic.ts'

export interface Producing {
  readonly connection: FrameConnection
  /** Sent in turn. */
  readonly frames: readonly ProduceFrame[]
  readonly inFlight: number
  /** Asked before each request; the first no is final. */
  maySend(): boolean
  onAcknowledged(frame: ProduceFrame, latencyMs: number): void
}

/**
 * Keeps so many requests on their way and resolves when the last one is acknowledged. A refused
 * request breaks the connection and with it the run: figures of refused writes are worth nothing.
 */
export function keepProducing(producing: Producing): Promise<void> {
  const { connection, frames, inFlight } = producing
  const sentAtMs = new Float64Array(inFlight)
  let sent = 0
  let acknowledged = 0
  const frameAt = (request: number): ProduceFrame => {
    const frame = frames[request % frames.length]
    if (!frame) throw new RangeError('a producer needs at least one frame')
    return frame
  }
  const send = (): void => {
    sentAtMs[sent % inFlight] = performance.now()
    connection.send(frameAt(sent++).bytes)
  }
  return new Promise((resolve) => {
    connection.onFrame = (response) => {
      const frame = frameAt(acknowledged)
      throwIfRefused(frame, response)
      const latencyMs = performance.now() - (sentAtMs[acknowledged % inFlight] ?? 0)
      acknowledged++
      producing.onAcknowledged(frame, latencyMs)
      if (producing.maySend()) send()
      else if (acknowledged === sent) resolve()
    }
    for (let i = 0; i < inFlight; i++) send()
  })
}

/** Throws a BenchError that names the first error in a Produce response. */
export function throwIfRefused(frame: ProduceFrame, response: Buffer): void {
  const code = frame.errorCode(response)
  if (code !== 0) throw new BenchError(`a write was refused: ${errorName(code)}`)
}

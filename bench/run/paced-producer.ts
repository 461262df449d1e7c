import type { FrameConnection } from '../client/frame-connection.ts'
import type { ProduceFrame } from '../client/produce-frame.ts'
import { Histogram } from '../measure/histogram.ts'
import { Metronome } from '../measure/metronome.ts'
import { Pacer } from '../measure/pacer.ts'
import { throwIfRefused } from './keep-producing.ts'

/** Time for a consumer's first request, and for the metronome's thread, before the first record. */
const HEAD_START_MS = 200

export interface PacedProducing {
  readonly connection: FrameConnection
  /** Sent in turn. */
  readonly frames: readonly ProduceFrame[]
  readonly requestsPerSecond: number
  /** Whether something meant for this moment is measured, for the generator's own lateness. */
  covers(atMs: number): boolean
  onAcknowledged?(intendedMs: number): void
}

/** One connection that sends on a fixed timetable, whether or not answers come. */
export class PacedProducer {
  readonly pacer: Pacer
  /** How late the generator itself sent: part of every latency that is counted from the timetable. */
  readonly lateMicros = new Histogram()
  readonly #options: PacedProducing
  readonly #metronome: Metronome
  readonly #finished = Promise.withResolvers<void>()
  #acknowledged = 0
  #isStopped = false

  constructor(options: PacedProducing) {
    this.#options = options
    const startMs = performance.now() + HEAD_START_MS
    const beat = { startMs, intervalMs: 1000 / options.requestsPerSecond }
    this.pacer = new Pacer(beat)
    options.connection.onFrame = (response) => this.#acknowledge(response)
    this.#metronome = new Metronome(beat, () => this.#sendDue())
  }

  /** Sends no more and resolves when everything is acknowledged. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#metronome.stop()
    if (this.#acknowledged === this.pacer.taken) return
    await this.#finished.promise
  }

  #sendDue(): void {
    const nowMs = performance.now()
    for (let due = this.pacer.due(nowMs); due > 0; due--) {
      const frame = this.#frame(this.pacer.taken)
      const intendedMs = this.pacer.take()
      if (this.#options.covers(intendedMs)) this.lateMicros.record((nowMs - intendedMs) * 1000)
      this.#options.connection.send(frame.bytes)
    }
  }

  #acknowledge(response: Buffer): void {
    throwIfRefused(this.#frame(this.#acknowledged), response)
    this.#options.onAcknowledged?.(this.pacer.intendedMs(this.#acknowledged))
    this.#acknowledged++
    if (this.#isStopped && this.#acknowledged === this.pacer.taken) this.#finished.resolve()
  }

  #frame(request: number): ProduceFrame {
    const { frames } = this.#options
    const frame = frames[request % frames.length]
    if (!frame) throw new RangeError('a producer needs at least one frame')
    return frame
  }
}

/** The generator's lateness in a few words. */
export function describeLateness(lateMicros: Histogram): string {
  const at = (percent: number): string => (lateMicros.percentile(percent) / 1000).toFixed(2)
  return `of it generator late by p50 ${at(50)} ms, p99 ${at(99)} ms, p99.9 ${at(99.9)} ms`
}

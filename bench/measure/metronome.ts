import { Worker } from 'node:worker_threads'
import type { MetronomeSetup } from './metronome-setup.ts'

/** When it ticks: at `startMs` and every `intervalMs` after it, in the time of `performance.now()`. */
export interface Beat {
  readonly startMs: number
  readonly intervalMs: number
}

/**
 * Calls `onTick` at each beat, 0.1 ms late on an idle machine. A timer of the event loop counts
 * whole milliseconds and is late by half of one, which is as much as a fast broker's whole answer;
 * a thread that sleeps until the beat knows no such grid, and it does not spin, which on two cores
 * would take half of what is measured. A beat that the event loop misses is made up by the next.
 */
export class Metronome {
  readonly #thread: Worker

  constructor({ startMs, intervalMs }: Beat, onTick: () => void) {
    const startEpochMs = performance.timeOrigin + startMs
    this.#thread = new Worker(new URL('./metronome-thread.ts', import.meta.url), {
      workerData: { startEpochMs, intervalMs } satisfies MetronomeSetup,
    })
    this.#thread.on('message', onTick)
  }

  /** Ends the thread. Idempotent. */
  async stop(): Promise<void> {
    this.#thread.removeAllListeners('message')
    await this.#thread.terminate()
  }
}

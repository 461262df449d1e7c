import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { HistoryError } from '../history.ts'
import type { EventThreadAnswer, EventThreadStart } from './event-thread.ts'

/** One piece of lines is there at a time, so this is for the garbage of few records. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 }

/**
 * Makes events of stored records on a thread of its own. A million of them leave so much garbage that
 * the heap of whoever makes them grows to hundreds of megabytes, which it then keeps; a thread gives its
 * heap back when it ends. And whoever serves clients meanwhile is not held up.
 */
export class EventFormatter {
  readonly #worker: Worker

  constructor(start: EventThreadStart) {
    this.#worker = new Worker(new URL('./event-thread.ts', import.meta.url), {
      workerData: start,
      resourceLimits: RESOURCE_LIMITS,
    })
  }

  /**
   * Events of these lines, which are the thread's from now on and follow those before. One call at a time.
   * Throws a HistoryError for what is no record.
   */
  async format(lines: Buffer): Promise<readonly Uint8Array[]> {
    const answered = once(this.#worker, 'message') as Promise<[EventThreadAnswer]>
    this.#worker.postMessage(lines, [lines.buffer as ArrayBuffer])
    const [answer] = await answered
    if (answer.kind === 'fault') throw new HistoryError(answer.message)
    return answer.pieces
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}

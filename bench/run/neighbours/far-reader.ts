import { Worker } from 'node:worker_threads'
import { BenchError } from '../../client/bench-error.ts'
import type { Address } from '../../client/connections.ts'
import type { ReadRange } from '../keep-consuming.ts'
import type { FarReaderSetup } from './far-reader-setup.ts'

/**
 * A consumer that reads everything from the start, as fast as it comes and again and again. It has
 * a thread of its own: what it does must not make the generator late, which would look like the broker.
 */
export class FarReader {
  /** Rejects when it cannot read. */
  readonly failed: Promise<never>
  readonly #thread: Worker

  constructor(address: Address, topic: string, ranges: readonly ReadRange[]) {
    const setup: FarReaderSetup = { address, topic, ranges }
    this.#thread = new Worker(new URL('./far-reader-thread.ts', import.meta.url), {
      workerData: setup,
    })
    this.failed = new Promise((_, reject) => {
      this.#thread.once('error', (error) =>
        reject(new BenchError(`the reader failed: ${String(error)}`)),
      )
    })
    this.failed.catch(() => {})
  }

  async stop(): Promise<void> {
    await this.#thread.terminate()
  }
}

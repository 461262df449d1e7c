import { BenchError } from '../../client/bench-error.ts'
import type { Address } from '../../client/connections.ts'
import { FrameConnection } from '../../client/frame-connection.ts'
import { sleep } from '../run-context.ts'

/** Often enough to say when, rarely enough to leave the cores to the broker that starts. */
const RETRY_MS = 5
const LIMIT_MS = 300_000

/**
 * Tries until it works and answers when it did, in the time of `performance.now()`: connects while
 * nobody listens yet, and asks again while the answer is not what it should be. `attempt` answers
 * what is still wrong, null when nothing is.
 */
export async function firstSuccess(
  address: Address,
  attempt: (connection: FrameConnection) => Promise<string | null>,
): Promise<number> {
  const tries = new Tries(address, attempt)
  const late = Promise.withResolvers<never>()
  const giveUp = (): void => late.reject(new BenchError(`the broker does not work: ${tries.wrong}`))
  const limit = setTimeout(giveUp, LIMIT_MS)
  try {
    return await Promise.race([tries.untilDone(), late.promise])
  } finally {
    clearTimeout(limit)
    tries.stop()
  }
}

class Tries {
  /** What was wrong with the last one. */
  wrong: string | null = 'nobody listens'
  readonly #address: Address
  readonly #attempt: (connection: FrameConnection) => Promise<string | null>
  #connection: FrameConnection | null = null
  #isStopped = false

  constructor(address: Address, attempt: (connection: FrameConnection) => Promise<string | null>) {
    this.#address = address
    this.#attempt = attempt
  }

  async untilDone(): Promise<number> {
    for (;;) {
      this.wrong = await this.#once()
      if (this.wrong === null || this.#isStopped) return performance.now()
      await sleep(RETRY_MS)
    }
  }

  stop(): void {
    this.#isStopped = true
    this.#connection?.close()
  }

  async #once(): Promise<string | null> {
    try {
      this.#connection ??= await FrameConnection.open(this.#address)
      return await this.#attempt(this.#connection)
    } catch (error) {
      this.#connection?.close()
      this.#connection = null
      return error instanceof Error ? error.message : String(error)
    }
  }
}

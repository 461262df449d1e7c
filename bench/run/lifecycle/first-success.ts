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
  { host, port }: Address,
  attempt: (connection: FrameConnection) => Promise<string | null>,
): Promise<number> {
  const endMs = performance.now() + LIMIT_MS
  let connection: FrameConnection | null = null
  let wrong: string | null = 'nobody listens'
  try {
    for (;;) {
      try {
        connection ??= await FrameConnection.open(host, port)
        wrong = await attempt(connection)
        if (wrong === null) return performance.now()
      } catch (error) {
        wrong = error instanceof Error ? error.message : String(error)
        connection?.close()
        connection = null
      }
      if (performance.now() > endMs) throw new BenchError(`the broker does not work: ${wrong}`)
      await sleep(RETRY_MS)
    }
  } finally {
    connection?.close()
  }
}

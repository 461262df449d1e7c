import { AdminRefusal } from '../../admin-client.ts'
import { CommandFailure } from '../../exit-codes.ts'
import type { ServerSentEvent } from './server-sent-events.ts'
import { serverSentEvents } from './server-sent-events.ts'

export interface FollowOptions {
  /** Opens the stream behind that id; from where it begins when there is none yet. */
  open(lastId: string | null): AsyncIterable<Uint8Array>
  /** Resolves after that time, or when it is over. */
  wait(ms: number): Promise<void>
  /** Whoever listens has heard enough. */
  readonly isOver: () => boolean
  /** The stream has ended, and is asked for again. */
  readonly onLost: (reason: string) => void
}

/** Until the stream says how long. */
const RETRY_MS = 3_000

/**
 * The messages of a stream that is opened again, behind the last one, whenever it ends. A stream that
 * cannot be opened to begin with, or is refused later, is a failure; a broker that is away for a while
 * is waited for.
 */
export async function* follow(options: FollowOptions): AsyncGenerator<ServerSentEvent> {
  let lastId: string | null = null
  let retryMs = RETRY_MS
  let wasOpen = false
  while (!options.isOver()) {
    let reason = 'the stream has ended'
    try {
      for await (const message of serverSentEvents(options.open(lastId))) {
        wasOpen = true
        lastId = message.lastId ?? lastId
        retryMs = message.retryMs ?? retryMs
        if (message.data !== null) yield message
      }
    } catch (error) {
      if (options.isOver()) return
      if (!(error instanceof CommandFailure) || !wasOpen || isFinal(error)) throw error
      reason = error.message
    }
    if (options.isOver()) return
    options.onLost(reason)
    await options.wait(retryMs)
  }
}

/** Asking again would be answered alike. */
function isFinal(error: CommandFailure): boolean {
  if (!(error instanceof AdminRefusal)) return false
  return error.status < 500 && error.status !== 429
}

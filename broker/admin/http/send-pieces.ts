import type { ServerResponse } from 'node:http'
import type { Timers } from '../../../kit/index.ts'

export interface SendLimit {
  readonly timers: Timers
  /** For the whole body: who has not taken it by then is cut off. */
  readonly limitMs: number
}

/**
 * Sends a body piece by piece, each once the one before has left for the network: no piece is asked for
 * before, so that their maker may use the same memory for all of them. A client that goes away ends it, and so
 * does one that takes too long: else who never reads would be held for ever, and the memory of the pieces with him.
 */
export async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array>,
  { timers, limitMs }: SendLimit,
): Promise<void> {
  let goOn = (): void => {}
  // Of a connection that is gone, a write never tells.
  response.once('close', () => goOn())
  const left = (send: (onLeft: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      goOn = resolve
      send(resolve)
    })
  const cancel = timers.after(limitMs, () => response.destroy())
  try {
    for await (const piece of pieces) {
      if (piece.length > 0) await left((onLeft) => response.write(piece, onLeft))
      if (response.destroyed) return
    }
    await left((onLeft) => response.end(onLeft))
  } finally {
    cancel()
  }
}

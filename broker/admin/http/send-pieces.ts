import type { ServerResponse } from 'node:http'

/**
 * Sends a body piece by piece, each once the one before has left for the network: no piece is asked for
 * before, so that their maker may use the same memory for all of them. A client that goes away ends it.
 */
export async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  let goOn = (): void => {}
  // Of a connection that is gone, a write never tells.
  response.once('close', () => goOn())
  for await (const piece of pieces) {
    if (piece.length > 0) {
      await new Promise<void>((resolve) => {
        goOn = resolve
        response.write(piece, () => resolve())
      })
    }
    if (response.destroyed) return
  }
  response.end()
}

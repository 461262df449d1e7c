import type { Socket } from 'node:net'
import type { Timers } from '../../kit/index.ts'

/**
 * Sockets of addresses that connect more often than they may: kept for a while without a byte of them
 * being read, then closed (KIP-612). Whoever connects again as soon as it is refused is slowed down by
 * that. Each keeps its place among the connections, so there are no more of them than of those.
 */
export class HeldSockets {
  readonly #timers: Timers
  readonly #sockets = new Set<Socket>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** `onGone` is called once, when it is closed or the client hung up. */
  hold(socket: Socket, waitMs: number, onGone: () => void): void {
    const cancel = this.#timers.after(waitMs, () => socket.destroy())
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => {
      cancel()
      this.#sockets.delete(socket)
      onGone()
    })
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

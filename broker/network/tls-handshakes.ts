import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Identity, TlsAcceptor } from '../security/index.ts'

export type HandshakeOutcome =
  | { readonly kind: 'secured'; readonly socket: TLSSocket; readonly identity: Identity }
  | { readonly kind: 'failed'; readonly detail: string; readonly isTimeout: boolean }

interface Handshake {
  readonly beganAtMs: number
  isOverdue: boolean
}

/** TLS handshakes under way, so that none takes longer than a login may. */
export class TlsHandshakes {
  readonly #underWay = new Map<Socket, Handshake>()

  get count(): number {
    return this.#underWay.size
  }

  begin(
    socket: Socket,
    acceptor: TlsAcceptor,
    nowMs: number,
    onOutcome: (outcome: HandshakeOutcome) => void,
  ): void {
    const handshake: Handshake = { beganAtMs: nowMs, isOverdue: false }
    this.#underWay.set(socket, handshake)
    acceptor.accept(socket, {
      secured: (secure, identity) => {
        this.#underWay.delete(socket)
        onOutcome({ kind: 'secured', socket: secure, identity })
      },
      failed: (detail) => {
        this.#underWay.delete(socket)
        onOutcome({ kind: 'failed', detail, isTimeout: handshake.isOverdue })
      },
    })
  }

  /** Called from time to time. */
  checkDeadlines(nowMs: number, timeoutMs: number): void {
    for (const [socket, handshake] of this.#underWay) {
      if (nowMs - handshake.beganAtMs <= timeoutMs) continue
      handshake.isOverdue = true
      socket.destroy()
    }
  }

  /** The broker stops: nobody waits for a handshake. */
  destroyAll(): void {
    for (const socket of this.#underWay.keys()) socket.destroy()
  }
}

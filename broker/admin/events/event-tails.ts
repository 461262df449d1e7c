import { Problem } from '../http/problem.ts'
import type { EventTail } from './event-tail.ts'

/** Readers that follow live, in all and of one account: each keeps a connection for as long as it likes. */
export const MAX_TAILS = 100
export const MAX_TAILS_OF_ACCOUNT = 20
const RETRY_AFTER_SECONDS = 30

/** Whoever follows events live. */
export class EventTails {
  readonly #tails = new Map<EventTail, string>()
  #isClosed = false

  get size(): number {
    return this.#tails.size
  }

  /** Throws a Problem when there are too many already. */
  requireRoomFor(principal: string): void {
    if (this.#isClosed) throw new Problem('unavailable', 'the broker is stopping')
    let own = 0
    for (const owner of this.#tails.values()) if (owner === principal) own++
    if (this.#tails.size < MAX_TAILS && own < MAX_TAILS_OF_ACCOUNT) return
    const detail = 'too many follow events live; close a stream, or ask for pages'
    throw new Problem('too-many-requests', detail, [], RETRY_AFTER_SECONDS)
  }

  add(tail: EventTail, principal: string): void {
    this.#tails.set(tail, principal)
  }

  remove(tail: EventTail): void {
    this.#tails.delete(tail)
  }

  /** The broker stops. */
  close(): void {
    this.#isClosed = true
    for (const tail of this.#tails.keys()) tail.end('the broker stops')
  }
}

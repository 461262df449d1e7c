import type { Clock, Random } from '../../kit/index.ts'
import { backOffMs } from '../delivery/back-off.ts'
import type { Outcome } from '../delivery/notifier.ts'
import type { StateLog } from '../state/state-log.ts'
import type { Ticket } from './ticket.ts'

/** Sends one ticket as it is now to the other system. Never rejects. */
export type SendTicket = (ticket: Ticket) => Promise<Outcome>

/**
 * Tells another system of tickets as they change: at least once of the newest state of each, in the
 * order of their ids, over restarts too, because each ticket knows which of its revisions went out.
 */
export class TicketMirror {
  readonly #log: StateLog
  readonly #clock: Clock
  readonly #random: Random
  #send: SendTicket | null = null
  #underway: Promise<void> | null = null
  #failures = 0
  #notBeforeMs = 0
  /** The attempt at which each ticket failed last: one that is never taken must not hold up the others. */
  readonly #tried = new Map<string, number>()
  #attempts = 0

  constructor(log: StateLog, clock: Clock, random: Random) {
    this.#log = log
    this.#clock = clock
    this.#random = random
  }

  /** Null while no other system is to be told. */
  configure(send: SendTicket | null): void {
    this.#send = send
    this.#failures = 0
    this.#notBeforeMs = 0
  }

  /** Starts the next one, when there is one and its time has come. */
  pump(): void {
    const send = this.#send
    if (!send || this.#underway || this.#clock.monotonicMs() < this.#notBeforeMs) return
    const triedAt = ({ id }: Ticket) => this.#tried.get(id) ?? 0
    const [next] = [...this.#log.state.tickets.values()]
      .filter(({ revision, mirroredRevision }) => mirroredRevision < revision)
      .sort((a, b) => triedAt(a) - triedAt(b) || a.updatedAtMs - b.updatedAtMs)
    if (!next) return
    this.#tried.set(next.id, ++this.#attempts)
    this.#underway = send(next).then((outcome) => {
      this.#underway = null
      this.#settle(next, outcome)
    })
  }

  async stop(): Promise<void> {
    this.#send = null
    await this.#underway
  }

  #settle({ id, revision }: Ticket, outcome: Outcome): void {
    if (outcome.kind === 'failed') {
      this.#failures++
      const delayMs = backOffMs(this.#failures, outcome.retryAfterMs, this.#random)
      this.#notBeforeMs = this.#clock.monotonicMs() + delayMs
      return
    }
    this.#failures = 0
    this.#tried.delete(id)
    const ticket = this.#log.state.tickets.get(id)
    if (ticket)
      this.#log.apply({ kind: 'ticket', ticket: { ...ticket, mirroredRevision: revision } })
    // Told again after a crash, which is all that not keeping it can do.
    this.#log.commit().catch(() => undefined)
    this.pump()
  }
}

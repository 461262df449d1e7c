import type { Clock } from '../../kit/index.ts'

/** What the connections of one client id did. Plain numbers that only grow, but for `connections`. */
export class ClientStats {
  readonly clientId: string
  /** Open ones that used the id last. */
  connections = 0
  requests = 0
  receivedBytes = 0
  sentBytes = 0
  idleSinceMs = 0

  constructor(clientId: string) {
    this.clientId = clientId
  }
}

/** Stands for all clients beyond the bound. */
const OTHER_CLIENTS = '_other'
/** A client that is away for so long makes room for others. */
const FORGET_AFTER_MS = 10 * 60_000
/** Longer ids are cut: they are labels of metrics. */
const MAX_ID_LENGTH = 128

/** Clients by their id, at most so many of them; the rest are counted together. */
export class ClientTable {
  /** Counts everybody for whom there was no room. */
  readonly others = new ClientStats(OTHER_CLIENTS)
  readonly #clock: Clock
  readonly #maxClients: number
  readonly #clients = new Map<string, ClientStats>()

  constructor(clock: Clock, maxClients: number) {
    this.#clock = clock
    this.#maxClients = maxClients
  }

  /** One connection more uses the id, and one less what it used before. */
  move(from: ClientStats | undefined, clientId: string): ClientStats {
    if (from) this.leave(from)
    const client = this.#of(clientId.slice(0, MAX_ID_LENGTH))
    client.connections++
    return client
  }

  /** A connection that used it is gone, or uses another id. */
  leave(client: ClientStats): void {
    client.connections--
    if (client.connections === 0) client.idleSinceMs = this.#clock.monotonicMs()
  }

  *all(): Iterable<ClientStats> {
    yield* this.#clients.values()
    if (this.others.requests > 0) yield this.others
  }

  #of(clientId: string): ClientStats {
    // Who calls himself so would have the same label.
    if (clientId === OTHER_CLIENTS) return this.others
    const known = this.#clients.get(clientId)
    if (known) return known
    if (this.#clients.size >= this.#maxClients && !this.#forgetOne()) return this.others
    const client = new ClientStats(clientId)
    this.#clients.set(clientId, client)
    return client
  }

  #forgetOne(): boolean {
    const beforeMs = this.#clock.monotonicMs() - FORGET_AFTER_MS
    for (const [clientId, { connections, idleSinceMs }] of this.#clients) {
      if (connections > 0 || idleSinceMs > beforeMs) continue
      this.#clients.delete(clientId)
      return true
    }
    return false
  }
}

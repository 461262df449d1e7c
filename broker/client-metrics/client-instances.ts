import type { Uuid } from '../../kit/index.ts'
import type { ClientInstance } from './client-instance.ts'

/** Runs of clients that are remembered at a time; beyond, the one that was quiet the longest is forgotten. */
export const MAX_CLIENT_INSTANCES = 10_000

/** Where a client is connected, as far as it takes to notice that it is gone. */
export interface ClientConnection {
  readonly id: number
  onClosed(listener: () => void): () => void
}

/** The clients that ask or push, for as long as their connections last and they come again in time. */
export class ClientInstances {
  /** The one that was quiet the longest first. */
  readonly #byId = new Map<Uuid, ClientInstance>()
  /** By connection: whom to forget with it. */
  readonly #byConnection = new Map<number, Uuid>()

  get count(): number {
    return this.#byId.size
  }

  get(id: Uuid): ClientInstance | undefined {
    return this.#byId.get(id)
  }

  /** It sent something: remembers it, in place of what was known of that id. */
  touch(instance: ClientInstance, connection: ClientConnection, nowMs: number): void {
    instance.expiresAtMs = nowMs + instance.expiryMs
    this.#byId.delete(instance.id)
    this.#byId.set(instance.id, instance)
    this.#watch(connection, instance.id)
    if (this.#byId.size <= MAX_CLIENT_INSTANCES) return
    for (const id of this.#byId.keys()) {
      this.#byId.delete(id)
      return
    }
  }

  /** Forgets those that did not come again. */
  expire(nowMs: number): void {
    for (const [id, { expiresAtMs }] of this.#byId) if (expiresAtMs <= nowMs) this.#byId.delete(id)
  }

  /** As in Kafka, a client is gone with the connection by which it came last. */
  #watch(connection: ClientConnection, id: Uuid): void {
    const isWatched = this.#byConnection.has(connection.id)
    this.#byConnection.set(connection.id, id)
    if (isWatched) return
    connection.onClosed(() => {
      const last = this.#byConnection.get(connection.id)
      this.#byConnection.delete(connection.id)
      if (last !== undefined) this.#byId.delete(last)
    })
  }
}

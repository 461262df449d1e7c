import type { LimitKind } from './limit-kinds.ts'
import { MutationQuota } from './mutation-quota.ts'
import type { Hold, Throttle } from './throttle.ts'

/** Somebody who may be under quotas: one for each connection, or each request of the HTTP door. */
export interface QuotaClient {
  /** `User:` and a name. */
  readonly principal: string
  /** A place for `Quotas.of` to remember its answer. */
  quotaMemo?: ClientThrottles | undefined
}

/** What a client of that user and id is held to; null where it has no limit. */
export interface ClientLimits {
  readonly producer: Throttle | null
  readonly consumer: Throttle | null
  readonly request: Throttle | null
  readonly mutation: Throttle | null
}

/** Told of each hold: which limit, who, for how long. */
export type NoteHold = (kind: LimitKind, name: string, waitMs: number) => void

/** The quotas of one client: what it does is taken from them, and they say for how long to hold it. */
export class ClientThrottles {
  readonly principal: string
  readonly clientId: string | null
  /** Of `Quotas`, when these limits were looked up. */
  readonly generation: number
  readonly #limits: ClientLimits
  readonly #lookUp: () => ClientLimits
  readonly #note: NoteHold

  constructor(
    client: { readonly principal: string; readonly clientId: string | null },
    generation: number,
    lookUp: () => ClientLimits,
    note: NoteHold,
  ) {
    this.principal = client.principal
    this.clientId = client.clientId
    this.generation = generation
    this.#lookUp = lookUp
    this.#limits = lookUp()
    this.#note = note
  }

  /** A Produce request of that size came. Null unless that is too much. */
  produced(sizeBytes: number): Hold | null {
    const { producer } = this.#limits
    const waitMs = producer?.take(sizeBytes) ?? 0
    return producer && waitMs > 0
      ? this.#hold(producer, waitMs, (now) => now.producer?.debtMs)
      : null
  }

  /** Milliseconds until something may be produced; 0 for at once. */
  get produceWaitMs(): number {
    return this.#limits.producer?.debtMs ?? 0
  }

  /** Null when something may be fetched now. */
  fetchHold(): Hold | null {
    const { consumer } = this.#limits
    const waitMs = consumer?.sliceMs ?? 0
    return consumer && waitMs > 0
      ? this.#hold(consumer, waitMs, (now) => now.consumer?.sliceMs)
      : null
  }

  /** Bytes that may be fetched now without being held afterwards; Infinity without a limit. */
  get fetchableBytes(): number {
    const { consumer } = this.#limits
    return consumer ? Math.max(1, Math.floor(consumer.tokens)) : Infinity
  }

  fetched(sizeBytes: number): void {
    this.#limits.consumer?.take(sizeBytes)
  }

  /** A request took so much of the thread's time. Null unless that is too much. */
  worked(usedMs: number): Hold | null {
    const { request } = this.#limits
    const waitMs = request?.take(usedMs) ?? 0
    return request && waitMs > 0 ? this.#hold(request, waitMs, (now) => now.request?.debtMs) : null
  }

  /** For one request that changes topics (KIP-599); null without a limit. */
  mutations(isStrict: boolean): MutationQuota | null {
    const { mutation } = this.#limits
    if (!mutation) return null
    return new MutationQuota(mutation, isStrict, (waitMs) =>
      this.#hold(mutation, waitMs, (now) => now.mutation?.debtMs),
    )
  }

  #hold(
    throttle: Throttle,
    waitMs: number,
    remainingIn: (now: ClientLimits) => number | undefined,
  ): Hold {
    throttle.noteHold(waitMs)
    this.#note(throttle.kind, userOf(this.principal), waitMs)
    return { waitMs, remainingMs: () => remainingIn(this.#lookUp()) ?? 0 }
  }
}

/** The name of a user, as quotas name it. */
export function userOf(principal: string): string {
  return principal.slice(principal.indexOf(':') + 1)
}

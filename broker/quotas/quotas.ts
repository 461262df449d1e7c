import type { Clock, Uuid } from '../../kit/index.ts'
import type { ClusterState, QuotaKey, Topic } from '../control/index.ts'
import type { ClientLimits, NoteHold, QuotaClient } from './client-throttles.ts'
import { ClientThrottles, userOf } from './client-throttles.ts'
import type { LimitScope } from './quota-levels.ts'
import { limitOf, limitOfAddress } from './quota-levels.ts'
import type { Throttle } from './throttle.ts'
import { ThrottleCounts } from './throttle-counts.ts'
import type { KeptThrottle, Sharers } from './throttle-table.ts'
import { ThrottleTable } from './throttle-table.ts'
import { TopicThrottle } from './topic-throttle.ts'

type QuotaState = Pick<ClusterState, 'quotas' | 'quotaSeq' | 'topicsById'>

export interface QuotasOptions {
  /** Live: it is looked at again whenever `follow` is called. */
  readonly state: QuotaState
  readonly clock: Clock
  /** Told of each hold, besides the counts. Must be cheap, and must not throw. */
  readonly onHold?: NoteHold
}

/**
 * Quotas of clients (KIP-13, KIP-55, KIP-124, KIP-546, KIP-599), rates of connections by address
 * (KIP-612), and throttles of topics. What there is to obey is in the control plane's state; what was
 * taken is in memory, and a start begins with full buckets.
 *
 * Where no quota is set, Produce and Fetch cost one look at `areSet`. Where one is, the connection
 * remembers its throttles until quotas change, and nothing is allocated unless somebody is held.
 */
export class Quotas {
  /** Whether any quota of clients or addresses is set. */
  areSet = false
  readonly counts = new ThrottleCounts()
  readonly #state: QuotaState
  readonly #clock: Clock
  readonly #note: NoteHold
  readonly #throttles: ThrottleTable
  readonly #topics = new Map<Uuid, TopicThrottle>()
  readonly #listeners = new Set<() => void>()
  /** Grows whenever throttles that were handed out may have become wrong. */
  #generation = 0
  #followedSeq: number
  #isTelling = false

  constructor({ state, clock, onHold = () => {} }: QuotasOptions) {
    this.#state = state
    this.#clock = clock
    this.#note = (kind, name, waitMs) => {
      this.counts.note(kind, name, waitMs)
      onHold(kind, name, waitMs)
    }
    this.#throttles = new ThrottleTable(clock, () => this.#generation++)
    this.#followedSeq = state.quotaSeq
    this.areSet = state.quotas.size > 0
  }

  /** Throttles that are kept for users, client ids and addresses. */
  get throttleCount(): number {
    return this.#throttles.size
  }

  /** Those throttles, and who they are for. */
  throttles(): Iterable<KeptThrottle> {
    return this.#throttles.all()
  }

  /** The state may have changed: call after each record that was applied. Cheap when quotas did not. */
  follow(): void {
    if (this.#followedSeq === this.#state.quotaSeq) return
    this.#followedSeq = this.#state.quotaSeq
    this.#generation++
    this.areSet = this.#state.quotas.size > 0
    for (const [id, throttle] of this.#topics) {
      const quota = this.#state.topicsById.get(id)?.quota
      throttle.setQuota(quota)
      if (!quota) this.#topics.delete(id)
    }
    this.#tell()
  }

  /**
   * Called after quotas changed, once for many records of one call: who is held may be free now.
   * Answers how to stop.
   */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What a client is held to. Looked up once for a connection, as long as its requests have one client id. */
  of(client: QuotaClient, clientId: string | null): ClientThrottles {
    const memo = client.quotaMemo
    if (
      memo &&
      memo.generation === this.#generation &&
      memo.principal === client.principal &&
      memo.clientId === clientId
    ) {
      return memo
    }
    const { principal } = client
    const user = userOf(principal)
    const lookUp = () => this.#limitsOf(user, clientId ?? '')
    const named = { principal, clientId }
    client.quotaMemo = new ClientThrottles(named, this.#generation, lookUp, this.#note)
    return client.quotaMemo
  }

  /** The throttle of a topic; null when it has none. */
  ofTopic(topic: Topic): TopicThrottle | null {
    if (topic.quota === undefined) return null
    const known = this.#topics.get(topic.id)
    if (known) return known
    const throttle = new TopicThrottle(topic, this.#clock, this.#note)
    this.#topics.set(topic.id, throttle)
    return throttle
  }

  /** A connection came from that address. 0 lets it in; else it is refused, and held so many milliseconds. */
  connected(address: string): number {
    if (!this.areSet) return 0
    const found = limitOfAddress(this.#state.quotas, address)
    if (found === null) return 0
    const kind = 'connection_creation_rate'
    const name = `${kind} ${found.sharers}`
    const throttle = this.#throttles.of(name, kind, found.limit, NOBODY)
    const waitMs = throttle.nextMs
    if (waitMs === 0) throttle.take(1)
    else this.#note(kind, found.sharers, waitMs)
    return waitMs
  }

  #limitsOf(user: string, clientId: string): ClientLimits {
    return {
      producer: this.#throttleOf('producer_byte_rate', user, clientId),
      consumer: this.#throttleOf('consumer_byte_rate', user, clientId),
      request: this.#throttleOf('request_percentage', user, clientId),
      mutation: this.#throttleOf('controller_mutation_rate', user, clientId),
    }
  }

  #throttleOf(key: QuotaKey, user: string, clientId: string): Throttle | null {
    const found = limitOf(this.#state.quotas, key, user, clientId)
    if (!found) return null
    const sharers = sharersOf(found.scope, user, clientId)
    const name = `${key} ${JSON.stringify([sharers.user, sharers.clientId])}`
    return this.#throttles.of(name, key, found.limit, sharers)
  }

  /** Once all records of a call are applied, which is before anything else runs. */
  #tell(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    queueMicrotask(() => {
      this.#isTelling = false
      for (const listener of this.#listeners) listener()
    })
  }
}

/** Quotas name nobody by more; whoever calls itself by more is told from others by so much. */
const MAX_NAME_LENGTH = 255

/** An address has neither. */
const NOBODY: Sharers = { user: null, clientId: null }

/** Who shares a limit. The length of names is bounded: clients may send an id of 32 KB. */
function sharersOf(scope: LimitScope, longUser: string, longClientId: string): Sharers {
  const user = longUser.slice(0, MAX_NAME_LENGTH)
  const clientId = longClientId.slice(0, MAX_NAME_LENGTH)
  switch (scope) {
    case 'user-and-client-id':
      return { user, clientId }
    case 'user':
      return { user, clientId: null }
    case 'client-id':
      return { user: null, clientId }
  }
}

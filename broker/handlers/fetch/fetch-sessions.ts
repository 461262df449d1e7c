import type { Clock, Random } from '../../../kit/index.ts'
import type { FetchRequest } from '../../../protocol/index.ts'
import { FetchSession, INITIAL_EPOCH } from './fetch-session.ts'
import type { FetchTarget } from './fetch-target.ts'
import { targetKey } from './fetch-target.ts'

/** How the partitions of a Fetch request are known, and what its response says of the session. */
export type FetchScope =
  /** All partitions are in the request. With `opensSession`, a session may be made of them. */
  | { readonly kind: 'full'; readonly targets: FetchTarget[]; readonly opensSession: boolean }
  | {
      readonly kind: 'incremental'
      readonly session: FetchSession
      /** The session's epoch while this request is the last one of it. */
      readonly epoch: number
    }
  | { readonly kind: 'error'; readonly error: SessionError }

export type SessionError =
  | 'FETCH_SESSION_ID_NOT_FOUND'
  | 'INVALID_FETCH_SESSION_EPOCH'
  | 'FETCH_SESSION_TOPIC_ID_ERROR'

export interface FetchSessionsOptions {
  /** `max.incremental.fetch.session.cache.slots`; asked for whenever a session is wanted. */
  readonly maxSessions: () => number
  readonly clock: Clock
  readonly random: Random
  /** Partitions that all sessions together remember; beyond it clients go on without a session. */
  readonly maxCachedPartitions?: number
}

const NO_SESSION = 0
const FINAL_EPOCH = -1
const FIRST_WITH_TOPIC_IDS = 13
/** A session that was not used for so long makes place for any other; Kafka's value. */
const EVICTION_MS = 120_000
const MAX_CACHED_PARTITIONS = 500_000

/**
 * Incremental fetch sessions (KIP-227): a client names its partitions once and then only what has
 * changed, and the broker answers only with partitions that have news. At most so many sessions are
 * kept; a new one takes the place of one that is stale, or of a smaller one that is not young.
 */
export class FetchSessions {
  readonly #maxSessions: () => number
  readonly #clock: Clock
  readonly #random: Random
  readonly #maxCachedPartitions: number
  /** Least recently used first. */
  readonly #sessions = new Map<number, FetchSession>()
  #partitionCount = 0
  /** Sessions that had to make place; only grows. */
  evictions = 0

  constructor(options: FetchSessionsOptions) {
    this.#maxSessions = options.maxSessions
    this.#clock = options.clock
    this.#random = options.random
    this.#maxCachedPartitions = options.maxCachedPartitions ?? MAX_CACHED_PARTITIONS
  }

  get sessionCount(): number {
    return this.#sessions.size
  }

  get partitionCount(): number {
    return this.#partitionCount
  }

  /** Finds out what a request reads, and brings its session up to date. */
  begin(request: FetchRequest, apiVersion: number, principal: string): FetchScope {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
      const old = this.#sessions.get(sessionId)
      if (old?.principal === principal) this.#remove(old)
      const targets = [...targetsOf(request).values()]
      return { kind: 'full', targets, opensSession: sessionEpoch === INITIAL_EPOCH }
    }
    const session = this.#sessions.get(sessionId)
    if (!session || session.principal !== principal) {
      return { kind: 'error', error: 'FETCH_SESSION_ID_NOT_FOUND' }
    }
    if (session.epoch !== sessionEpoch) {
      return { kind: 'error', error: 'INVALID_FETCH_SESSION_EPOCH' }
    }
    if (session.usesTopicIds !== apiVersion >= FIRST_WITH_TOPIC_IDS) {
      return { kind: 'error', error: 'FETCH_SESSION_TOPIC_ID_ERROR' }
    }
    return this.#goOn(session, request)
  }

  /** Makes a session of a full request's partitions; answers its id, or 0 when there is no place. */
  open(targets: readonly FetchTarget[], apiVersion: number, principal: string): number {
    if (targets.length === 0 || !this.#makePlace(targets.length)) return NO_SESSION
    const session = new FetchSession({
      id: this.#newId(),
      principal,
      usesTopicIds: apiVersion >= FIRST_WITH_TOPIC_IDS,
      nowMs: this.#clock.monotonicMs(),
    })
    for (const target of targets) session.put(target)
    this.#sessions.set(session.id, session)
    this.#partitionCount += session.size
    return session.id
  }

  /** Whether no later request of the session has come while this one was being served. */
  isCurrent(scope: FetchScope & { readonly kind: 'incremental' }): boolean {
    return scope.session.epoch === scope.epoch
  }

  #goOn(session: FetchSession, request: FetchRequest): FetchScope {
    const before = session.size
    // In Kafka's order: what is named in both lists is forgotten.
    for (const target of targetsOf(request).values()) session.put(target)
    for (const { topic, topicId, partitions } of request.forgottenTopicsData) {
      for (const partition of partitions) session.forget(targetKey(topic, topicId, partition))
    }
    this.#partitionCount += session.size - before
    if (session.size === 0) {
      this.#remove(session)
      return { kind: 'full', targets: [], opensSession: false }
    }
    if (this.#partitionCount > this.#maxCachedPartitions) {
      // The client starts anew with a full request, which then gets no session.
      this.#remove(session)
      return { kind: 'error', error: 'FETCH_SESSION_ID_NOT_FOUND' }
    }
    const epoch = session.nextEpoch()
    session.lastUsedMs = this.#clock.monotonicMs()
    this.#sessions.delete(session.id)
    this.#sessions.set(session.id, session)
    return { kind: 'incremental', session, epoch }
  }

  #makePlace(size: number): boolean {
    const max = this.#maxSessions()
    if (max <= 0) return false
    while (this.#sessions.size >= max) {
      const victim = this.#victimFor(size)
      if (!victim) return false
      this.#remove(victim)
      this.evictions++
    }
    return this.#partitionCount + size <= this.#maxCachedPartitions
  }

  #victimFor(size: number): FetchSession | undefined {
    const nowMs = this.#clock.monotonicMs()
    let smallest: FetchSession | undefined
    for (const session of this.#sessions.values()) {
      if (nowMs - session.lastUsedMs > EVICTION_MS) return session
      if (nowMs - session.createdMs <= EVICTION_MS) continue
      if (session.size < (smallest?.size ?? size)) smallest = session
    }
    return smallest
  }

  #remove(session: FetchSession): void {
    if (!this.#sessions.delete(session.id)) return
    this.#partitionCount -= session.size
    // Nothing may listen for a session that is gone.
    session.close()
  }

  #newId(): number {
    for (;;) {
      const id = 1 + this.#random.below(0x7fff_ffff)
      if (!this.#sessions.has(id)) return id
    }
  }
}

/** A partition that is named twice is read as it was named last. */
function targetsOf({ topics }: FetchRequest): Map<string, FetchTarget> {
  const targets = new Map<string, FetchTarget>()
  for (const { topic, topicId, partitions } of topics) {
    for (const asked of partitions) {
      targets.set(targetKey(topic, topicId, asked.partition), {
        topicName: topic,
        topicId,
        partition: asked.partition,
        fetchOffset: asked.fetchOffset,
        maxBytes: asked.partitionMaxBytes,
        currentLeaderEpoch: asked.currentLeaderEpoch,
        sentHighWatermark: -1,
        sentLogStartOffset: -1,
        turn: 0,
      })
    }
  }
  return targets
}

import type { FetchTarget } from './fetch-target.ts'
import { targetKey } from './fetch-target.ts'

export interface FetchSessionOptions {
  readonly id: number
  readonly principal: string
  readonly usesTopicIds: boolean
  readonly nowMs: number
}

/** Epoch of the request that opens a session. */
export const INITIAL_EPOCH = 0

/**
 * The partitions of one client's incremental fetches. Those of which there is nothing to tell rest:
 * they are not looked at until something wakes them, so a request costs what its news cost, however many
 * partitions the session has.
 */
export class FetchSession {
  readonly id: number
  readonly principal: string
  readonly usesTopicIds: boolean
  readonly createdMs: number
  lastUsedMs: number
  epoch = nextEpoch(INITIAL_EPOCH)
  readonly #targets = new Map<string, FetchTarget>()
  readonly #awake = new Set<FetchTarget>()
  /** How to stop listening for what wakes a partition. */
  readonly #resting = new Map<FetchTarget, () => void>()
  readonly #listeners = new Set<() => void>()
  #lastTurn = 0
  #view = ''
  #isClosed = false

  constructor({ id, principal, usesTopicIds, nowMs }: FetchSessionOptions) {
    this.id = id
    this.principal = principal
    this.usesTopicIds = usesTopicIds
    this.createdMs = nowMs
    this.lastUsedMs = nowMs
  }

  get size(): number {
    return this.#targets.size
  }

  get hasResting(): boolean {
    return this.#resting.size > 0
  }

  /** Takes a partition as a request names it: a new one, or changes of one that is there. */
  put(target: FetchTarget): void {
    const key = keyOf(target)
    const known = this.#targets.get(key)
    if (known === undefined) {
      this.#targets.set(key, target)
      this.#awake.add(target)
      target.turn = ++this.#lastTurn
      return
    }
    known.fetchOffset = target.fetchOffset
    known.maxBytes = target.maxBytes
    known.currentLeaderEpoch = target.currentLeaderEpoch
    this.#wake(known)
  }

  forget(key: string): void {
    const target = this.#targets.get(key)
    if (target === undefined) return
    this.#wake(target)
    this.#awake.delete(target)
    this.#targets.delete(key)
  }

  /** The partitions that may have news, those first that returned records longest ago. */
  awake(): FetchTarget[] {
    return [...this.#awake].sort((a, b) => a.turn - b.turn)
  }

  /** The partition returned records, so the others of the session are read before it from now on. */
  moveToEnd(target: FetchTarget): void {
    target.turn = ++this.#lastTurn
  }

  /** There is nothing to tell of the partition until the listener given to `listen` is called. */
  rest(target: FetchTarget, listen: (listener: () => void) => () => void): void {
    if (this.#isClosed || !this.#awake.delete(target)) return
    this.#resting.set(
      target,
      listen(() => {
        this.#wake(target)
        this.#tell()
      }),
    )
  }

  isResting(target: FetchTarget): boolean {
    return this.#resting.has(target)
  }

  /** What decides about all partitions at once, such as the client's rights: when it changes, all wake. */
  see(view: string): void {
    if (view === this.#view) return
    this.#view = view
    this.#wakeAll()
  }

  /** The session is gone: it listens to nothing any more, and who waits for what rested must do so. */
  close(): void {
    this.#isClosed = true
    this.#wakeAll()
  }

  /** Calls back whenever a partition that rested may have news. Answers how to stop. */
  onWake(listener: () => void): () => void {
    // A wrapper, so that the same function may listen twice.
    const entry = (): void => listener()
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  nextEpoch(): number {
    this.epoch = nextEpoch(this.epoch)
    return this.epoch
  }

  #wakeAll(): void {
    for (const target of [...this.#resting.keys()]) this.#wake(target)
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #wake(target: FetchTarget): void {
    const stopListening = this.#resting.get(target)
    if (stopListening === undefined) return
    stopListening()
    this.#resting.delete(target)
    this.#awake.add(target)
  }
}

function keyOf({ topicName, topicId, partition }: FetchTarget): string {
  return targetKey(topicName, topicId, partition)
}

/** 1 to 2^31 - 1 and round again; 0 and -1 mean something else. */
function nextEpoch(epoch: number): number {
  return epoch === 0x7fff_ffff ? 1 : epoch + 1
}

import type { HistoryRecord } from '../record.ts'
import type { HistoryState, StateEntry } from './history-state.ts'
import { changesState, resourceKey } from './history-state.ts'
import { StateHash } from './state-hash.ts'

/**
 * The generic fold: a record's `after` is the whole resource from then on, null is its end. Knows
 * nothing of what the resources are, so it reads every history, and the verifier needs nothing else.
 */
export class HistoryFold implements HistoryState {
  readonly #entries: Map<string, StateEntry>
  #seq: number
  /** Made when somebody asks for a hash; kept up to date from then on. */
  #hash: StateHash | null = null
  /** Keys whose hashes are behind. */
  readonly #unhashed = new Set<string>()

  constructor(seq = -1, entries: Iterable<Omit<StateEntry, 'key'>> = []) {
    this.#seq = seq
    this.#entries = new Map()
    for (const entry of entries) {
      const key = resourceKey(entry.resource)
      this.#entries.set(key, { ...entry, key })
    }
  }

  get seq(): number {
    return this.#seq
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): StateEntry | undefined {
    return this.#entries.get(key)
  }

  entries(): IterableIterator<StateEntry> {
    return this.#entries.values()
  }

  /** Applies the next record. Throws a RangeError for any other one. */
  apply(record: HistoryRecord): void {
    if (record.seq !== this.#seq + 1) {
      throw new RangeError(`record ${record.seq} does not follow record ${this.#seq}`)
    }
    this.#seq = record.seq
    if (!changesState(record)) return
    const { seq, recordedAt, resource, after: value } = record
    const key = resourceKey(resource)
    if (value === null) this.#entries.delete(key)
    else this.#entries.set(key, { key, resource, value, seq, recordedAt })
    if (this.#hash) this.#unhashed.add(key)
  }

  /** The hash of the state as it is now, in hex; see StateHash. Costs what changed since the last call. */
  hash(): string {
    const hash = this.#hash ?? this.#hashAll()
    for (const key of this.#unhashed) {
      const entry = this.#entries.get(key)
      if (entry) hash.put(entry)
      else hash.remove(key)
    }
    this.#unhashed.clear()
    return hash.digest()
  }

  /** The state as it is now, which later records do not change. */
  copy(): HistoryFold {
    return new HistoryFold(this.#seq, this.#entries.values())
  }

  #hashAll(): StateHash {
    const hash = new StateHash()
    for (const entry of this.#entries.values()) hash.put(entry)
    this.#hash = hash
    return hash
  }
}

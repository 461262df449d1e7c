import { canonicalJson } from '../json.ts'
import { sha256 } from '../merkle/hashes.ts'
import type { StateEntry } from './history-state.ts'

/** Buckets of the state hash: so many that one change costs little, so few that all of them are 128 KiB. */
const BUCKETS = 4096

const EMPTY_HASHES = Buffer.alloc(BUCKETS * 32).fill(sha256(''))

/** The hash of one entry: of the canonical JSON of what the resource is, not of when it became so. */
export function entryHash(entry: Pick<StateEntry, 'key' | 'resource' | 'value'>): Buffer {
  const { kind, name, id } = entry.resource
  return sha256(canonicalJson({ key: entry.key, resource: { kind, name, id }, value: entry.value }))
}

/**
 * One hash over a whole state, kept up to date at the cost of what changed.
 *
 * An entry belongs to the bucket that the first 12 bits of SHA-256 of its key name. A bucket's hash
 * is SHA-256 over the entries' hashes in ascending order; the hash of the state is SHA-256 over the
 * hashes of all 4096 buckets. Two states have the same hash exactly when they have the same
 * resources with the same values, however they came to be: a state that was rewound to a moment has
 * the hash that it had then.
 */
export class StateHash {
  /** Hashes by key, in the bucket of the key. Most states are small: buckets are made when needed. */
  readonly #buckets = new Map<number, Map<string, Buffer>>()
  readonly #hashes = Buffer.from(EMPTY_HASHES)
  readonly #dirty = new Set<number>()

  put(entry: StateEntry): void {
    this.#change(entry.key).set(entry.key, entryHash(entry))
  }

  remove(key: string): void {
    this.#change(key).delete(key)
  }

  /** 32 bytes as lower-case hex. */
  digest(): string {
    for (const bucket of this.#dirty) {
      const hashes = [...(this.#buckets.get(bucket)?.values() ?? [])].sort(Buffer.compare)
      this.#hashes.set(sha256(Buffer.concat(hashes)), bucket * 32)
    }
    this.#dirty.clear()
    return sha256(this.#hashes).toString('hex')
  }

  #change(key: string): Map<string, Buffer> {
    const digest = sha256(key)
    const bucket = digest.readUInt16BE(0) >> 4
    this.#dirty.add(bucket)
    const existing = this.#buckets.get(bucket)
    if (existing) return existing
    const entries = new Map<string, Buffer>()
    this.#buckets.set(bucket, entries)
    return entries
  }
}

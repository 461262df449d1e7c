import type { SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import type { KeyChain } from '../checkpoint/key-chain.ts'
import { isSignedBy } from '../checkpoint/signed-note.ts'
import type { MerkleFrontier } from '../merkle/frontier.ts'

/**
 * Checkpoints that somebody else kept. They are what shows that a history was not cut short or
 * written anew by the owner of its key.
 */
export class OutsideCheckpoints {
  /** Those not reached yet, smallest first. */
  readonly #waiting: SignedCheckpoint[]
  #agreed = 0
  #agreedSize = 0

  constructor(checkpoints: readonly SignedCheckpoint[]) {
    this.#waiting = checkpoints.toSorted((one, other) => one.size - other.size)
  }

  /** How many agree, and the records that the last of them covers. */
  get agreed(): number {
    return this.#agreed
  }

  get agreedSize(): number {
    return this.#agreedSize
  }

  /** Compares those of this size. Answers what is wrong, or null. */
  compare(size: number, tree: MerkleFrontier, keys: KeyChain): string | null {
    for (;;) {
      const [next] = this.#waiting
      if (!next || next.size > size) return null
      this.#waiting.shift()
      if (next.size < size) continue
      const key = keys.keyAt(size)
      if (!key || !isSignedBy(next.note, key)) {
        return `the outside checkpoint of ${size} records is not signed by the key in force`
      }
      if (!next.root.equals(tree.root())) {
        return `the outside checkpoint of ${size} records was signed over other records`
      }
      this.#agreed++
      this.#agreedSize = size
    }
  }

  /** Looks at those that were not reached. Answers what is wrong, or null. */
  finish(size: number): string | null {
    const last = this.#waiting.at(-1)
    if (!last) return null
    return `the history ends before record ${size}, and an outside checkpoint covers ${last.size} records: the rest is missing`
  }
}

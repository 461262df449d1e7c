import type { TreeHash } from './hashes.ts'
import { EMPTY_ROOT, nodeHash } from './hashes.ts'

/**
 * The right edge of a Merkle tree (RFC 6962): the roots of the complete subtrees that its leaves
 * fall into, largest first. Enough to append and to know the root, in O(log n) memory.
 */
export class MerkleFrontier {
  #size: number
  readonly #roots: TreeHash[]

  /** `roots` has one hash for each bit that is set in `size`, highest bit first. */
  constructor(size = 0, roots: readonly TreeHash[] = []) {
    if (roots.length !== subtreeLevels(size).length) {
      throw new RangeError(`a tree of ${size} leaves does not have ${roots.length} subtrees`)
    }
    this.#size = size
    this.#roots = [...roots]
  }

  /** Number of leaves. */
  get size(): number {
    return this.#size
  }

  /** As they are now: later leaves do not change what was answered. */
  get roots(): readonly TreeHash[] {
    return [...this.#roots]
  }

  append(leaf: TreeHash): void {
    let node = leaf
    // Each trailing 1 bit of the size is a subtree that is as large as the one being closed.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#roots.pop()
      if (left) node = nodeHash(left, node)
    }
    this.#roots.push(node)
    this.#size++
  }

  root(): TreeHash {
    return (
      this.#roots.reduceRight<TreeHash | null>(
        (right, left) => (right === null ? left : nodeHash(left, right)),
        null,
      ) ?? EMPTY_ROOT
    )
  }
}

/** Levels of the complete subtrees of a tree of that size, largest first: its bits that are set. */
export function subtreeLevels(size: number): readonly number[] {
  const levels: number[] = []
  let level = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) levels.unshift(level)
    level++
  }
  return levels
}

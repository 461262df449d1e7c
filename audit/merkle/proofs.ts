import { subtreeLevels } from './frontier.ts'
import type { TreeHash } from './hashes.ts'
import { nodeHash } from './hashes.ts'

/** Where a proof takes its hashes from. */
export interface SubtreeRoots {
  /** The root over the leaves from `index * 2^level` on, `2^level` of them; all of them must exist. */
  subtreeRoot(level: number, index: number): Promise<TreeHash>
}

/**
 * The audit path of a leaf in the tree of the first `size` leaves (RFC 6962, 2.1.1), from the leaf
 * upwards. Throws a RangeError when the leaf is not in that tree.
 */
export async function inclusionProof(
  tree: SubtreeRoots,
  leaf: number,
  size: number,
): Promise<readonly TreeHash[]> {
  if (!(leaf >= 0 && leaf < size)) throw new RangeError(`no leaf ${leaf} in a tree of ${size}`)
  const path: TreeHash[] = []
  let begin = 0
  let end = size
  while (end - begin > 1) {
    const middle = begin + largestPowerBelow(end - begin)
    if (leaf < middle) {
      path.unshift(await rangeRoot(tree, middle, end))
      end = middle
    } else {
      path.unshift(await rangeRoot(tree, begin, middle))
      begin = middle
    }
  }
  return path
}

/**
 * Shows that the tree of the first `oldSize` leaves is the beginning of that of the first `size`
 * (RFC 6962, 2.1.2). Empty when the sizes are equal or the old tree is. Throws a RangeError for
 * sizes that do not follow each other.
 */
export async function consistencyProof(
  tree: SubtreeRoots,
  oldSize: number,
  size: number,
): Promise<readonly TreeHash[]> {
  if (!(oldSize >= 0 && oldSize <= size)) {
    throw new RangeError(`a tree of ${size} leaves has none of ${oldSize} in it`)
  }
  if (oldSize === 0 || oldSize === size) return []
  const path: TreeHash[] = []
  let begin = 0
  let end = size
  // Whether the old tree's part in [begin, end) is the old tree itself, whose root the verifier has.
  let isWhole = true
  while (end !== oldSize) {
    const middle = begin + largestPowerBelow(end - begin)
    if (oldSize <= middle) {
      path.unshift(await rangeRoot(tree, middle, end))
      end = middle
    } else {
      path.unshift(await rangeRoot(tree, begin, middle))
      begin = middle
      isWhole = false
    }
  }
  if (!isWhole) path.unshift(await rangeRoot(tree, begin, end))
  return path
}

/** Whether the path leads from the leaf to the root (RFC 9162, 2.1.3.2). */
export function verifyInclusion(
  leafHash: TreeHash,
  leaf: number,
  size: number,
  path: readonly TreeHash[],
  root: TreeHash,
): boolean {
  if (!(leaf >= 0 && leaf < size)) return false
  let position = leaf
  let last = size - 1
  let node = leafHash
  for (const sibling of path) {
    if (last === 0) return false
    if (position % 2 === 1 || position === last) {
      node = nodeHash(sibling, node)
      // A right edge has no sibling on the levels that are skipped here.
      while (position % 2 === 0 && position !== 0) {
        position /= 2
        last = half(last)
      }
    } else {
      node = nodeHash(node, sibling)
    }
    position = half(position)
    last = half(last)
  }
  return last === 0 && node.equals(root)
}

/** Whether the path shows that the old tree is the beginning of the other (RFC 9162, 2.1.4.2). */
export function verifyConsistency(
  oldSize: number,
  size: number,
  oldRoot: TreeHash,
  root: TreeHash,
  path: readonly TreeHash[],
): boolean {
  if (!(oldSize >= 0 && oldSize <= size)) return false
  if (oldSize === size) return path.length === 0 && oldRoot.equals(root)
  if (oldSize === 0) return path.length === 0
  const isComplete = subtreeLevels(oldSize).length === 1
  const [first, ...rest] = isComplete ? [oldRoot, ...path] : path
  if (!first) return false
  let position = oldSize - 1
  let last = size - 1
  while (position % 2 === 1) {
    position = half(position)
    last = half(last)
  }
  let oldNode = first
  let node = first
  for (const sibling of rest) {
    if (last === 0) return false
    if (position % 2 === 1 || position === last) {
      oldNode = nodeHash(sibling, oldNode)
      node = nodeHash(sibling, node)
      while (position % 2 === 0 && position !== 0) {
        position = half(position)
        last = half(last)
      }
    } else {
      node = nodeHash(node, sibling)
    }
    position = half(position)
    last = half(last)
  }
  return last === 0 && oldNode.equals(oldRoot) && node.equals(root)
}

/** The root over the leaves from `begin` up to `end`, where `begin` is where a subtree begins. */
async function rangeRoot(tree: SubtreeRoots, begin: number, end: number): Promise<TreeHash> {
  let right: TreeHash | null = null
  let upTo = end
  for (const level of [...subtreeLevels(end - begin)].reverse()) {
    const count = 2 ** level
    const root = await tree.subtreeRoot(level, (upTo - count) / count)
    right = right === null ? root : nodeHash(root, right)
    upTo -= count
  }
  if (right === null) throw new RangeError(`no leaves between ${begin} and ${end}`)
  return right
}

const half = (position: number): number => Math.floor(position / 2)

function largestPowerBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

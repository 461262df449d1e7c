import { consistencyProof, inclusionProof } from '../merkle/proofs.ts'
import type { TileTree } from '../merkle/tile-tree.ts'

/** A proof cannot be given for what was asked; the message says why. */
export class ProofError extends Error {
  override readonly name = 'ProofError'
}

/** That a record is in the tree of the first `size` records. Hashes are base64. */
export interface InclusionProof {
  readonly seq: number
  readonly size: number
  readonly leaf: string
  readonly root: string
  /** Audit path of RFC 6962, from the leaf upwards. */
  readonly path: readonly string[]
}

/** That the tree of the first `from` records is the beginning of the one of the first `size`. */
export interface ConsistencyProof {
  readonly from: number
  readonly size: number
  readonly fromRoot: string
  readonly root: string
  readonly path: readonly string[]
}

/** Throws a ProofError. */
export async function inclusionOf(
  tree: TileTree,
  seq: number,
  size: number,
): Promise<InclusionProof> {
  if (size > tree.size) throw new ProofError(`there are ${tree.size} records, not ${size}`)
  if (seq >= size) throw new ProofError(`record ${seq} is not among the first ${size} records`)
  const path = await inclusionProof(tree, seq, size)
  const [leaf, root] = [await tree.leaf(seq), await tree.rootAt(size)]
  return { seq, size, leaf: base64(leaf), root: base64(root), path: path.map(base64) }
}

/** Throws a ProofError. */
export async function consistencyOf(
  tree: TileTree,
  from: number,
  size: number,
): Promise<ConsistencyProof> {
  if (size > tree.size) throw new ProofError(`there are ${tree.size} records, not ${size}`)
  if (from > size) throw new ProofError(`the first ${from} records are more than ${size}`)
  const path = await consistencyProof(tree, from, size)
  const [fromRoot, root] = [await tree.rootAt(from), await tree.rootAt(size)]
  return { from, size, fromRoot: base64(fromRoot), root: base64(root), path: path.map(base64) }
}

const base64 = (hash: Buffer): string => hash.toString('base64')

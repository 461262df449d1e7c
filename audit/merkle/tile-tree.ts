import type { Disk } from '../../kit/index.ts'
import { MerkleFrontier, subtreeLevels } from './frontier.ts'
import type { TreeHash } from './hashes.ts'
import { HASH_BYTES, leafHash, nodeHash } from './hashes.ts'
import type { SubtreeRoots } from './proofs.ts'
import { TileRow } from './tile-row.ts'

/** Hashes in a tile: a row keeps every eighth level of the tree, the others are worked out of it. */
const TILE_LEVELS = 8
const TILE_HASHES = 2 ** TILE_LEVELS

/** Rows for more leaves than a sequence number can count. */
const ROWS = 7

/**
 * The Merkle tree over the stored records, kept tile-wise (the rows of C2SP tlog-tiles): row r has
 * the roots of all complete subtrees of 256^r leaves. The files can be worked out again from the
 * history; they are there so that a proof reads some kilobytes and a start reads next to nothing.
 */
export class TileTree implements SubtreeRoots {
  readonly #rows: readonly TileRow[]
  /** Hashes of the tile of each row that is not complete. */
  readonly #tiles: TreeHash[][] = []
  #frontier = new MerkleFrontier()

  constructor(disk: Disk, directory: string) {
    this.#rows = Array.from(
      { length: ROWS },
      (_, row) => new TileRow(disk, `${directory}/tree-${row}`),
    )
    this.#tiles = this.#rows.map(() => [])
  }

  /** Number of leaves. */
  get size(): number {
    return this.#frontier.size
  }

  root(): TreeHash {
    return this.#frontier.root()
  }

  /** The right edge: what somebody needs to append further leaves. */
  get edge(): readonly TreeHash[] {
    return this.#frontier.roots
  }

  /**
   * Goes on with the tree of the first `size` leaves that the files hold, when its root is the one
   * that is expected; else begins anew and answers false.
   */
  async resume(size: number, root: TreeHash): Promise<boolean> {
    if (await this.#load(size)) {
      if (this.root().equals(root)) return true
    }
    await this.#load(0)
    return false
  }

  append(record: Uint8Array): void {
    this.appendLeaf(leafHash(record))
  }

  appendLeaf(leaf: TreeHash): void {
    this.#frontier.append(leaf)
    let hash = leaf
    for (const [row, tile] of this.#tiles.entries()) {
      this.#rows[row]?.append(hash)
      tile.push(hash)
      if (tile.length < TILE_HASHES) return
      hash = rootOf(tile)
      tile.length = 0
    }
  }

  async subtreeRoot(level: number, index: number): Promise<TreeHash> {
    const row = Math.floor(level / TILE_LEVELS)
    const count = 2 ** (level % TILE_LEVELS)
    const hashes = await this.#rows[row]?.read(index * count, count)
    if (!hashes) throw new RangeError(`a tree has no level ${level}`)
    return rootOf(hashes)
  }

  /** The hash of one record. Throws a RangeError when there is none. */
  leaf(seq: number): Promise<TreeHash> {
    return this.subtreeRoot(0, seq)
  }

  /** Root of the first `size` leaves. */
  async rootAt(size: number): Promise<TreeHash> {
    return new MerkleFrontier(size, await this.edgeAt(size)).root()
  }

  /** The right edge of the tree of the first `size` leaves. */
  async edgeAt(size: number): Promise<readonly TreeHash[]> {
    const roots: TreeHash[] = []
    let from = 0
    for (const level of subtreeLevels(size)) {
      const count = 2 ** level
      roots.push(await this.subtreeRoot(level, from / count))
      from += count
    }
    return roots
  }

  /** Makes all leaves durable. One call at a time. */
  async flush(): Promise<void> {
    for (const row of this.#rows) await row.flush()
  }

  async close(): Promise<void> {
    for (const row of this.#rows) await row.close()
  }

  async #load(size: number): Promise<boolean> {
    let count = size
    for (const [at, row] of this.#rows.entries()) {
      if (!(await row.resume(count))) return false
      const inTile = count % TILE_HASHES
      this.#tiles[at] = [...(await row.read(count - inTile, inTile))]
      count = Math.floor(count / TILE_HASHES)
    }
    this.#frontier = new MerkleFrontier(size, await this.edgeAt(size))
    return true
  }
}

/** Root over hashes whose number is a power of two. */
function rootOf(hashes: readonly TreeHash[]): TreeHash {
  let level = hashes
  while (level.length > 1) {
    const above: TreeHash[] = []
    for (let at = 0; at < level.length; at += 2) {
      above.push(nodeHash(level[at] ?? NOTHING, level[at + 1] ?? NOTHING))
    }
    level = above
  }
  return level[0] ?? NOTHING
}

const NOTHING: TreeHash = Buffer.alloc(HASH_BYTES)

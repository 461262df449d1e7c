import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSimDisk } from '../../kit/testing.ts'
import { MerkleFrontier, subtreeLevels } from './frontier.ts'
import type { TreeHash } from './hashes.ts'
import { EMPTY_ROOT, leafHash, nodeHash } from './hashes.ts'
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './proofs.ts'
import { TileTree } from './tile-tree.ts'

/** The leaves and the roots that implementations of RFC 6962 test with. */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'))

const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

/** Merkle tree hash as RFC 6962 (2.1) writes it down. */
function definition(leaves: readonly TreeHash[]): TreeHash {
  const [first] = leaves
  if (!first) return EMPTY_ROOT
  if (leaves.length === 1) return first
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return nodeHash(definition(leaves.slice(0, split)), definition(leaves.slice(split)))
}

function treeOf(leaves: readonly Uint8Array[]): TileTree {
  const tree = new TileTree(createSimDisk(), '/tree')
  for (const leaf of leaves) tree.append(leaf)
  return tree
}

const numbered = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(`record ${index}`))

const hex = (hashes: readonly TreeHash[]): string[] => hashes.map((hash) => hash.toString('hex'))

describe('the Merkle tree', () => {
  it('has the roots that RFC 6962 implementations know', () => {
    const frontier = new MerkleFrontier()
    const roots = [frontier.root()]
    for (const leaf of LEAVES) {
      frontier.append(leafHash(leaf))
      roots.push(frontier.root())
    }
    expect(hex(roots)).toEqual(ROOTS)
  })

  it('gives the known proofs of eight leaves', async () => {
    const tree = treeOf(LEAVES)
    expect(hex(await inclusionProof(tree, 5, 8))).toEqual([
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ])
    expect(hex(await consistencyProof(tree, 6, 8))).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ])
  })

  it('has the root of the definition at every size', async () => {
    const leaves = numbered(70)
    const tree = treeOf(leaves)
    const hashes = leaves.map(leafHash)
    for (let size = 0; size <= leaves.length; size++) {
      expect(await tree.rootAt(size)).toEqual(definition(hashes.slice(0, size)))
    }
    expect(tree.root()).toEqual(definition(hashes))
  })

  it('proves every leaf in every tree, and nothing else', async () => {
    const leaves = numbered(40)
    const tree = treeOf(leaves)
    for (let size = 1; size <= leaves.length; size++) {
      const root = await tree.rootAt(size)
      for (let leaf = 0; leaf < size; leaf++) {
        const path = await inclusionProof(tree, leaf, size)
        const hash = await tree.leaf(leaf)
        expect(verifyInclusion(hash, leaf, size, path, root)).toBe(true)
        expect(verifyInclusion(hash, leaf + 1, size, path, root)).toBe(false)
        expect(verifyInclusion(hash, leaf, size, [...path, root], root)).toBe(false)
        expect(verifyInclusion(hash, leaf, size, path.slice(1), root)).toBe(size === 1)
        expect(verifyInclusion(leafHash(root), leaf, size, path, root)).toBe(false)
      }
    }
  })

  it('proves every tree to be the beginning of every later one, and nothing else', async () => {
    const tree = treeOf(numbered(40))
    const other = treeOf(numbered(41).slice(1))
    for (let size = 0; size <= 40; size++) {
      const root = await tree.rootAt(size)
      for (let oldSize = 0; oldSize <= size; oldSize++) {
        const path = await consistencyProof(tree, oldSize, size)
        const oldRoot = await tree.rootAt(oldSize)
        expect(verifyConsistency(oldSize, size, oldRoot, root, path)).toBe(true)
        if (oldSize === 0) continue
        const otherRoot = await other.rootAt(oldSize)
        expect(verifyConsistency(oldSize, size, otherRoot, root, path)).toBe(false)
        expect(verifyConsistency(oldSize, size, oldRoot, root, [...path, root])).toBe(false)
        expect(verifyConsistency(size, oldSize - 1, root, oldRoot, path)).toBe(false)
      }
    }
  })

  it('answers for trees of more than one tile as for small ones', async () => {
    const count = 256 * 3 + 77
    const tree = treeOf(numbered(count))
    const sizes = fc.integer({ min: 1, max: count })
    await fc.assert(
      fc.asyncProperty(sizes, sizes, async (one, two) => {
        const [oldSize, size] = [Math.min(one, two), Math.max(one, two)]
        const [oldRoot, root] = [await tree.rootAt(oldSize), await tree.rootAt(size)]
        const consistency = await consistencyProof(tree, oldSize, size)
        expect(verifyConsistency(oldSize, size, oldRoot, root, consistency)).toBe(true)
        const inclusion = await inclusionProof(tree, oldSize - 1, size)
        const leaf = await tree.leaf(oldSize - 1)
        expect(verifyInclusion(leaf, oldSize - 1, size, inclusion, root)).toBe(true)
      }),
      { numRuns: 200, seed: 1 },
    )
  })

  it('refuses proofs of what is not there', async () => {
    const tree = treeOf(LEAVES)
    await expect(inclusionProof(tree, 8, 8)).rejects.toThrow(RangeError)
    await expect(inclusionProof(tree, 3, 9)).rejects.toThrow(RangeError)
    await expect(consistencyProof(tree, 9, 8)).rejects.toThrow(RangeError)
    expect(() => new MerkleFrontier(3, [EMPTY_ROOT])).toThrow(RangeError)
    expect(subtreeLevels(0)).toEqual([])
  })
})

describe('the tree on disk', () => {
  const leaves = numbered(1000)

  it('goes on where it was flushed', async () => {
    const disk = createSimDisk()
    await disk.makeDirectory('/tree')
    const tree = new TileTree(disk, '/tree')
    for (const leaf of leaves.slice(0, 700)) tree.append(leaf)
    await tree.flush()
    const root = tree.root()
    for (const leaf of leaves.slice(700)) tree.append(leaf)
    const end = tree.root()

    const resumed = new TileTree(disk, '/tree')
    expect(await resumed.resume(700, root)).toBe(true)
    for (const leaf of leaves.slice(700)) resumed.append(leaf)
    await resumed.flush()
    expect(resumed.root()).toEqual(end)
    expect(await resumed.rootAt(650)).toEqual(await tree.rootAt(650))
    await Promise.all([tree.close(), resumed.close()])
  })

  it('begins anew when the files are not those of the root', async () => {
    const disk = createSimDisk()
    await disk.makeDirectory('/tree')
    const tree = new TileTree(disk, '/tree')
    for (const leaf of leaves) tree.append(leaf)
    await tree.flush()
    const resumed = new TileTree(disk, '/tree')
    expect(await resumed.resume(1000, EMPTY_ROOT)).toBe(false)
    expect(await resumed.resume(1001, tree.root())).toBe(false)
    expect(resumed.size).toBe(0)
    for (const leaf of leaves) resumed.append(leaf)
    expect(resumed.root()).toEqual(tree.root())
    await Promise.all([tree.close(), resumed.close()])
  })
})

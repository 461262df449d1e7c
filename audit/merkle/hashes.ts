import { hash } from 'node:crypto'

/** Bytes of a hash in the tree (SHA-256). */
export const HASH_BYTES = 32

/** A hash over one record or over a whole subtree: 32 bytes. */
export type TreeHash = Buffer

/** The root of a tree without leaves (RFC 6962, 2.1): the hash of nothing. */
export const EMPTY_ROOT: TreeHash = sha256(Buffer.alloc(0))

export function sha256(bytes: Uint8Array | string): Buffer {
  return hash('sha256', bytes, 'buffer')
}

/** The hash of a stored record (RFC 6962, 2.1). The first byte keeps leaves and nodes apart. */
export function leafHash(bytes: Uint8Array): TreeHash {
  const input = Buffer.allocUnsafe(bytes.length + 1)
  input[0] = 0
  input.set(bytes, 1)
  return sha256(input)
}

/**
 * The same in base64, of a record that has a byte of room before it in `buffer`, which is overwritten:
 * so nothing is copied.
 */
export function leafHashText(buffer: Buffer, recordAt: number, sizeBytes: number): string {
  buffer[recordAt - 1] = 0
  return hash('sha256', buffer.subarray(recordAt - 1, recordAt + sizeBytes), 'base64')
}

// One buffer for all nodes: hashing is synchronous, and a tree of a million leaves has a million nodes.
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, 1)

/** The hash of a node over its two children (RFC 6962, 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): TreeHash {
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + HASH_BYTES)
  return sha256(nodeInput)
}

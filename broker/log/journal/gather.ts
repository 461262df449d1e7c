import { RING_CAPACITY, RING_STRIDE } from './worker-protocol.ts'

const MAX_PIECES = 512
const MAX_WRITE_BYTES = 8 * 1024 * 1024

/** One stretch of a file, in pieces of memory. */
export interface Gathered {
  readonly slot: number
  readonly position: number
  readonly pieces: Uint8Array[]
  readonly sizeBytes: number
  /** Writes of the queue that it covers. */
  readonly count: number
}

/** One stretch of a file, made of the queued writes from `from` on: as many as follow each other. */
export function gather(
  ring: Int32Array,
  memory: (id: number) => SharedArrayBuffer,
  from: number,
  queued: number,
): Gathered {
  const pieces: Uint8Array[] = []
  let slot = -1
  let position = 0
  let sizeBytes = 0
  let count = 0
  let pieceMemory = -1
  let pieceStart = 0
  let pieceBytes = 0
  const flushPiece = (): void => {
    if (pieceBytes > 0) pieces.push(new Uint8Array(memory(pieceMemory), pieceStart, pieceBytes))
  }
  while (((from + count) | 0) !== queued && pieces.length < MAX_PIECES) {
    const at = (((from + count) >>> 0) % RING_CAPACITY) * RING_STRIDE
    const memoryId = ring[at] as number
    const start = ring[at + 1] as number
    const lengthBytes = ring[at + 2] as number
    if (count === 0) {
      slot = ring[at + 3] as number
      position = ring[at + 4] as number
    } else {
      const follows = ring[at + 3] === slot && ring[at + 4] === position + sizeBytes
      if (!follows || sizeBytes + lengthBytes > MAX_WRITE_BYTES) break
    }
    if (memoryId === pieceMemory && start === pieceStart + pieceBytes) {
      pieceBytes += lengthBytes
    } else {
      flushPiece()
      pieceMemory = memoryId
      pieceStart = start
      pieceBytes = lengthBytes
    }
    sizeBytes += lengthBytes
    count++
  }
  flushPiece()
  return { slot, position, pieces, sizeBytes, count }
}

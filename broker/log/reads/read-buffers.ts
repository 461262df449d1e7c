import { alignedBuffer } from '../../../kit/index.ts'

const KIB = 1024
/** Reads of less get memory of their own: for them the allocator is as fast. */
const SMALLEST_BYTES = 64 * KIB
const SIZES = 5

/** What a read of a round number of bytes takes on top, because its first batch begins a little before. */
function withMargin(sizeBytes: number): number {
  return sizeBytes + sizeBytes / 16
}

/** Room for a mebibyte, which most clients ask of a partition, and what lies before its first batch. */
export const LARGEST_READ_BYTES = withMargin(SMALLEST_BYTES << (SIZES - 1))

/**
 * Memory for reads from segment files, used again and again. Large buffers that are left to the
 * garbage collector cost many times what reading into them costs: each asks the kernel for
 * new pages, and all together they make it collect the whole heap several times a second.
 *
 * The sizes double from 68 KiB to 1,088 KiB, so a buffer is at most twice as large as what was
 * asked for. At most `keptBytes` lie idle.
 */
export class ReadBuffers {
  readonly #keptBytes: number
  /** Idle buffers by size, the smallest first. */
  readonly #idle: Buffer[][] = Array.from({ length: SIZES }, () => [])
  #idleBytes = 0

  constructor(keptBytes: number) {
    this.#keptBytes = keptBytes
  }

  get idleBytes(): number {
    return this.#idleBytes
  }

  /** At least `sizeBytes`, holding whatever was there before. Give it back once nobody looks at it. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes <= SMALLEST_BYTES / 2) return Buffer.allocUnsafe(sizeBytes)
    if (sizeBytes > LARGEST_READ_BYTES) return Buffer.allocUnsafeSlow(sizeBytes)
    let size = 0
    while (bytesOf(size) < sizeBytes) size++
    const idle = this.#idle[size]?.pop()
    if (idle === undefined) return alignedBuffer(bytesOf(size))
    this.#idleBytes -= idle.length
    return idle
  }

  /** Takes back what `take` gave, whatever its size; what is not worth keeping is forgotten. */
  give(buffer: Buffer): void {
    const idle = this.#idle.find((_, size) => bytesOf(size) === buffer.length)
    if (idle === undefined) return
    idle.push(buffer)
    this.#idleBytes += buffer.length
    while (this.#idleBytes > this.#keptBytes) this.#forgetOne()
  }

  /** Of the size that most memory lies idle in, so that a change of sizes does not leave the old one here. */
  #forgetOne(): void {
    let most = 0
    for (let size = 1; size < SIZES; size++) {
      if (this.#bytesIdleAt(size) > this.#bytesIdleAt(most)) most = size
    }
    this.#idleBytes -= this.#idle[most]?.pop()?.length ?? 0
  }

  #bytesIdleAt(size: number): number {
    return (this.#idle[size]?.length ?? 0) * bytesOf(size)
  }
}

function bytesOf(size: number): number {
  return withMargin(SMALLEST_BYTES << size)
}

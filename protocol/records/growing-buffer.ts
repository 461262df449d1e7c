const FIRST_BYTES = 1024

/** Memory that doubles when it is full. Whoever writes reserves first, then writes at `position` and moves it. */
export class GrowingBuffer {
  memory: Buffer = Buffer.allocUnsafe(FIRST_BYTES)
  position = 0

  /** Makes room for `moreBytes`; `memory` may be another one afterwards. */
  reserve(moreBytes: number): void {
    const neededBytes = this.position + moreBytes
    if (neededBytes <= this.memory.length) return
    const grown = Buffer.allocUnsafe(Math.max(neededBytes, 2 * this.memory.length))
    this.memory.copy(grown, 0, 0, this.position)
    this.memory = grown
  }

  /** Everything so far; good until more is written. */
  bytes(): Buffer {
    return this.memory.subarray(0, this.position)
  }
}

/** Numbers per batch in the ring below, in this order. */
const STRIDE = 6
const BASE_OFFSET = 0
const NEXT_OFFSET = 1
const CHUNK_SERIAL = 2
const POSITION = 3
const SIZE_BYTES = 4
const MAX_TIMESTAMP = 5

const FIRST_CAPACITY = 8

/**
 * Where a partition's recent batches lie in the arena, oldest first. A batch has an index that
 * never changes and grows by one per batch; `first` to `end` (exclusive) are here. Batches before
 * `unwritten` are in a segment file already and may leave with their chunk.
 *
 * One interleaved array of numbers: a batch's facts share a cache line, and ten thousand idle
 * partitions cost one small object each.
 */
export class HotBatches {
  #ring = new Float64Array(0)
  #mask = -1
  #first = 0
  #end = 0
  /** Index of the first batch that is not in a segment file. */
  unwritten = 0

  get first(): number {
    return this.#first
  }

  get end(): number {
    return this.#end
  }

  /** Bytes that the index itself takes. */
  get indexBytes(): number {
    return this.#ring.byteLength
  }

  push(
    baseOffset: number,
    nextOffset: number,
    chunkSerial: number,
    position: number,
    sizeBytes: number,
    maxTimestampMs: number,
  ): void {
    if (this.#end - this.#first > this.#mask) this.#grow()
    const at = (this.#end & this.#mask) * STRIDE
    this.#end++
    const ring = this.#ring
    ring[at + BASE_OFFSET] = baseOffset
    ring[at + NEXT_OFFSET] = nextOffset
    ring[at + CHUNK_SERIAL] = chunkSerial
    ring[at + POSITION] = position
    ring[at + SIZE_BYTES] = sizeBytes
    ring[at + MAX_TIMESTAMP] = maxTimestampMs
  }

  baseOffset(index: number): number {
    return this.#get(index, BASE_OFFSET)
  }

  nextOffset(index: number): number {
    return this.#get(index, NEXT_OFFSET)
  }

  chunkSerial(index: number): number {
    return this.#get(index, CHUNK_SERIAL)
  }

  position(index: number): number {
    return this.#get(index, POSITION)
  }

  sizeBytes(index: number): number {
    return this.#get(index, SIZE_BYTES)
  }

  maxTimestampMs(index: number): number {
    return this.#get(index, MAX_TIMESTAMP)
  }

  /** Index of the batch that holds `offset`, or of the first one after it; `end` when there is none. */
  find(offset: number): number {
    let low = this.#first
    let high = this.#end
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (this.nextOffset(middle) > offset) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Forgets written batches whose chunk left the window. */
  dropBefore(chunkSerial: number): void {
    while (this.#first < this.unwritten && this.chunkSerial(this.#first) < chunkSerial) {
      this.#first++
    }
    if (this.#first === this.#end && this.#mask >= FIRST_CAPACITY) this.#release()
  }

  /** Forgets written batches below an offset. */
  dropBelow(offset: number): void {
    while (this.#first < this.unwritten && this.nextOffset(this.#first) <= offset) this.#first++
  }

  /** Forgets batches from `index` on. */
  cut(index: number): void {
    this.#end = Math.max(this.#first, index)
    this.unwritten = Math.min(this.unwritten, this.#end)
  }

  #get(index: number, field: number): number {
    return this.#ring[(index & this.#mask) * STRIDE + field] as number
  }

  #release(): void {
    this.#ring = new Float64Array(0)
    this.#mask = -1
  }

  #grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, (this.#mask + 1) * 2)
    const ring = new Float64Array(capacity * STRIDE)
    for (let index = this.#first; index < this.#end; index++) {
      const from = (index & this.#mask) * STRIDE
      ring.set(this.#ring.subarray(from, from + STRIDE), (index & (capacity - 1)) * STRIDE)
    }
    this.#ring = ring
    this.#mask = capacity - 1
  }
}

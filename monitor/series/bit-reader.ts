/** Reads what a BitWriter wrote. Behind the end there are zeros: counts say where to stop. */
export class BitReader {
  readonly #bytes: Uint8Array
  #bits = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  bit(): number {
    const at = this.#bits++
    return ((this.#bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1
  }

  /** 0 to 32 bits, as an unsigned number. */
  read(count: number): number {
    let value = 0
    let left = count
    while (left > 0) {
      const available = 8 - (this.#bits & 7)
      const taken = Math.min(available, left)
      const byte = this.#bytes[this.#bits >> 3] ?? 0
      value = (value << taken) | ((byte >> (available - taken)) & ((1 << taken) - 1))
      this.#bits += taken
      left -= taken
    }
    return value >>> 0
  }
}

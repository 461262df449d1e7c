import type { Random } from '../../kit/index.ts'

/**
 * Hashes texts to 64 bits under a random key, by HalfSipHash-1-3 over code units (Aumasson and Bernstein): whoever chooses a text cannot
 * choose its hash too, as of any hash without a key. The result is kept here, so that none is allocated for a line.
 */
export class KeyedHash {
  low = 0
  high = 0
  readonly #key0: number
  readonly #key1: number

  constructor(random: Random) {
    const key = random.bytes(8)
    this.#key0 = key.readInt32LE(0)
    this.#key1 = key.readInt32LE(4)
  }

  of(text: string): void {
    const { length } = text
    let v0 = this.#key0
    let v1 = this.#key1 ^ 0xee
    let v2 = 0x6c79_6765 ^ this.#key0
    let v3 = 0x7465_6462 ^ this.#key1
    // The words of the text, two code units each; one with its length; then the rounds at the end, and those between the halves.
    const ended = (length >> 1) + 1
    for (let word = 0; word < ended + 2 * FINAL_ROUNDS; word++) {
      const at = word * 2
      let message = 0
      if (at + 1 < length) message = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)
      else if (word < ended) message = (length << 16) | (at < length ? text.charCodeAt(at) : 0)
      else if (word === ended) v2 ^= 0xee
      else if (word === ended + FINAL_ROUNDS) {
        this.low = (v1 ^ v3) >>> 0
        v1 ^= 0xdd
      }
      v3 ^= message
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= message
    }
    this.high = (v1 ^ v3) >>> 0
  }
}

const FINAL_ROUNDS = 3

import type { Random } from '../../kit/index.ts'
import { HashedNumbers } from '../series/index.ts'
import { KeyedHash } from './keyed-hash.ts'

const FIRST_PLACES = 256

/**
 * The series of one target by how they stand in its text, so that the next scrape need not parse their labels. Of a text only 64 bits
 * of hash are kept: among a million texts two of the same are as likely as 1 to 37 million. The hash has a key, for clients of
 * a broker name topics and themselves: without one they could make a name whose series count as those of another.
 */
export class KnownSeries {
  #places = new HashedNumbers()
  #low = new Uint32Array(FIRST_PLACES)
  #high = new Uint32Array(FIRST_PLACES)
  #numbers = new Uint32Array(FIRST_PLACES)
  /** The scrape that had it last. */
  #seenAt = new Uint32Array(FIRST_PLACES)
  readonly #hash: KeyedHash
  readonly #isHashed = (place: number): boolean => this.#high[place] === this.#hash.high

  constructor(random: Random) {
    this.#hash = new KeyedHash(random)
  }

  get size(): number {
    return this.#places.size
  }

  /** The place of a text; null when it is not known. Places are valid until some are forgotten. */
  find(text: string): number | null {
    this.#hash.of(text)
    return this.#places.find(this.#hash.low, this.#isHashed)
  }

  /** Of a text that is not known yet. */
  add(text: string, number: number, scrape: number): void {
    this.#hash.of(text)
    this.#append(this.#hash.low, this.#hash.high, number, scrape)
  }

  numberAt(place: number): number {
    return this.#numbers[place] as number
  }

  /** The series has got another number. */
  renumber(place: number, number: number): void {
    this.#numbers[place] = number
  }

  see(place: number, scrape: number): void {
    this.#seenAt[place] = scrape
  }

  /** A scrape that came to nothing has seen nothing. */
  unsee(scrape: number): void {
    for (let place = 0; place < this.size; place++)
      if (this.#seenAt[place] === scrape) this.#seenAt[place] = scrape - 1
  }

  /** Numbers of the series that came last in one of these scrapes. */
  *lastSeen(firstScrape: number, lastScrape: number): Generator<number> {
    for (let place = 0; place < this.size; place++) {
      const seenAt = this.#seenAt[place] as number
      if (seenAt >= firstScrape && seenAt <= lastScrape) yield this.#numbers[place] as number
    }
  }

  /** Forgets those that no scrape has had from this one on. */
  forgetBefore(scrape: number): void {
    const count = this.size
    const isKept = (place: number): boolean => (this.#seenAt[place] as number) >= scrape
    let first = 0
    while (first < count && isKept(first)) first++
    if (first === count) return
    const [low, high, numbers, seenAt] = [this.#low, this.#high, this.#numbers, this.#seenAt]
    const kept = Array.from({ length: count }, (_, place) => place).filter(isKept)
    this.#places = new HashedNumbers()
    this.#resize(FIRST_PLACES)
    for (const place of kept) {
      const [number, seen] = [numbers[place] as number, seenAt[place] as number]
      this.#append(low[place] as number, high[place] as number, number, seen)
    }
  }

  #append(low: number, high: number, number: number, scrape: number): void {
    const place = this.size
    if (place === this.#low.length) this.#resize(place * 2)
    this.#low[place] = low
    this.#high[place] = high
    this.#numbers[place] = number
    this.#seenAt[place] = scrape
    this.#places.add(low, place)
  }

  #resize(length: number): void {
    this.#low = resized(this.#low, length)
    this.#high = resized(this.#high, length)
    this.#numbers = resized(this.#numbers, length)
    this.#seenAt = resized(this.#seenAt, length)
  }
}

function resized(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(length)
  next.set(array.subarray(0, length))
  return next
}

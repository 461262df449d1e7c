import type { Random } from '../../kit/index.ts'

/** Widest gap that is drawn: the ratio of one in a billion. */
const MAX_GAP = 2 ** 31

/**
 * Picks one in so many, at random places, for the price of counting down: whether a request is traced
 * does not depend on what came before it, and costs nothing where none is.
 */
export class RatioSampler {
  readonly #random: Random
  #ratio = 0
  #left = Infinity

  constructor(random: Random) {
    this.#random = random
  }

  /** 0 for none to 1 for all. */
  set ratio(ratio: number) {
    if (ratio === this.#ratio) return
    this.#ratio = ratio
    this.#left = this.#gap()
  }

  take(): boolean {
    this.#left -= 1
    if (this.#left > 0) return false
    this.#left = this.#gap()
    return true
  }

  /** Uniform around 1 / ratio, which is its mean. */
  #gap(): number {
    if (this.#ratio <= 0) return Infinity
    if (this.#ratio >= 1) return 1
    const spread = Math.min(MAX_GAP, Math.round(2 / this.#ratio) - 1)
    return 1 + this.#random.below(spread)
  }
}

const SECOND_MS = 1000

/** So many a second and no more; what is left of a second is gone with it. */
export class SecondBudget {
  #perSecond = 0
  #left = 0
  #secondFromMs = -Infinity

  set perSecond(perSecond: number) {
    this.#perSecond = perSecond
    this.#left = Math.min(this.#left, perSecond)
  }

  take(nowMs: number): boolean {
    // The wall clock may be set back as well.
    if (Math.abs(nowMs - this.#secondFromMs) >= SECOND_MS) {
      this.#secondFromMs = nowMs
      this.#left = this.#perSecond
    }
    if (this.#left <= 0) return false
    this.#left -= 1
    return true
  }
}

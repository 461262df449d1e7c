/** Texts beyond are copied each for itself. */
const MAX_TEXTS = 20_000
const MAX_LENGTH = 64

/**
 * One copy of each text, such as the name of a label or the name of a topic that thousands of series have. A part of a
 * scraped page would keep all of the page in memory, so what is given out is never a part of anything.
 */
export class SharedTexts {
  readonly #texts = new Map<string, string>()

  of(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const copy = Buffer.from(text).toString()
    if (copy.length <= MAX_LENGTH) {
      // Begun anew rather than frozen: texts of clients that are long gone must not keep out those of today.
      if (this.#texts.size >= MAX_TEXTS) this.#texts.clear()
      this.#texts.set(copy, copy)
    }
    return copy
  }
}

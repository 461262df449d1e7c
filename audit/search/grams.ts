/**
 * Grams: three characters in a row, each reduced to one of 64 classes, as a number of 18 bits. The
 * classes lose a little (a hit is looked at anyway) and keep the order of the characters, so that
 * the grams that begin with one or two characters are a range of numbers.
 */
export const GRAMS = 2 ** 18

const CLASS_BITS = 6
const CLASS_MASK = 2 ** CLASS_BITS - 1

/** Letters, digits and what names are made of have classes of their own; the rest shares. */
const OWN_CLASSES = '\nabcdefghijklmnopqrstuvwxyz0123456789-_.:/@=,*+ "{}[]'
const SHARED_FROM = OWN_CLASSES.length
const SHARED = 2 ** CLASS_BITS - SHARED_FROM

const ASCII_CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const own = OWN_CLASSES.indexOf(String.fromCharCode(code))
  return own >= 0 ? own : SHARED_FROM + (code % SHARED)
})

function classOf(code: number): number {
  return ASCII_CLASSES[code] ?? SHARED_FROM + (code % SHARED)
}

/** Calls `visit` for each gram of the text, as often as it is there. */
export function eachGram(text: string, visit: (gram: number) => void): void {
  let gram = 0
  for (let at = 0; at < text.length; at++) {
    gram = ((gram << CLASS_BITS) | classOf(text.charCodeAt(at))) & (GRAMS - 1)
    if (at >= 2) visit(gram)
  }
}

/** Grams from `low` to `high`, both included: a record that has the word has at least one of them. */
export interface GramRange {
  readonly low: number
  readonly high: number
}

/** What a record that has this word in its text must have: one gram out of each range. */
export function rangesOf(word: string): readonly GramRange[] {
  if (word.length >= 3) {
    const grams = new Set<number>()
    eachGram(word, (gram) => grams.add(gram))
    return [...grams].map((gram) => ({ low: gram, high: gram }))
  }
  const missing = CLASS_BITS * (3 - word.length)
  let start = 0
  for (let at = 0; at < word.length; at++) {
    start = (start << CLASS_BITS) | (classOf(word.charCodeAt(at)) & CLASS_MASK)
  }
  const low = start << missing
  return [{ low, high: low + 2 ** missing - 1 }]
}

import { randomBytes, randomInt } from 'node:crypto'

/** Randomness as the rest of the house sees it; a test gives a seeded one. */
export interface Random {
  /** `sizeBytes` unpredictable bytes. */
  bytes(sizeBytes: number): Buffer
  /** A whole number in [0, exclusiveMax), exclusiveMax at most 2^48 - 1. */
  below(exclusiveMax: number): number
}

export const systemRandom: Random = {
  bytes: (sizeBytes) => randomBytes(sizeBytes),
  below: (exclusiveMax) => randomInt(exclusiveMax),
}

/** A reproducible source for tests (mulberry32): the same seed gives the same run. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next32 = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  return {
    bytes(sizeBytes) {
      const out = Buffer.alloc(sizeBytes)
      for (let i = 0; i < sizeBytes; i++) out[i] = next32() & 0xff
      return out
    },
    below(exclusiveMax) {
      const unit = (next32() * 0x20_0000 + (next32() >>> 11)) / 0x20_0000_0000_0000
      return Math.floor(unit * exclusiveMax)
    },
  }
}

import type { Random } from '../random.ts'
import { seededRandom } from '../random.ts'
import { SECTOR_BYTES } from './page-table.ts'

/**
 * What a crash leaves of everything that was not synced. Plain data: printed as JSON it is enough
 * to run the same crash again.
 *
 * - `process-kill`: the process died and the machine did not; the page cache is as it was, which
 *   means that nothing of it became durable either.
 * - `everything`: power loss right after all was written back.
 * - `nothing`: power loss before anything was written back.
 * - `names`: the file system's journal reached the disk (names and sizes), the data did not.
 * - `data`: the other way round.
 * - `numbered`: the n-th of all combinations of whole pages, sizes and names.
 * - `random`: every page (or sector) and name on its own, newer states with `keepPercent`.
 */
export type CrashChoice = { readonly kind: 'process-kill' } | PowerLoss

export type PowerLoss =
  | { readonly kind: 'everything' | 'nothing' | 'names' | 'data' }
  | { readonly kind: 'numbered'; readonly number: number }
  | {
      readonly kind: 'random'
      readonly seed: number
      readonly keepPercent: number
      readonly unit: 'page' | 'sector'
    }

/**
 * Decides, for one crash, which of the legal states of each un-synced thing is found afterwards.
 * States are numbered from 0, the last one known durable, to the newest.
 */
export interface CrashChooser {
  page(states: number): number
  size(states: number): number
  name(): boolean
  /** Whether the sectors of a page may come from different states. */
  readonly tearsPages: boolean
  /** How far a file's growth from `fromBytes` to `toBytes` got. */
  growth(fromBytes: number, toBytes: number): number
}

export function chooserFor(choice: PowerLoss): CrashChooser {
  switch (choice.kind) {
    case 'everything':
      return fixedChooser(true, true)
    case 'nothing':
      return fixedChooser(false, false)
    case 'names':
      return fixedChooser(true, false)
    case 'data':
      return fixedChooser(false, true)
    case 'numbered':
      return numberedChooser(choice.number)
    case 'random':
      return randomChooser(seededRandom(choice.seed), choice.keepPercent, choice.unit)
  }
}

function fixedChooser(keepsNames: boolean, keepsData: boolean): CrashChooser {
  return {
    page: (states) => (keepsData ? states - 1 : 0),
    size: (states) => (keepsNames ? states - 1 : 0),
    name: () => keepsNames,
    tearsPages: false,
    growth: (_fromBytes, toBytes) => toBytes,
  }
}

/** Reads the number as digits, one for each thing that is asked for, in the order of asking. */
function numberedChooser(number: number): CrashChooser {
  let left = number
  const digit = (base: number): number => {
    const value = left % base
    left = Math.floor(left / base)
    return value
  }
  return {
    page: digit,
    size: digit,
    name: () => digit(2) === 1,
    tearsPages: false,
    growth: (_fromBytes, toBytes) => toBytes,
  }
}

function randomChooser(random: Random, keepPercent: number, unit: 'page' | 'sector'): CrashChooser {
  const state = (states: number): number => {
    if (states === 1 || random.below(100) >= keepPercent) return 0
    // Mostly the newest, for writeback takes what it finds; sometimes one that was overwritten since.
    return random.below(4) === 0 ? 1 + random.below(states - 1) : states - 1
  }
  return {
    page: state,
    size: state,
    name: () => random.below(100) < keepPercent,
    tearsPages: unit === 'sector',
    growth(fromBytes, toBytes) {
      if (random.below(3) > 0) return toBytes
      const cut = fromBytes + random.below(toBytes - fromBytes + 1)
      return Math.max(fromBytes, cut - (cut % SECTOR_BYTES))
    },
  }
}

/** Counts the combinations that `numbered` choices can tell apart. Never above `limit` + 1. */
export function countingChooser(limit: number): CrashChooser & { readonly combinations: number } {
  let combinations = 1
  const count = (states: number): number => {
    combinations = Math.min(limit + 1, combinations * states)
    return 0
  }
  return {
    page: count,
    size: count,
    name: () => count(2) === 1,
    tearsPages: false,
    growth: (_fromBytes, toBytes) => toBytes,
    get combinations() {
      return combinations
    },
  }
}

/**
 * At most `limit` choices, the process's end alone always among them: all whole-page combinations
 * when there are so few, otherwise the extremes and random ones from sparse to nearly complete, by page and by sector in turn.
 */
export function choicesFor(combinations: number, limit: number, seed: number): CrashChoice[] {
  if (combinations < limit) {
    const all = Array.from(
      { length: combinations },
      (_, number) => ({ kind: 'numbered', number }) as const,
    )
    return [{ kind: 'process-kill' }, ...all]
  }
  const kinds = ['process-kill', 'nothing', 'names', 'data', 'everything'] as const
  const extremes = kinds.map((kind) => ({ kind }))
  const random = seededRandom(seed)
  const percents = [50, 90, 10, 70, 30, 97]
  const rest = Array.from({ length: Math.max(0, limit - extremes.length) }, (_, i) => ({
    kind: 'random' as const,
    seed: random.below(0x1_0000_0000),
    keepPercent: percents[i % percents.length] ?? 50,
    unit: i % 2 === 0 ? ('sector' as const) : ('page' as const),
  }))
  return [...extremes, ...rest].slice(0, limit)
}

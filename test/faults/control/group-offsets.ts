import { STEADY } from './choices.ts'
import type { HistoryChecker } from './history-checker.ts'
import type { LedgerEntry } from './ledger.ts'
import type { Members } from './model.ts'

/**
 * What one actor's own group may have committed: offsets lie outside of the state, and one that was
 * committed without an answer may be there or not.
 */
export class GroupOffsets {
  #possible: ReadonlySet<number | null> = new Set([null])

  get possible(): ReadonlySet<number | null> {
    return this.#possible
  }

  /** Attempts on the group since the last call, in their order. Answers what contradicts the records. */
  take(entries: readonly LedgerEntry[], checker: HistoryChecker): readonly string[] {
    const problems: string[] = []
    for (const { attempt, answer, mark } of entries) {
      if (attempt.commits !== undefined) {
        const kept = answer?.codes[0] === 'NONE' ? [] : [...this.#possible]
        const isRefused = answer !== null && answer.codes[0] !== 'NONE'
        this.#possible = new Set(isRefused ? kept : [...kept, attempt.commits])
      }
      for (const { operation, outcome, before, after } of checker.recordsOf(mark)) {
        if (outcome.code !== 'NONE' || !operation.startsWith('group.')) continue
        const present = offsetIn(before)
        if (present !== undefined && !this.#possible.has(present)) {
          problems.push(
            `${mark}: before was ${present}, one of ${[...this.#possible]} was committed`,
          )
        }
        const set = operation === 'group.delete' ? null : offsetIn(after)
        if (set !== undefined) this.#possible = new Set([set])
      }
    }
    return problems
  }
}

function offsetIn(value: unknown): number | null | undefined {
  const offsets = (value as Members | null)?.offsets as Members | undefined
  return (offsets?.[STEADY] as Readonly<Record<string, number | null>> | undefined)?.['0']
}

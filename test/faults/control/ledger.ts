import type { Answer, Attempt } from './attempt.ts'

/** One attempt, and what its sender was told: nothing, when the broker died before. */
export interface LedgerEntry {
  readonly mark: string
  readonly principal: string
  readonly door: 'kafka' | 'http'
  readonly attempt: Attempt
  /** Counted over all attempts: what was answered before another was sent has the lower number. */
  readonly sentAt: number
  answeredAt: number | null
  answer: Answer | null
}

/** Everything that anybody asked for, kept outside of the broker. */
export class Ledger {
  readonly #entries = new Map<string, LedgerEntry>()
  #moment = 0

  begin(entry: Omit<LedgerEntry, 'sentAt' | 'answeredAt' | 'answer'>): LedgerEntry {
    const begun = { ...entry, sentAt: this.#moment++, answeredAt: null, answer: null }
    this.#entries.set(entry.mark, begun)
    return begun
  }

  answered(entry: LedgerEntry, answer: Answer): void {
    entry.answer = answer
    entry.answeredAt = this.#moment++
  }

  get(mark: string): LedgerEntry | undefined {
    return this.#entries.get(mark)
  }

  entries(): Iterable<LedgerEntry> {
    return this.#entries.values()
  }

  get size(): number {
    return this.#entries.size
  }
}

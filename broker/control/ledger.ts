import type { HistoryFold, HistoryRecord } from '../../audit/index.ts'
import type { Logger } from '../../kit/index.ts'
import type { AppendEntry } from '../log/index.ts'
import type { SecretChange } from './decide/decision.ts'
import { applyRecord } from './fold/fold.ts'
import type { LiveState } from './fold/folded-state.ts'
import type { LogHistory } from './log-history.ts'
import type { SecretStore } from './secrets/secret-store.ts'

/** What became of records: null, or why they are not in the history. */
export type LedgerAnswer = null | {
  readonly message: string
  /** Whether they may be in the history all the same. */
  readonly isUnknown: boolean
}

/** What must become durable together with records, and not without them. */
export interface Companions {
  readonly secrets?: readonly SecretChange[]
  /** Batches of other logs. */
  readonly entries?: readonly AppendEntry[]
}

/**
 * Where state changes: records are appended, and what is durable is folded. Nothing is applied that
 * is not in the history, and nothing is in the history that is not applied.
 */
export class Ledger {
  readonly history: LogHistory
  readonly resources: HistoryFold
  readonly #state: LiveState
  readonly #secrets: SecretStore
  readonly #logger: Logger
  readonly #onApplied: (record: HistoryRecord) => void
  /** Why nothing can be appended any more. */
  #broken: string | null = null

  constructor(
    history: LogHistory,
    state: LiveState,
    resources: HistoryFold,
    secrets: SecretStore,
    logger: Logger,
    onApplied: (record: HistoryRecord) => void,
  ) {
    this.history = history
    this.#state = state
    this.resources = resources
    this.#secrets = secrets
    this.#logger = logger
    this.#onApplied = onApplied
  }

  async append(
    records: readonly HistoryRecord[],
    companions: Companions = {},
  ): Promise<LedgerAnswer> {
    if (records.length === 0) return null
    if (this.#broken !== null) return { message: this.#broken, isUnknown: false }
    const { secrets = [], entries = [] } = companions
    const secretEntry = this.#secrets.entry(secrets)
    const others = secretEntry ? [...entries, secretEntry] : entries
    const result = await this.history.append(records, others)
    if (result.kind === 'refused') {
      return { message: `the history cannot be written: ${result.reason}`, isUnknown: false }
    }
    if (result.kind !== 'appended') {
      // Whether the records are in the history is not known, so neither is the state.
      this.#broken = 'the history has an unknown end; the broker must be restarted'
      this.#logger.error({ result }, 'the end of the history is unknown')
      return { message: this.#broken, isUnknown: true }
    }
    this.#secrets.apply(secrets)
    for (const record of records) {
      applyRecord(this.#state, record)
      this.resources.apply(record)
      this.#onApplied(record)
    }
    return null
  }
}

import type { HistoryRecord } from '../../audit/index.ts'
import type { Logger } from '../../kit/index.ts'
import type { ErrorName } from '../../protocol/index.ts'
import type { LogStore } from '../log/index.ts'
import type { DeleteRecords } from './commands.ts'
import type { FoldedState } from './fold/folded-state.ts'
import type { Call } from './history-record.ts'
import { purgeRecord } from './history-record.ts'
import type { OpenPurge, Outcome } from './port.ts'

interface PurgeResult {
  readonly purge: OpenPurge
  readonly outcome: Omit<Outcome<DeleteRecords>, 'seq'>
}

/**
 * Deletes records whose intent is durable. Deleting up to an offset twice is the same as once, so
 * an intent whose outcome a crash took away is simply carried out again.
 */
export class Purges {
  readonly #store: LogStore
  readonly #state: FoldedState
  readonly #logger: Logger

  constructor(store: LogStore, state: FoldedState, logger: Logger) {
    this.#store = store
    this.#state = state
    this.#logger = logger
  }

  /** What came of each, in order. Never rejects. */
  run(purges: readonly OpenPurge[]): Promise<readonly PurgeResult[]> {
    return Promise.all(purges.map((purge) => this.#runOne(purge)))
  }

  /** The records that close these purges, to be appended next. */
  records(call: Call, results: readonly PurgeResult[]): readonly HistoryRecord[] {
    return results.map(({ purge, outcome }, index) => {
      const id = `${purge.topicId}-${purge.partition}`
      const resource = { kind: 'records', name: purge.name, id }
      const seq = this.#state.seq + 1 + index
      const { after, error, message } = outcome
      return purgeRecord(
        call,
        seq,
        purge.intent,
        resource,
        after ?? { error, message: message ?? '' },
      )
    })
  }

  async #runOne(purge: OpenPurge): Promise<PurgeResult> {
    const log = this.#store.find(purge.topicId, purge.partition)
    if (log?.state !== 'open') {
      return failed(purge, 'UNKNOWN_TOPIC_OR_PARTITION', `${purge.name} has no log any more.`)
    }
    try {
      const logStartOffset = await this.#store.trim(log, purge.offset)
      return { purge, outcome: { error: 'NONE', message: null, after: { logStartOffset } } }
    } catch (error) {
      this.#logger.error({ err: error, purge }, 'records could not be deleted')
      return failed(purge, 'KAFKA_STORAGE_ERROR', `The records of ${purge.name} cannot be deleted.`)
    }
  }
}

function failed(purge: OpenPurge, error: ErrorName, message: string): PurgeResult {
  return { purge, outcome: { error, message, after: null } }
}

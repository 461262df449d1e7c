import type { Logger, Random } from '../kit/index.ts'
import type { Operation, OperationObserver } from './operation.ts'
import { RequestError } from './request-error.ts'
import type { StateLog } from './state/state-log.ts'

/** With so many that the observer could not take, nothing more is changed. */
const MAX_UNTOLD = 10_000

/**
 * What people changed, until the observer has it. An operation is written together with the change that it
 * tells of: after a crash there are both or none.
 */
export class OperationLog {
  readonly #log: StateLog
  readonly #random: Random
  readonly #logger: Logger
  readonly #observe: OperationObserver
  readonly #beingTold = new Set<string>()

  constructor(log: StateLog, random: Random, logger: Logger, observe: OperationObserver) {
    this.#log = log
    this.#random = random
    this.#logger = logger
    this.#observe = observe
  }

  /** To be called before the changes themselves, with no `await` between. Throws a RequestError. */
  note(...operations: readonly Omit<Operation, 'id'>[]): void {
    if (this.#log.state.operations.size + operations.length > MAX_UNTOLD)
      throw new RequestError('unavailable', 'the history has not heard of too many changes yet')
    for (const operation of operations) {
      const id = this.#random.bytes(16).toString('hex')
      this.#log.apply({ kind: 'operation', operation: { id, ...operation } })
    }
  }

  /** Makes everything that was changed until now durable, and then tells the observer. Rejects with the disk's error. */
  async commit(): Promise<void> {
    // What is noted while the disk works is durable only with the next commit.
    const noted = [...this.#log.state.operations.values()]
    await this.#log.commit()
    for (const operation of noted) this.#tellOnce(operation)
  }

  #tellOnce(operation: Operation): void {
    const { id } = operation
    if (this.#beingTold.has(id) || !this.#log.state.operations.has(id)) return
    this.#beingTold.add(id)
    void this.#tell(operation)
  }

  async #tell(operation: Operation): Promise<void> {
    const { id } = operation
    try {
      await this.#observe(operation)
      this.#log.apply({ kind: 'operations-gone', ids: [id] })
    } catch (error) {
      this.#logger.error({ err: error, id }, 'a change could not be kept for the history')
    } finally {
      this.#beingTold.delete(id)
    }
  }
}

import type { Clock } from '../../kit/index.ts'
import { isFiring } from '../alerts/alert.ts'
import type { Fingerprint } from '../alerts/label-set.ts'
import type { OperationLog } from '../operation-log.ts'
import { RequestError } from '../request-error.ts'
import type { Acknowledgement } from '../state/acknowledgement.ts'
import type { StateLog } from '../state/state-log.ts'

const MAX_COMMENT_LENGTH = 4_096

/** Who looks after which alerts. Durable before it is answered. */
export class AcknowledgementBook {
  readonly #log: StateLog
  readonly #clock: Clock
  readonly #operations: OperationLog

  constructor(log: StateLog, clock: Clock, operations: OperationLog) {
    this.#log = log
    this.#clock = clock
    this.#operations = operations
  }

  all(): readonly Acknowledgement[] {
    return [...this.#log.state.acknowledgements.values()]
  }

  /** What an acknowledgement would be: for a dry run. Throws a RequestError when one of the alerts does not fire. */
  draft(
    fingerprints: readonly Fingerprint[],
    by: string,
    comment: string,
  ): readonly Acknowledgement[] {
    const { state } = this.#log
    const nowMs = this.#clock.now()
    if (comment.length > MAX_COMMENT_LENGTH)
      throw new RequestError('invalid', `a comment of more than ${MAX_COMMENT_LENGTH} characters`)
    for (const fingerprint of fingerprints) {
      const alert = state.alerts.get(fingerprint)
      if (!alert || !isFiring(alert, nowMs))
        throw new RequestError('not-found', `no alert ${fingerprint} is firing`)
    }
    return fingerprints.map((fingerprint) => ({ fingerprint, by, comment, atMs: nowMs }))
  }

  /** Until each of them is over. Throws a RequestError when one of them does not fire. */
  async acknowledge(
    fingerprints: readonly Fingerprint[],
    by: string,
    comment: string,
  ): Promise<readonly Acknowledgement[]> {
    const { state } = this.#log
    const made = this.draft(fingerprints, by, comment)
    this.#operations.note(
      ...made.map((after) => ({
        operation: 'alert.acknowledge' as const,
        actor: by,
        occurredAtMs: after.atMs,
        resource: { kind: 'alert' as const, id: after.fingerprint },
        before: state.acknowledgements.get(after.fingerprint) ?? null,
        after,
      })),
    )
    for (const acknowledgement of made) this.#log.apply({ kind: 'acknowledged', acknowledgement })
    await this.#operations.commit()
    return made
  }

  /** Throws a RequestError when nobody has acknowledged it. */
  async withdraw(fingerprint: Fingerprint, by: string): Promise<void> {
    const before = this.#log.state.acknowledgements.get(fingerprint)
    if (!before) throw new RequestError('not-found', `${fingerprint} is not acknowledged`)
    this.#operations.note({
      operation: 'alert.unacknowledge',
      actor: by,
      occurredAtMs: this.#clock.now(),
      resource: { kind: 'alert', id: fingerprint },
      before,
      after: null,
    })
    this.#log.apply({ kind: 'acknowledgements-gone', fingerprints: [fingerprint] })
    await this.#operations.commit()
  }
}

import type { Logger } from '../../kit/index.ts'
import type { EventKind } from './broker-event.ts'
import type { EventResource, EventSeverity } from './kinds/event-kind-row.ts'

/** One event, or many of a kind about one resource within a minute. */
export interface EventReport {
  readonly kind: EventKind
  readonly severity: EventSeverity
  /** The name is `(several)` when more resources had such events than are told apart. */
  readonly resource: EventResource
  /** Of the latest of them. */
  readonly explanation: string
  readonly remedy: string
  /** What the explanation is made of, for programs; texts are cut where they are very long. */
  readonly facts: Readonly<Record<string, string | number>>
  readonly count: number
  readonly firstAtMs: number
  readonly lastAtMs: number
}

/** Where reports go. Must be cheap, and must not throw. */
export type EventSink = (report: EventReport) => void

/** Reports as lines of the log. */
export function logSink(logger: Logger): EventSink {
  return ({ explanation, severity, firstAtMs, lastAtMs, kind, ...rest }) => {
    const times = {
      firstAt: new Date(firstAtMs).toISOString(),
      lastAt: new Date(lastAtMs).toISOString(),
    }
    const line = { event: kind, ...rest, ...times }
    if (severity === 'error') logger.error(line, explanation)
    else if (severity === 'warning') logger.warn(line, explanation)
    else logger.info(line, explanation)
  }
}

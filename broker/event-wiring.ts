import type { Clock, Logger, Timers } from '../kit/index.ts'
import { EVENTS_TOPIC } from './control/index.ts'
import type { AppendEvents, EventSink } from './events/index.ts'
import { EventLog, EventReporter, logSink } from './events/index.ts'
import type { LogStore } from './log/index.ts'

export { reportRecovery, storageReports, watchStorage } from './storage-events.ts'

export interface EventParts {
  /** Where every room reports to. */
  readonly events: EventReporter
  /** What writes them to `__events`, once that is open. */
  readonly eventLog: EventLog
}

/** Events become lines of the log at once, and records of `__events` soon after. */
export function createEvents(platform: {
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  /** Told as well. */
  readonly sinks?: readonly EventSink[]
}): EventParts {
  const eventLog = new EventLog({
    ...platform,
    onDropped: (dropped) => events.report({ kind: 'events-dropped', dropped }),
  })
  const events = new EventReporter({
    ...platform,
    log: eventLog,
    sinks: [logSink(platform.logger), eventLog.sink, ...(platform.sinks ?? [])],
  })
  return { events, eventLog }
}

/** How the event log appends. As an internal log it may do so below the floor of the disk. */
export function appendToEvents(log: LogStore): AppendEvents {
  return async (batch) => {
    const partition = log.find(EVENTS_TOPIC.id, 0)
    if (!partition) return false
    const [result] = await log.append([{ log: partition, batch }], { acks: 'durable' })
    return result?.kind === 'appended'
  }
}

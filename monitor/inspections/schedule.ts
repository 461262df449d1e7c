import type { Cancel, Logger } from '../../kit/index.ts'
import { BrokerUnreachableError } from '../cluster/index.ts'
import type { Inspector } from './inspector.ts'

/** When to inspect is no cron expression. */
export class ScheduleError extends Error {
  override readonly name: string = 'ScheduleError'
}

/**
 * Inspects by a cron expression (five fields, or six with seconds). What falls due while an inspection runs is left out.
 * @throws ScheduleError
 */
export async function scheduleInspections(
  inspector: Inspector,
  expression: string,
  logger: Logger,
): Promise<Cancel> {
  // It brings timers of its own, so it is only there when somebody has a schedule.
  const { schedule, validate } = await import('node-cron')
  if (!validate(expression)) throw new ScheduleError(`${expression} is no cron expression`)
  let isUnreachable = false
  const inspect = async (): Promise<void> => {
    try {
      const { durationMs, open } = await inspector.run()
      isUnreachable = false
      logger.debug({ durationMs, open }, 'inspected')
    } catch (error) {
      if (!(error instanceof BrokerUnreachableError)) throw error
      if (!isUnreachable) logger.warn({ err: error }, 'the broker cannot be inspected')
      isUnreachable = true
    }
  }
  const task = schedule(expression, inspect, {
    ...{ noOverlap: true, suppressMissedWarning: true },
    // It would write lines of its own, which are no JSON.
    logger: {
      debug: (message) => logger.debug({ message }, 'schedule of inspections'),
      info: (message) => logger.debug({ message }, 'schedule of inspections'),
      warn: (message) => logger.warn({ message }, 'schedule of inspections'),
      error: (message) => logger.error({ err: message }, 'schedule of inspections'),
    },
  })
  return () => void task.destroy()
}

import type { HistoryRecord } from '../record.ts'
import { toCloudEvent } from './cloud-event.ts'
import { toOcsfEvent } from './ocsf-event.ts'

const FORMATTERS = { cloudevents: toCloudEvent, ocsf: toOcsfEvent } as const
export type EventFormat = keyof typeof FORMATTERS

/**
 * A record as one line of JSON, without a line break. Nobody hashes it, so its members stand as they
 * were made: the canonical form takes four times as long, and more memory than the event itself.
 */
export function formatEvent(format: EventFormat, record: HistoryRecord, origin: string): string {
  return JSON.stringify(FORMATTERS[format](record, origin))
}

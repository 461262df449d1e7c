import type { EventFormat } from '../events/format-event.ts'
import { formatEvent } from '../events/format-event.ts'
import type { HistoryRecord } from '../record.ts'

/** Facility "log audit" and severities of RFC 5424. */
const FACILITY = 13
const INFORMATIONAL = 6
const WARNING = 4

/** What a field of the header may hold: printable ASCII without spaces. */
function headerField(text: string, maxLength: number): string {
  const printable = text.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, maxLength)
  return printable === '' ? '-' : printable
}

/** A record as a message of RFC 5424, with the event as its text. `hostname` is ours. */
export function syslogMessage(
  record: HistoryRecord,
  { format, origin, hostname }: { format: EventFormat; origin: string; hostname: string },
): string {
  const severity = record.outcome.code === 'NONE' ? INFORMATIONAL : WARNING
  const header = [
    `<${FACILITY * 8 + severity}>1`,
    record.recordedAt,
    headerField(hostname, 255),
    'glasslog',
    headerField(String(record.seq), 128),
    headerField(record.operation, 32),
    // No structured data: the event has it all.
    '-',
  ]
  return `${header.join(' ')} ${formatEvent(format, record, origin)}`
}

import type { HistoryReader } from '../history.ts'
import { canonicalJson } from '../json.ts'
import type { HistoryRecord } from '../record.ts'
import { toCloudEvent } from './cloud-event.ts'
import { toOcsfEvent } from './ocsf-event.ts'

/** What an export can look like: the records with proof, or events for other systems. */
export const EXPORT_FORMATS = ['jsonl', 'cloudevents', 'ocsf'] as const
export type EventFormat = Exclude<(typeof EXPORT_FORMATS)[number], 'jsonl'>

const FORMATTERS = { cloudevents: toCloudEvent, ocsf: toOcsfEvent } as const

/** A record as one line of JSON, without a line break. */
export function formatEvent(format: EventFormat, record: HistoryRecord, origin: string): string {
  return canonicalJson(FORMATTERS[format](record, origin))
}

const READ_RECORDS = 500

/** The records from `from` up to `end` (all that there are when left out) as JSON lines. */
export async function* exportEvents(
  { history, origin }: { readonly history: HistoryReader; readonly origin: string },
  format: EventFormat,
  from = 0,
  end: number = history.nextSeq,
): AsyncGenerator<Buffer> {
  const last = Math.min(end, history.nextSeq)
  for (let seq = from; seq < last; ) {
    const entries = await history.read(seq, Math.min(READ_RECORDS, last - seq))
    const lines = entries.map(({ record }) => `${formatEvent(format, record, origin)}\n`)
    yield Buffer.from(lines.join(''))
    seq += entries.length
  }
}

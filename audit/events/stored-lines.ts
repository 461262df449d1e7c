import { decodeRecord } from '../codec.ts'
import type { ExportPieces } from '../export-pieces.ts'
import type { EventFormat } from './format-event.ts'
import { formatEvent } from './format-event.ts'

/** What stored records become. */
export interface EventTerms {
  readonly format: EventFormat
  readonly origin: string
}

const LINE_BREAK = 0x0a

/** A stored record on a line of its own: canonical JSON has no line breaks. */
export function writeStoredLine(pieces: ExportPieces, bytes: Uint8Array): void {
  const line = pieces.reserve(bytes.length + 1)
  line.set(bytes)
  line[bytes.length] = LINE_BREAK
  pieces.commit(line.length)
}

/** The event of a stored record, on a line of its own. Throws a HistoryError for what is no record. */
export function writeEvent(
  pieces: ExportPieces,
  bytes: Uint8Array,
  seq: number,
  { format, origin }: EventTerms,
): void {
  pieces.writeText(`${formatEvent(format, decodeRecord(bytes, seq), origin)}\n`)
}

/** The events of stored lines, of which the first is record `firstSeq`. Answers the record after the last. */
export function writeEvents(
  pieces: ExportPieces,
  lines: Uint8Array,
  firstSeq: number,
  terms: EventTerms,
): number {
  let seq = firstSeq
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf(LINE_BREAK, at)
    writeEvent(pieces, lines.subarray(at, end), seq++, terms)
    at = end + 1
  }
  return seq
}

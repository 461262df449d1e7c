import { parentPort, workerData } from 'node:worker_threads'
import { ExportPieces } from '../export-pieces.ts'
import { HistoryError } from '../history.ts'
import type { EventTerms } from './stored-lines.ts'
import { writeEvents } from './stored-lines.ts'

/** What the thread is started with: the first record of its first lines. */
export interface EventThreadStart extends EventTerms {
  readonly firstSeq: number
}

/** Events of the lines that were sent, or why there are none. */
export type EventThreadAnswer =
  | { readonly kind: 'events'; readonly pieces: readonly Uint8Array[] }
  | { readonly kind: 'fault'; readonly message: string }

// The other side of EventThread: pieces of stored lines come in their order, and are answered in it.
const { firstSeq, ...terms } = workerData as EventThreadStart
let seq = firstSeq

parentPort?.on('message', (lines: Uint8Array) => {
  const answer = answerTo(lines)
  const transfer =
    answer.kind === 'events' ? answer.pieces.map(({ buffer }) => buffer as ArrayBuffer) : []
  parentPort?.postMessage(answer, transfer)
})

function answerTo(lines: Uint8Array): EventThreadAnswer {
  try {
    const pieces = new ExportPieces()
    seq = writeEvents(pieces, lines, seq, terms)
    return { kind: 'events', pieces: pieces.takeAll() }
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error
    return { kind: 'fault', message: error.message }
  }
}

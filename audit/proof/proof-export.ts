import { ExportPieces } from '../export-pieces.ts'
import type { HistoryReader } from '../history.ts'
import type { ExportHeader } from './export-lines.ts'
import { encodeCheckpointLine, encodeEnd, encodeHeader, writeRecordLine } from './export-lines.ts'

/** What an export with proof is made of. */
export interface ProofSource {
  readonly history: HistoryReader
  /** Of an export that begins with that record. */
  header(from: number): Promise<ExportHeader>
  /** Checkpoints that cover more than `size` records, oldest first, as signed. */
  checkpointsAfter(size: number): AsyncIterable<{ readonly size: number; readonly text: string }>
}

/** Records that are read at a time. */
const READ_RECORDS = 250

/**
 * The records from `from` up to the end of the last checkpoint that covers at most `end` of them,
 * with what proves them, as the bytes of JSON lines.
 */
export async function* exportWithProof(
  source: ProofSource,
  from: number,
  end: number,
): AsyncGenerator<Buffer> {
  const pieces = new ExportPieces()
  const take = (bytes: Uint8Array): void => writeRecordLine(pieces, bytes)
  pieces.writeBytes(encodeHeader(await source.header(from)))
  let seq = from
  for await (const checkpoint of source.checkpointsAfter(from)) {
    if (checkpoint.size > end) break
    while (seq < checkpoint.size) {
      const limit = Math.min(READ_RECORDS, checkpoint.size - seq)
      seq += await source.history.scan(seq, limit, take)
      yield* pieces.takeFull()
    }
    pieces.writeBytes(encodeCheckpointLine(checkpoint.text))
  }
  pieces.writeBytes(encodeEnd(seq))
  yield* pieces.takeAll()
}

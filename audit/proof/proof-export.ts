import type { HistoryReader } from '../history.ts'
import { leafHash } from '../merkle/hashes.ts'
import type { ExportHeader } from './export-lines.ts'
import { encodeCheckpointLine, encodeEnd, encodeHeader, encodeRecordLine } from './export-lines.ts'

/** What an export with proof is made of. */
export interface ProofSource {
  readonly history: HistoryReader
  /** Of an export that begins with that record. */
  header(from: number): Promise<ExportHeader>
  /** Checkpoints that cover more than `size` records, oldest first, as signed. */
  checkpointsAfter(size: number): AsyncIterable<{ readonly size: number; readonly text: string }>
}

/** Records that are held in memory at a time: so few that they are garbage before they are old. */
const READ_RECORDS = 250
/** Lines are handed on in pieces of about this size. */
const PIECE_BYTES = 256 * 1024

/**
 * The records from `from` up to the end of the last checkpoint that covers at most `end` of them,
 * with what proves them, as the bytes of JSON lines. Holds some records in memory, never all.
 */
export async function* exportWithProof(
  source: ProofSource,
  from: number,
  end: number,
): AsyncGenerator<Buffer> {
  let piece: Buffer[] = [encodeHeader(await source.header(from))]
  let sizeBytes = 0
  let seq = from
  for await (const checkpoint of source.checkpointsAfter(from)) {
    if (checkpoint.size > end) break
    while (seq < checkpoint.size) {
      const limit = Math.min(READ_RECORDS, checkpoint.size - seq)
      for (const { bytes } of await source.history.read(seq, limit)) {
        const line = encodeRecordLine(leafHash(bytes), bytes)
        piece.push(line)
        sizeBytes += line.length
        seq++
      }
      if (sizeBytes >= PIECE_BYTES) {
        yield Buffer.concat(piece)
        piece = []
        sizeBytes = 0
      }
    }
    piece.push(encodeCheckpointLine(checkpoint.text))
  }
  piece.push(encodeEnd(seq))
  yield Buffer.concat(piece)
}

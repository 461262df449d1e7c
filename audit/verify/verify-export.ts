import type { VerifyOptions } from './history-verifier.ts'
import { HistoryVerifier } from './history-verifier.ts'
import { LineSplitter, LineTooLongError } from './line-splitter.ts'
import type { VerifyReport } from './verify-report.ts'

/** Verifies an export that comes in pieces, and stops reading at the first thing that is wrong. */
export async function verifyExport(
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const verifier = new HistoryVerifier(options)
  const splitter = new LineSplitter()
  try {
    for await (const piece of pieces) {
      for (const line of splitter.lines(piece)) {
        if (!verifier.line(line)) return verifier.finish()
      }
    }
  } catch (error) {
    if (!(error instanceof LineTooLongError)) throw error
    // No line of an export is so long: whatever it is, it is not where a record belongs.
    verifier.line(Buffer.from(error.message))
    return verifier.finish()
  }
  return verifier.finish(splitter.hasRest)
}

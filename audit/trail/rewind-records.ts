import type { HistoryRecord } from '../record.ts'
import type { RewindScope } from '../rewind/rewind-scope.ts'
import { isInScope } from '../rewind/rewind-scope.ts'
import type { HistoryTrail } from './history-trail.ts'
import type { Moment } from './moment.ts'

/** Back to a moment, or chosen operations alone. */
export type RewindTarget =
  | { readonly kind: 'moment'; readonly moment: Moment }
  | { readonly kind: 'undo'; readonly seqs: readonly number[] }

/** More are not taken back at a time: each becomes a record, and a person has to read the plan. */
const MAX_REWIND_RECORDS = 10_000
const READ_RECORDS = 1000

/** What was asked for cannot be planned; the message says why. */
export class RewindRequestError extends Error {
  override readonly name = 'RewindRequestError'
}

/** The records that a rewind is to undo. Throws a RewindRequestError or a MomentError. */
export async function collectRewindRecords(
  trail: HistoryTrail,
  target: RewindTarget,
  scope: RewindScope,
): Promise<readonly HistoryRecord[]> {
  const found: HistoryRecord[] = []
  const add = (record: HistoryRecord): void => {
    if (found.length >= MAX_REWIND_RECORDS) {
      throw new RewindRequestError(
        `more than ${MAX_REWIND_RECORDS} operations would be undone: narrow the scope`,
      )
    }
    found.push(record)
  }
  if (target.kind === 'undo') {
    for (const seq of new Set(target.seqs)) {
      const [entry] = seq < trail.history.nextSeq ? await trail.history.read(seq, 1) : []
      if (!entry) throw new RewindRequestError(`there is no record ${seq}`)
      add(entry.record)
    }
    return found
  }
  const end = trail.history.nextSeq
  let seq = (await trail.seqAt(target.moment)) + 1
  while (seq < end) {
    const entries = await trail.history.read(seq, Math.min(READ_RECORDS, end - seq))
    for (const { record } of entries) if (isInScope(record, scope)) add(record)
    seq += entries.length
  }
  return found
}

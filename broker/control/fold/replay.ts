import type { HistoryReader } from '../../../audit/index.ts'
import { HistoryFold } from '../../../audit/index.ts'
import type { Uuid } from '../../../kit/index.ts'
import { applyRecord } from './fold.ts'
import { LiveState } from './folded-state.ts'

const READ_RECORDS = 1000

export interface Replay {
  readonly state: LiveState
  /** The same, as the history sees it. */
  readonly resources: HistoryFold
  /** Topics that once were. */
  readonly deletedTopicIds: ReadonlySet<Uuid>
}

/**
 * The state that the history gives, from its first record up to `endSeq` (its end when left out).
 * Throws a HistoryError when the history cannot be understood.
 */
export async function replayHistory(history: HistoryReader, endSeq?: number): Promise<Replay> {
  const state = new LiveState()
  const resources = new HistoryFold()
  const deletedTopicIds = new Set<Uuid>()
  const end = endSeq ?? history.nextSeq
  for (let seq = 0; seq < end; ) {
    const entries = await history.read(seq, Math.min(READ_RECORDS, end - seq))
    for (const { record } of entries) {
      applyRecord(state, record)
      resources.apply(record)
      const { kind, id } = record.resource
      const isGone = kind === 'topic' && record.outcome.code === 'NONE' && record.after === null
      if (isGone && id !== null) deletedTopicIds.add(id)
    }
    seq += entries.length
  }
  return { state, resources, deletedTopicIds }
}

import type {
  HistoryReader,
  HistoryRecord,
  HistoryState,
  StateEntry,
} from '../../../audit/index.ts'
import { CURRENT_SCHEMA, HistoryFold } from '../../../audit/index.ts'
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

/**
 * The state out of what the history amounts to, without reading it: every resource is put as the
 * record left it that changed it last, in the order of these records. The same state as replaying
 * gives; only what is gone is not in it.
 */
export function stateOf(resources: HistoryState): LiveState {
  const state = new LiveState()
  const entries = [...resources.entries()].sort((one, other) => one.seq - other.seq)
  for (const entry of entries) applyRecord(state, lastRecordOf(entry))
  state.setSeq(resources.seq)
  return state
}

/** As much of the record that changed a resource last as the fold reads. */
function lastRecordOf({ seq, resource, value, recordedAt }: StateEntry): HistoryRecord {
  return {
    schema: CURRENT_SCHEMA,
    ...{ seq, id: '', requestId: '', recordedAt, occurredAt: recordedAt },
    actor: { principal: '', mechanism: '' },
    source: { ip: '', listener: '' },
    door: 'system',
    operation: `${resource.kind} of a snapshot`,
    resource,
    decision: { allowed: true, rule: '' },
    ...{ request: null, before: null, after: value },
    outcome: { code: 'NONE', message: null },
    reversal: 'none',
  }
}

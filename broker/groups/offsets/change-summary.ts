import type { JsonObject } from '../../../audit/index.ts'
import type { CoordinatorRecord } from '../records/coordinator-record.ts'
import type { GroupOffsets } from './group-offsets.ts'

/**
 * The offsets that records are about, as the history keeps them: by topic and partition, null where
 * there is none. `before` as they are, `after` as the records make them.
 */
export function summarizeChange(
  groupId: string,
  offsets: GroupOffsets,
  records: readonly CoordinatorRecord[],
): { readonly before: JsonObject; readonly after: JsonObject } {
  const before: Record<string, Record<string, number | null>> = {}
  const after: Record<string, Record<string, number | null>> = {}
  for (const record of records) {
    if (record.kind !== 'offset') continue
    const { topic, partition, value } = record
    const present = offsets.byTopic.get(topic)?.get(partition)?.offset ?? null
    before[topic] = { ...before[topic], [partition]: present }
    after[topic] = { ...after[topic], [partition]: value?.offset ?? null }
  }
  return { before: { groupId, offsets: before }, after: { groupId, offsets: after } }
}

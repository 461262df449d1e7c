import type { Json, JsonObject } from '../../../audit/index.ts'
import type { CoordinatorRecord } from '../records/coordinator-record.ts'
import type { GroupOffsets } from './group-offsets.ts'

/** What a commit has beside its offset, as far as clients gave it. */
interface CommitDetails {
  readonly leaderEpoch?: number
  readonly metadata?: string
}

interface Commit {
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
}

/** Metadata is the client's own text: of one record so much is kept, and of more partitions none. */
const MAX_METADATA_LENGTH = 64 * 1024

/**
 * The offsets that records are about, as the history keeps them: by topic and partition, null where
 * there is none; and what their commits had beside, so that an undo brings back all of it. `before` as
 * they are, `after` as the records make them.
 */
export function summarizeChange(
  groupId: string,
  offsets: GroupOffsets,
  records: readonly CoordinatorRecord[],
): { readonly before: JsonObject; readonly after: JsonObject } {
  const before = new OffsetSummary(groupId)
  const after = new OffsetSummary(groupId)
  for (const record of records) {
    if (record.kind !== 'offset') continue
    const { topic, partition, value } = record
    before.add(topic, partition, offsets.byTopic.get(topic)?.get(partition) ?? null)
    after.add(topic, partition, value)
  }
  return { before: before.json, after: after.json }
}

class OffsetSummary {
  readonly #groupId: string
  readonly #offsets: ByPartition<number | null> = new Map()
  readonly #commits: ByPartition<JsonObject> = new Map()
  #metadataLeft = MAX_METADATA_LENGTH

  constructor(groupId: string) {
    this.#groupId = groupId
  }

  get json(): JsonObject {
    const hasCommits = this.#commits.size > 0
    return {
      groupId: this.#groupId,
      offsets: jsonOf(this.#offsets),
      ...(hasCommits ? { commits: jsonOf(this.#commits) } : {}),
    }
  }

  add(topic: string, partition: number, commit: Commit | null): void {
    put(this.#offsets, topic, partition, commit?.offset ?? null)
    const details = commit ? this.#detailsOf(commit) : {}
    if (Object.keys(details).length > 0) put(this.#commits, topic, partition, { ...details })
  }

  #detailsOf({ leaderEpoch, metadata }: Commit): CommitDetails {
    const isKept = metadata !== '' && metadata.length <= this.#metadataLeft
    if (isKept) this.#metadataLeft -= metadata.length
    return {
      ...(leaderEpoch >= 0 ? { leaderEpoch } : {}),
      ...(isKept ? { metadata } : {}),
    }
  }
}

/** By topic and partition. Maps, because a topic may be called `__proto__`, or like a method of objects. */
type ByPartition<Value extends Json> = Map<string, Map<number, Value>>

function put<Value extends Json>(
  values: ByPartition<Value>,
  topic: string,
  partition: number,
  value: Value,
): void {
  const ofTopic = values.get(topic) ?? new Map<number, Value>()
  values.set(topic, ofTopic.set(partition, value))
}

function jsonOf(values: ByPartition<Json>): JsonObject {
  const topics = [...values].map(([topic, partitions]) => [topic, Object.fromEntries(partitions)])
  return Object.fromEntries(topics)
}

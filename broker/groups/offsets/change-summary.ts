import type { JsonObject } from '../../../audit/index.ts'
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
  readonly #offsets: Record<string, Record<string, number | null>> = {}
  readonly #commits: Record<string, Record<string, JsonObject>> = {}
  #metadataLeft = MAX_METADATA_LENGTH

  constructor(groupId: string) {
    this.#groupId = groupId
  }

  get json(): JsonObject {
    const hasCommits = Object.keys(this.#commits).length > 0
    return {
      groupId: this.#groupId,
      offsets: this.#offsets,
      ...(hasCommits ? { commits: this.#commits } : {}),
    }
  }

  add(topic: string, partition: number, commit: Commit | null): void {
    const ofTopic = this.#offsets[topic] ?? {}
    this.#offsets[topic] = ofTopic
    ofTopic[partition] = commit?.offset ?? null
    const details = commit ? this.#detailsOf(commit) : {}
    if (Object.keys(details).length === 0) return
    const commits = this.#commits[topic] ?? {}
    this.#commits[topic] = commits
    commits[partition] = { ...details }
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

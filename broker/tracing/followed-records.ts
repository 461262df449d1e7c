import type { Uuid } from '../../kit/index.ts'
import type { TraceContext } from '../handlers/index.ts'

/** Records that are followed at a time; beyond, the one that was appended first is let go. */
export const MAX_FOLLOWED_RECORDS = 1024
/** How often one record is seen to be fetched, and by how many groups to be committed. */
const MAX_FETCHES = 8
const MAX_COMMITS = 8

/** A record that belongs to a trace, where it lies. */
export class FollowedRecord {
  readonly topicId: Uuid
  readonly topicName: string
  readonly partition: number
  readonly offset: number
  /** The span of its append, which what comes later continues. */
  readonly context: TraceContext
  #fetches = 0
  readonly #committedBy: string[] = []

  constructor(
    place: Pick<FollowedRecord, 'topicId' | 'topicName' | 'partition' | 'offset'>,
    context: TraceContext,
  ) {
    this.topicId = place.topicId
    this.topicName = place.topicName
    this.partition = place.partition
    this.offset = place.offset
    this.context = context
  }

  /** Whether this fetch is still told of. */
  mayFetch(): boolean {
    this.#fetches += 1
    return this.#fetches <= MAX_FETCHES
  }

  /** Whether this is the first commit of the group that covers it. */
  mayCommit(groupId: string): boolean {
    if (this.#committedBy.includes(groupId)) return false
    if (this.#committedBy.length === MAX_COMMITS) return false
    this.#committedBy.push(groupId)
    return true
  }
}

/** The records that are followed, by partition. Their number is bounded, so that each look-up is short. */
export class FollowedRecords {
  /** In the order of their appends. */
  readonly #all: FollowedRecord[] = []
  readonly #byPartition = new Map<Uuid, Map<number, FollowedRecord[]>>()

  get count(): number {
    return this.#all.length
  }

  add(record: FollowedRecord): void {
    this.#all.push(record)
    const partitions = this.#byPartition.get(record.topicId) ?? new Map<number, FollowedRecord[]>()
    this.#byPartition.set(record.topicId, partitions)
    const records = partitions.get(record.partition)
    if (records) records.push(record)
    else partitions.set(record.partition, [record])
    if (this.#all.length > MAX_FOLLOWED_RECORDS) this.#dropFirst()
  }

  /** Those of a partition, oldest first. */
  in(topicId: Uuid, partition: number): readonly FollowedRecord[] | undefined {
    return this.#byPartition.get(topicId)?.get(partition)
  }

  /** Of one partition they were appended in this order too. */
  #dropFirst(): void {
    const first = this.#all.shift()
    if (!first) return
    const partitions = this.#byPartition.get(first.topicId)
    const records = partitions?.get(first.partition)
    records?.shift()
    if (records?.length === 0) partitions?.delete(first.partition)
    if (partitions?.size === 0) this.#byPartition.delete(first.topicId)
  }
}

import type { Uuid } from '../../../kit/index.ts'

/** One partition that a client wants to read, and what it was last told of it in its session. */
export interface FetchTarget {
  /** Empty from v13 on, where topics are named by id. */
  readonly topicName: string
  /** The zero id before v13. */
  readonly topicId: Uuid
  readonly partition: number
  fetchOffset: number
  maxBytes: number
  currentLeaderEpoch: number
  /** As in the last response that contained the partition; -1 before, and after an error. */
  sentHighWatermark: number
  sentLogStartOffset: number
  /** Place among the partitions of its session, which are read in this order. */
  turn: number
}

/** Unique within a request or a session, which name topics either by id or by name. */
export function targetKey(topicName: string, topicId: Uuid, partition: number): string {
  return `${partition}/${topicName === '' ? topicId : topicName}`
}

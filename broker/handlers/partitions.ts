import type { ErrorName } from '../../protocol/index.ts'
import type { Topic } from '../control/index.ts'
import type { PartitionLog } from '../log/index.ts'
import type { BrokerServices } from './services.ts'

/** The log of a topic's partition, or the error that tells a client why it cannot be used. */
export function findPartition(
  broker: BrokerServices,
  topic: Topic | undefined,
  partition: number,
): PartitionLog | ErrorName {
  if (!topic || partition < 0 || partition >= topic.partitionCount) {
    return 'UNKNOWN_TOPIC_OR_PARTITION'
  }
  const log = broker.log.find(topic.id, partition)
  // The history has the partition, and the engine is about to create it or failed to.
  if (!log) return 'NOT_LEADER_OR_FOLLOWER'
  switch (log.state) {
    case 'open':
      return log
    case 'quarantined':
      return 'KAFKA_STORAGE_ERROR'
    case 'dropped':
      return 'UNKNOWN_TOPIC_OR_PARTITION'
  }
}

/**
 * Whether the client's idea of the partition's leadership is ours (KIP-320): `NONE`, or the error
 * that makes it refresh its metadata. A negative epoch means that the client has no idea.
 */
export function checkLeaderEpoch(
  log: PartitionLog,
  currentLeaderEpoch: number,
): 'NONE' | 'FENCED_LEADER_EPOCH' | 'UNKNOWN_LEADER_EPOCH' {
  if (currentLeaderEpoch < 0 || currentLeaderEpoch === log.leaderEpoch) return 'NONE'
  return currentLeaderEpoch < log.leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH'
}

/** By topic, each partition once: for answers that may be much larger than the number that asks for them. */
export function distinctPartitions(
  asked: Iterable<{ readonly name: string; readonly partitionIndexes: readonly number[] }>,
): ReadonlyMap<string, ReadonlySet<number>> {
  const topics = new Map<string, Set<number>>()
  for (const { name, partitionIndexes } of asked) {
    const partitions = topics.get(name) ?? new Set()
    for (const partitionIndex of partitionIndexes) partitions.add(partitionIndex)
    topics.set(name, partitions)
  }
  return topics
}

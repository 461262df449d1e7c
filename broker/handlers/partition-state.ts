import { errors } from '../../protocol/index.ts'
import type { Topic } from '../control/index.ts'
import { findPartition } from './partitions.ts'
import type { BrokerServices } from './services.ts'

const NO_LEADER = -1
const NO_EPOCH = -1

/** A partition as Metadata and DescribeTopicPartitions show it: led by this broker, or offline. */
export function partitionState(broker: BrokerServices, topic: Topic, partitionIndex: number) {
  const log = findPartition(broker, topic, partitionIndex)
  const self = [broker.node.id]
  if (typeof log === 'string') {
    return {
      errorCode: errors.LEADER_NOT_AVAILABLE.code,
      partitionIndex,
      leaderId: NO_LEADER,
      leaderEpoch: NO_EPOCH,
      replicaNodes: self,
      isrNodes: [],
      offlineReplicas: self,
    }
  }
  return {
    errorCode: errors.NONE.code,
    partitionIndex,
    leaderId: broker.node.id,
    leaderEpoch: log.leaderEpoch,
    replicaNodes: self,
    isrNodes: self,
    offlineReplicas: [],
  }
}

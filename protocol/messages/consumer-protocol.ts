import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bytes,
  data,
  int32,
  partitionIndex,
  string,
  topicName,
  versions,
} from '../schema/index.ts'

const TopicPartition = {
  topic: topicName(),
  partitions: array(partitionIndex()),
}

export const ConsumerProtocolSubscription = data('ConsumerProtocolSubscription', versions('0-3'), {
  topics: array(string()),
  userData: bytes({ nullable: '0+', default: null }),
  ownedPartitions: array(TopicPartition, { versions: '1+', ignorable: true }),
  generationId: int32({ versions: '2+', default: -1, ignorable: true }),
  rackId: string({ versions: '3+', nullable: '3+', default: null, ignorable: true }),
})
export interface ConsumerProtocolSubscription extends TypeOf<typeof ConsumerProtocolSubscription> {}

export const ConsumerProtocolAssignment = data('ConsumerProtocolAssignment', versions('0-3'), {
  assignedPartitions: array({
    topic: topicName(),
    partitions: array(partitionIndex()),
  }),
  userData: bytes({ nullable: '0+', default: null }),
})
export interface ConsumerProtocolAssignment extends TypeOf<typeof ConsumerProtocolAssignment> {}

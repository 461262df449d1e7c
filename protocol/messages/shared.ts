import {
  array,
  brokerId,
  int16,
  int32,
  leaderEpoch,
  offset,
  partitionIndex,
  string,
  topicName,
  uint16,
  uuid,
} from '../schema/index.ts'

// Shapes that more than one message has. What only one has stands beside it.

/** Where a broker can be reached. */
export const NodeEndpoint = {
  nodeId: brokerId(),
  host: string(),
  port: int32(),
  rack: string({ nullable: '0+', default: null }),
}

/** Leader of a partition; -1 and -1 where it need not be said. */
export const LeaderIdAndEpoch = {
  leaderId: brokerId({ default: -1 }),
  leaderEpoch: leaderEpoch({ default: -1 }),
}

/** Partitions of a topic that is named by its id. */
export const TopicIdPartitions = {
  topicId: uuid(),
  partitions: array(partitionIndex()),
}

/** Partitions of a topic, named by its id and its name. */
export const NamedTopicPartitions = {
  topicId: uuid(),
  topicName: topicName(),
  partitions: array(partitionIndex()),
}

/** What a member of a group is assigned. */
export const MemberAssignment = {
  topicPartitions: array(NamedTopicPartitions),
}

/** A tag or a config. */
export const KeyValue = {
  key: string(),
  value: string(),
}

/** An internal topic that a streams application needs. */
export const TopicInfo = {
  name: topicName(),
  partitions: int32(),
  replicationFactor: int16(),
  topicConfigs: array(KeyValue),
}

/** Where an instance of a streams application can be reached. */
export const Endpoint = {
  host: string(),
  port: uint16(),
}

/** Tasks of a subtopology, by partition. */
export const TaskIds = {
  subtopologyId: string(),
  partitions: array(partitionIndex()),
}

/** How far a stateful task has got. */
export const TaskOffset = {
  subtopologyId: string(),
  partition: partitionIndex(),
  offset: offset(),
}

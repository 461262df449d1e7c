import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  groupId,
  int8,
  int16,
  int32,
  offset,
  partitionIndex,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  topicName,
  uint16,
  versions,
} from '../schema/index.ts'

const KeyValue = {
  key: string(),
  value: string(),
}

const TopicInfo = {
  name: topicName(),
  partitions: partitionIndex(),
  replicationFactor: int16(),
  topicConfigs: array(KeyValue),
}

const TaskIds = {
  subtopologyId: string(),
  partitions: array(partitionIndex()),
}

const Endpoint = {
  host: string(),
  port: uint16(),
}

const TaskOffset = {
  subtopologyId: string(),
  partition: partitionIndex(),
  offset: offset(),
}

const Topology = {
  epoch: int32(),
  subtopologies: array({
    subtopologyId: string(),
    sourceTopics: array(topicName()),
    sourceTopicRegex: array(string()),
    stateChangelogTopics: array(TopicInfo),
    repartitionSinkTopics: array(topicName()),
    repartitionSourceTopics: array(TopicInfo),
    copartitionGroups: array({
      sourceTopics: array(int16()),
      sourceTopicRegex: array(int16()),
      repartitionSourceTopics: array(int16()),
    }),
  }),
}

const Status = {
  statusCode: int8(),
  statusDetail: string(),
}

const TopicPartition = {
  topic: topicName(),
  partitions: array(partitionIndex()),
}

const EndpointToPartitions = {
  userEndpoint: struct(Endpoint),
  activePartitions: array(TopicPartition),
  standbyPartitions: array(TopicPartition),
}

export const StreamsGroupHeartbeatRequest = request(
  88,
  'StreamsGroupHeartbeat',
  versions('0', { flexible: '0+', latestStable: -1 }),
  {
    groupId: groupId(),
    memberId: string(),
    memberEpoch: int32(),
    endpointInformationEpoch: int32(),
    instanceId: string({ nullable: '0+', default: null }),
    rackId: string({ nullable: '0+', default: null }),
    rebalanceTimeoutMs: int32({ default: -1 }),
    topology: struct(Topology, { nullable: '0+', default: null }),
    activeTasks: array(TaskIds, { nullable: '0+', default: null }),
    standbyTasks: array(TaskIds, { nullable: '0+', default: null }),
    warmupTasks: array(TaskIds, { nullable: '0+', default: null }),
    processId: string({ nullable: '0+', default: null }),
    userEndpoint: struct(Endpoint, { nullable: '0+', default: null }),
    clientTags: array(KeyValue, { nullable: '0+', default: null }),
    taskOffsets: array(TaskOffset, { nullable: '0+', default: null }),
    taskEndOffsets: array(TaskOffset, { nullable: '0+', default: null }),
    shutdownApplication: bool({ default: false }),
  },
)
export interface StreamsGroupHeartbeatRequest extends TypeOf<typeof StreamsGroupHeartbeatRequest> {}

export const StreamsGroupHeartbeatResponse = response(
  88,
  'StreamsGroupHeartbeat',
  versions('0', { flexible: '0+', latestStable: -1 }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+', default: null }),
    memberId: string(),
    memberEpoch: int32(),
    heartbeatIntervalMs: int32(),
    acceptableRecoveryLag: int32(),
    taskOffsetIntervalMs: int32(),
    status: array(Status, { nullable: '0+', default: null }),
    activeTasks: array(TaskIds, { nullable: '0+', default: null }),
    standbyTasks: array(TaskIds, { nullable: '0+', default: null }),
    warmupTasks: array(TaskIds, { nullable: '0+', default: null }),
    endpointInformationEpoch: int32(),
    partitionsByUserEndpoint: array(EndpointToPartitions, { nullable: '0+', default: null }),
  },
)
export interface StreamsGroupHeartbeatResponse
  extends TypeOf<typeof StreamsGroupHeartbeatResponse> {}

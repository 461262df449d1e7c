import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  groupId,
  int8,
  int16,
  int32,
  partitionIndex,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'
import { Endpoint, KeyValue, TaskIds, TaskOffset, TopicInfo } from './shared.ts'

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

/** The streams protocol's one request (KIP-1071). Not stable in 4.1, so never advertised. */
export const StreamsGroupHeartbeatRequest = request(
  88,
  'StreamsGroupHeartbeat',
  versions('0', { flexible: '0+', latestStable: -1 }),
  {
    groupId: groupId(),
    memberId: string(),
    /** 0 to join, -1 to leave, -2 to leave for a short while as a static member. */
    memberEpoch: int32(),
    endpointInformationEpoch: int32(),
    instanceId: string({ nullable: '0+', default: null }),
    rackId: string({ nullable: '0+', default: null }),
    rebalanceTimeoutMs: int32({ default: -1 }),
    /** Given when joining; null when it has not changed. */
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

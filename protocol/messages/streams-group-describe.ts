import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  groupId,
  int32,
  NO_AUTHORIZED_OPERATIONS,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'
import { Endpoint, KeyValue, TaskIds, TaskOffset, TopicInfo } from './shared.ts'

const Assignment = {
  activeTasks: array(TaskIds),
  standbyTasks: array(TaskIds),
  warmupTasks: array(TaskIds),
}

const Subtopology = {
  subtopologyId: string(),
  sourceTopics: array(topicName()),
  repartitionSinkTopics: array(topicName()),
  stateChangelogTopics: array(TopicInfo),
  repartitionSourceTopics: array(TopicInfo),
}

const Topology = {
  epoch: int32(),
  subtopologies: array(Subtopology, { nullable: '0+', default: null }),
}

/** Describes groups of the streams protocol (KIP-1071). Not stable in 4.1, so never advertised. */
export const StreamsGroupDescribeRequest = request(
  89,
  'StreamsGroupDescribe',
  versions('0', { flexible: '0+', latestStable: -1 }),
  {
    groupIds: array(groupId()),
    includeAuthorizedOperations: bool(),
  },
)
export interface StreamsGroupDescribeRequest extends TypeOf<typeof StreamsGroupDescribeRequest> {}

export const StreamsGroupDescribeResponse = response(
  89,
  'StreamsGroupDescribe',
  versions('0', { flexible: '0+', latestStable: -1 }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    groups: array({
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+', default: null }),
      groupId: groupId(),
      groupState: string(),
      groupEpoch: int32(),
      assignmentEpoch: int32(),
      topology: struct(Topology, { nullable: '0+', default: null }),
      members: array({
        memberId: string(),
        memberEpoch: int32(),
        instanceId: string({ nullable: '0+', default: null }),
        rackId: string({ nullable: '0+', default: null }),
        clientId: string(),
        clientHost: string(),
        topologyEpoch: int32(),
        processId: string(),
        userEndpoint: struct(Endpoint, { nullable: '0+', default: null }),
        clientTags: array(KeyValue),
        taskOffsets: array(TaskOffset),
        taskEndOffsets: array(TaskOffset),
        assignment: struct(Assignment),
        targetAssignment: struct(Assignment),
        isClassic: bool(),
      }),
      authorizedOperations: int32({ default: NO_AUTHORIZED_OPERATIONS }),
    }),
  },
)
export interface StreamsGroupDescribeResponse extends TypeOf<typeof StreamsGroupDescribeResponse> {}

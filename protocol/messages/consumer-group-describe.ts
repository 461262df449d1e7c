import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  groupId,
  int8,
  int32,
  partitionIndex,
  request,
  response,
  string,
  struct,
  throttleTimeMs,
  topicName,
  uuid,
  versions,
} from '../schema/index.ts'

const TopicPartitions = {
  topicId: uuid(),
  topicName: topicName(),
  partitions: array(partitionIndex()),
}

const Assignment = {
  topicPartitions: array(TopicPartitions),
}

export const ConsumerGroupDescribeRequest = request(
  69,
  'ConsumerGroupDescribe',
  versions('0-1', { flexible: '0+' }),
  {
    groupIds: array(groupId()),
    includeAuthorizedOperations: bool(),
  },
)
export interface ConsumerGroupDescribeRequest extends TypeOf<typeof ConsumerGroupDescribeRequest> {}

export const ConsumerGroupDescribeResponse = response(
  69,
  'ConsumerGroupDescribe',
  versions('0-1', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    groups: array({
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+', default: null }),
      groupId: groupId(),
      groupState: string(),
      groupEpoch: int32(),
      assignmentEpoch: int32(),
      assignorName: string(),
      members: array({
        memberId: string(),
        instanceId: string({ nullable: '0+', default: null }),
        rackId: string({ nullable: '0+', default: null }),
        memberEpoch: int32(),
        clientId: string(),
        clientHost: string(),
        subscribedTopicNames: array(topicName()),
        subscribedTopicRegex: string({ nullable: '0+', default: null }),
        assignment: struct(Assignment),
        targetAssignment: struct(Assignment),
        memberType: int8({ versions: '1+', default: -1, ignorable: true }),
      }),
      authorizedOperations: int32({ default: -2147483648 }),
    }),
  },
)
export interface ConsumerGroupDescribeResponse
  extends TypeOf<typeof ConsumerGroupDescribeResponse> {}

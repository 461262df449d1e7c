import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  brokerId,
  errorCode,
  int8,
  int16,
  int32,
  partitionIndex,
  request,
  response,
  string,
  throttleTimeMs,
  topicName,
  uuid,
  versions,
} from '../schema/index.ts'

const CreatableTopicConfigs = {
  name: string(),
  value: string({ nullable: '5+' }),
  readOnly: bool(),
  configSource: int8({ default: -1 }),
  isSensitive: bool(),
}

export const CreateTopicsRequest = request(
  19,
  'CreateTopics',
  versions('0-7', { flexible: '5+' }),
  {
    topics: array({
      name: topicName(),
      numPartitions: int32(),
      replicationFactor: int16(),
      assignments: array({
        partitionIndex: partitionIndex(),
        brokerIds: array(brokerId()),
      }),
      configs: array({
        name: string(),
        value: string({ nullable: '0+' }),
      }),
    }),
    timeoutMs: int32({ default: 60000 }),
    validateOnly: bool({ versions: '1+', default: false }),
  },
)
export interface CreateTopicsRequest extends TypeOf<typeof CreateTopicsRequest> {}

export const CreateTopicsResponse = response(
  19,
  'CreateTopics',
  versions('0-7', { flexible: '5+' }),
  {
    throttleTimeMs: throttleTimeMs({ versions: '2+', ignorable: true }),
    topics: array({
      name: topicName(),
      topicId: uuid({ versions: '7+', ignorable: true }),
      errorCode: errorCode(),
      errorMessage: string({ versions: '1+', nullable: '1+', ignorable: true }),
      topicConfigErrorCode: errorCode({ versions: '5+', tag: 0, ignorable: true }),
      numPartitions: int32({ versions: '5+', default: -1, ignorable: true }),
      replicationFactor: int16({ versions: '5+', default: -1, ignorable: true }),
      configs: array(CreatableTopicConfigs, { versions: '5+', nullable: '5+', ignorable: true }),
    }),
  },
)
export interface CreateTopicsResponse extends TypeOf<typeof CreateTopicsResponse> {}

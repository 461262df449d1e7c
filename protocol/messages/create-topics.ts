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
  value: string({ nullable: '0+' }),
  readOnly: bool(),
  configSource: int8({ default: -1 }),
  isSensitive: bool(),
}

/**
 * Creates topics. From version 4 on -1 stands for the default number of partitions and replicas
 * (KIP-464).
 */
export const CreateTopicsRequest = request(
  19,
  'CreateTopics',
  versions('0-7', { flexible: '5+' }),
  {
    topics: array({
      name: topicName(),
      /** -1 when assignments are given, or for the default. */
      numPartitions: int32(),
      /** -1 when assignments are given, or for the default. */
      replicationFactor: int16(),
      /** Replicas by hand, for every partition; else empty. */
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
    /** Check, but create nothing. */
    validateOnly: bool({ versions: '1+', default: false }),
  },
)
export interface CreateTopicsRequest extends TypeOf<typeof CreateTopicsRequest> {}

/** From version 5 on with what the topic has become (KIP-525), from 7 on with its id. */
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
      /** Why the configs below are not shown, when they are not. */
      topicConfigErrorCode: errorCode({ versions: '5+', tag: 0, ignorable: true }),
      numPartitions: int32({ versions: '5+', default: -1, ignorable: true }),
      replicationFactor: int16({ versions: '5+', default: -1, ignorable: true }),
      /** Null when the client may not see them. */
      configs: array(CreatableTopicConfigs, { versions: '5+', nullable: '5+', ignorable: true }),
    }),
  },
)
export interface CreateTopicsResponse extends TypeOf<typeof CreateTopicsResponse> {}

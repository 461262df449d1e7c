import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int32,
  request,
  response,
  string,
  throttleTimeMs,
  topicName,
  uuid,
  versions,
} from '../schema/index.ts'

const DeleteTopicState = {
  /** Null when the id is given. */
  name: topicName({ nullable: '0+', default: null }),
  topicId: uuid(),
}

/** By name up to version 5; by name or id from 6 on, in `topics` (KIP-516). */
export const DeleteTopicsRequest = request(
  20,
  'DeleteTopics',
  versions('0-6', { flexible: '4+' }),
  {
    topics: array(DeleteTopicState, { versions: '6+' }),
    topicNames: array(topicName(), { versions: '0-5', ignorable: true }),
    timeoutMs: int32(),
  },
)
export interface DeleteTopicsRequest extends TypeOf<typeof DeleteTopicsRequest> {}

export const DeleteTopicsResponse = response(
  20,
  'DeleteTopics',
  versions('0-6', { flexible: '4+' }),
  {
    throttleTimeMs: throttleTimeMs({ versions: '1+', ignorable: true }),
    responses: array({
      name: topicName({ nullable: '6+' }),
      topicId: uuid({ versions: '6+', ignorable: true }),
      errorCode: errorCode(),
      errorMessage: string({ versions: '5+', nullable: '5+', default: null, ignorable: true }),
    }),
  },
)
export interface DeleteTopicsResponse extends TypeOf<typeof DeleteTopicsResponse> {}

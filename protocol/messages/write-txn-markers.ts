import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  int32,
  partitionIndex,
  producerEpoch,
  producerId,
  request,
  response,
  topicName,
  versions,
} from '../schema/index.ts'

/** From the transaction coordinator to partition leaders: the outcome of transactions. */
export const WriteTxnMarkersRequest = request(
  27,
  'WriteTxnMarkers',
  versions('0-1', { flexible: '1+' }),
  {
    markers: array({
      producerId: producerId(),
      producerEpoch: producerEpoch(),
      /** True for commit, false for abort. */
      transactionResult: bool(),
      topics: array({
        name: topicName(),
        partitionIndexes: array(partitionIndex()),
      }),
      coordinatorEpoch: int32(),
    }),
  },
)
export interface WriteTxnMarkersRequest extends TypeOf<typeof WriteTxnMarkersRequest> {}

export const WriteTxnMarkersResponse = response(
  27,
  'WriteTxnMarkers',
  versions('0-1', { flexible: '1+' }),
  {
    markers: array({
      producerId: producerId(),
      topics: array({
        name: topicName(),
        partitions: array({
          partitionIndex: partitionIndex(),
          errorCode: errorCode(),
        }),
      }),
    }),
  },
)
export interface WriteTxnMarkersResponse extends TypeOf<typeof WriteTxnMarkersResponse> {}

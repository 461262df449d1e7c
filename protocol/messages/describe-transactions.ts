import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int32,
  partitionIndex,
  producerEpoch,
  producerId,
  request,
  response,
  string,
  throttleTimeMs,
  timestamp,
  topicName,
  transactionalId,
  versions,
} from '../schema/index.ts'

/** State of transactions as their coordinator sees it (KIP-664). */
export const DescribeTransactionsRequest = request(
  65,
  'DescribeTransactions',
  versions('0', { flexible: '0+' }),
  {
    transactionalIds: array(transactionalId()),
  },
)
export interface DescribeTransactionsRequest extends TypeOf<typeof DescribeTransactionsRequest> {}

export const DescribeTransactionsResponse = response(
  65,
  'DescribeTransactions',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    transactionStates: array({
      errorCode: errorCode(),
      transactionalId: transactionalId(),
      /** Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort and so on. */
      transactionState: string(),
      transactionTimeoutMs: int32(),
      transactionStartTimeMs: timestamp(),
      producerId: producerId(),
      producerEpoch: producerEpoch(),
      topics: array({
        topic: topicName(),
        partitions: array(partitionIndex()),
      }),
    }),
  },
)
export interface DescribeTransactionsResponse extends TypeOf<typeof DescribeTransactionsResponse> {}

import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  partitionIndex,
  producerEpoch,
  producerId,
  request,
  response,
  throttleTimeMs,
  topicName,
  transactionalId,
  versions,
} from '../schema/index.ts'

const AddPartitionsToTxnTopic = {
  name: topicName(),
  partitions: array(partitionIndex()),
}

const AddPartitionsToTxnTransaction = {
  transactionalId: transactionalId(),
  producerId: producerId(),
  producerEpoch: producerEpoch(),
  /** Only ask whether the partitions are part of the transaction. */
  verifyOnly: bool({ default: false }),
  topics: array(AddPartitionsToTxnTopic),
}

const AddPartitionsToTxnPartitionResult = {
  partitionIndex: partitionIndex(),
  partitionErrorCode: errorCode(),
}

const AddPartitionsToTxnTopicResult = {
  name: topicName(),
  resultsByPartition: array(AddPartitionsToTxnPartitionResult),
}

const AddPartitionsToTxnResult = {
  transactionalId: transactionalId(),
  topicResults: array(AddPartitionsToTxnTopicResult),
}

/**
 * Tells the transaction coordinator which partitions a transaction will write to. From version 4 on
 * brokers send it too, for several transactions, to verify that they are open (KIP-890).
 */
export const AddPartitionsToTxnRequest = request(
  24,
  'AddPartitionsToTxn',
  versions('0-5', { flexible: '3+' }),
  {
    transactions: array(AddPartitionsToTxnTransaction, { versions: '4+' }),
    v3AndBelowTransactionalId: transactionalId({ versions: '0-3' }),
    v3AndBelowProducerId: producerId({ versions: '0-3' }),
    v3AndBelowProducerEpoch: producerEpoch({ versions: '0-3' }),
    v3AndBelowTopics: array(AddPartitionsToTxnTopic, { versions: '0-3' }),
  },
)
export interface AddPartitionsToTxnRequest extends TypeOf<typeof AddPartitionsToTxnRequest> {}

export const AddPartitionsToTxnResponse = response(
  24,
  'AddPartitionsToTxn',
  versions('0-5', { flexible: '3+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode({ versions: '4+', ignorable: true }),
    resultsByTransaction: array(AddPartitionsToTxnResult, { versions: '4+' }),
    resultsByTopicV3AndBelow: array(AddPartitionsToTxnTopicResult, { versions: '0-3' }),
  },
)
export interface AddPartitionsToTxnResponse extends TypeOf<typeof AddPartitionsToTxnResponse> {}

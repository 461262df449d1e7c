import type { TypeOf } from '../schema/index.ts'
import {
  errorCode,
  groupId,
  producerEpoch,
  producerId,
  request,
  response,
  throttleTimeMs,
  transactionalId,
  versions,
} from '../schema/index.ts'

/** Tells the transaction coordinator that a transaction will commit offsets of a group. */
export const AddOffsetsToTxnRequest = request(
  25,
  'AddOffsetsToTxn',
  versions('0-4', { flexible: '3+' }),
  {
    transactionalId: transactionalId(),
    producerId: producerId(),
    producerEpoch: producerEpoch(),
    groupId: groupId(),
  },
)
export interface AddOffsetsToTxnRequest extends TypeOf<typeof AddOffsetsToTxnRequest> {}

export const AddOffsetsToTxnResponse = response(
  25,
  'AddOffsetsToTxn',
  versions('0-4', { flexible: '3+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
  },
)
export interface AddOffsetsToTxnResponse extends TypeOf<typeof AddOffsetsToTxnResponse> {}

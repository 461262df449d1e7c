import type { TypeOf } from '../schema/index.ts'
import {
  bool,
  errorCode,
  int32,
  producerEpoch,
  producerId,
  request,
  response,
  throttleTimeMs,
  transactionalId,
  versions,
} from '../schema/index.ts'

/**
 * Gives an idempotent producer its id, or fences the predecessors of a transactional one. Version 3
 * lets a producer keep its id with a new epoch (KIP-360); 6 is about two-phase commit and not
 * stable.
 */
export const InitProducerIdRequest = request(
  22,
  'InitProducerId',
  versions('0-6', { flexible: '2+', latestStable: 5 }),
  {
    /** Null for an idempotent producer without transactions. */
    transactionalId: transactionalId({ nullable: '0+' }),
    /** After how long a transaction left open is aborted. */
    transactionTimeoutMs: int32(),
    /** The id that the producer has already; -1n for none. */
    producerId: producerId({ versions: '3+', default: -1n }),
    producerEpoch: producerEpoch({ versions: '3+', default: -1 }),
    enable2Pc: bool({ versions: '6+', default: false }),
    keepPreparedTxn: bool({ versions: '6+', default: false }),
  },
)
export interface InitProducerIdRequest extends TypeOf<typeof InitProducerIdRequest> {}

export const InitProducerIdResponse = response(
  22,
  'InitProducerId',
  versions('0-6', { flexible: '2+', latestStable: 5 }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    producerId: producerId({ default: -1n }),
    producerEpoch: producerEpoch(),
    ongoingTxnProducerId: producerId({ versions: '6+', default: -1n }),
    ongoingTxnProducerEpoch: producerEpoch({ versions: '6+', default: -1 }),
  },
)
export interface InitProducerIdResponse extends TypeOf<typeof InitProducerIdResponse> {}

import type { TypeOf } from '../schema/index.ts'
import {
  bool,
  errorCode,
  int16,
  int32,
  producerEpoch,
  producerId,
  request,
  response,
  throttleTimeMs,
  transactionalId,
  versions,
} from '../schema/index.ts'

export const InitProducerIdRequest = request(
  22,
  'InitProducerId',
  versions('0-6', { flexible: '2+', latestStable: 5 }),
  {
    transactionalId: transactionalId({ nullable: '0+' }),
    transactionTimeoutMs: int32(),
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
    ongoingTxnProducerEpoch: int16({ versions: '6+', default: -1 }),
  },
)
export interface InitProducerIdResponse extends TypeOf<typeof InitProducerIdResponse> {}

import type { TypeOf } from '../schema/index.ts'
import {
  bool,
  errorCode,
  producerEpoch,
  producerId,
  request,
  response,
  throttleTimeMs,
  transactionalId,
  versions,
} from '../schema/index.ts'

/**
 * Commits or aborts a transaction. From version 5 on every end raises the producer's epoch
 * (KIP-890).
 */
export const EndTxnRequest = request(26, 'EndTxn', versions('0-5', { flexible: '3+' }), {
  transactionalId: transactionalId(),
  producerId: producerId(),
  producerEpoch: producerEpoch(),
  /** True to commit, false to abort. */
  committed: bool(),
})
export interface EndTxnRequest extends TypeOf<typeof EndTxnRequest> {}

export const EndTxnResponse = response(26, 'EndTxn', versions('0-5', { flexible: '3+' }), {
  throttleTimeMs: throttleTimeMs({ default: 0 }),
  errorCode: errorCode(),
  producerId: producerId({ versions: '5+', default: -1n, ignorable: true }),
  producerEpoch: producerEpoch({ versions: '5+', default: -1, ignorable: true }),
})
export interface EndTxnResponse extends TypeOf<typeof EndTxnResponse> {}

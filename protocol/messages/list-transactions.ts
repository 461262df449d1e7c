import type { TypeOf } from '../schema/index.ts'
import {
  array,
  durationMs,
  errorCode,
  producerId,
  request,
  response,
  string,
  throttleTimeMs,
  transactionalId,
  versions,
} from '../schema/index.ts'

export const ListTransactionsRequest = request(
  66,
  'ListTransactions',
  versions('0-2', { flexible: '0+' }),
  {
    stateFilters: array(string()),
    producerIdFilters: array(producerId()),
    durationFilter: durationMs({ versions: '1+', default: -1 }),
    transactionalIdPattern: string({ versions: '2+', nullable: '2+', default: null }),
  },
)
export interface ListTransactionsRequest extends TypeOf<typeof ListTransactionsRequest> {}

export const ListTransactionsResponse = response(
  66,
  'ListTransactions',
  versions('0-2', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    unknownStateFilters: array(string()),
    transactionStates: array({
      transactionalId: transactionalId(),
      producerId: producerId(),
      transactionState: string(),
    }),
  },
)
export interface ListTransactionsResponse extends TypeOf<typeof ListTransactionsResponse> {}

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

/**
 * Lists the transactions of this coordinator by state, producer, age (KIP-994) and id pattern
 * (KIP-1152).
 */
export const ListTransactionsRequest = request(
  66,
  'ListTransactions',
  versions('0-2', { flexible: '0+' }),
  {
    /** Empty for all. */
    stateFilters: array(string()),
    producerIdFilters: array(producerId()),
    /** Only those open for longer than this; negative for all. */
    durationFilter: durationMs({ versions: '1+', default: -1 }),
    /** A regular expression; null or empty for all. */
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
    /** Filters that this broker does not understand. */
    unknownStateFilters: array(string()),
    transactionStates: array({
      transactionalId: transactionalId(),
      producerId: producerId(),
      transactionState: string(),
    }),
  },
)
export interface ListTransactionsResponse extends TypeOf<typeof ListTransactionsResponse> {}

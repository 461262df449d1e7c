import type { TypeOf } from '../schema/index.ts'
import {
  brokerId,
  errorCode,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

/** Removes the registration of a broker that is gone for good. */
export const UnregisterBrokerRequest = request(
  64,
  'UnregisterBroker',
  versions('0', { flexible: '0+' }),
  {
    brokerId: brokerId(),
  },
)
export interface UnregisterBrokerRequest extends TypeOf<typeof UnregisterBrokerRequest> {}

export const UnregisterBrokerResponse = response(
  64,
  'UnregisterBroker',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
  },
)
export interface UnregisterBrokerResponse extends TypeOf<typeof UnregisterBrokerResponse> {}

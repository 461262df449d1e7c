import type { TypeOf } from '../schema/index.ts'
import {
  bytes,
  durationMs,
  errorCode,
  request,
  response,
  throttleTimeMs,
  timestamp,
  versions,
} from '../schema/index.ts'

/** Moves the expiry of a delegation token, at most to its end of life. */
export const RenewDelegationTokenRequest = request(
  39,
  'RenewDelegationToken',
  versions('0-2', { flexible: '2+' }),
  {
    hmac: bytes({ sensitive: true }),
    renewPeriodMs: durationMs(),
  },
)
export interface RenewDelegationTokenRequest extends TypeOf<typeof RenewDelegationTokenRequest> {}

export const RenewDelegationTokenResponse = response(
  39,
  'RenewDelegationToken',
  versions('0-2', { flexible: '2+' }),
  {
    errorCode: errorCode(),
    expiryTimestampMs: timestamp(),
    throttleTimeMs: throttleTimeMs({ default: 0 }),
  },
)
export interface RenewDelegationTokenResponse extends TypeOf<typeof RenewDelegationTokenResponse> {}

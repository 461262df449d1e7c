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

/** Moves the expiry of a delegation token; a negative period ends it at once. */
export const ExpireDelegationTokenRequest = request(
  40,
  'ExpireDelegationToken',
  versions('0-2', { flexible: '2+' }),
  {
    hmac: bytes({ sensitive: true }),
    /** Negative to end the token at once. */
    expiryTimePeriodMs: durationMs(),
  },
)
export interface ExpireDelegationTokenRequest extends TypeOf<typeof ExpireDelegationTokenRequest> {}

export const ExpireDelegationTokenResponse = response(
  40,
  'ExpireDelegationToken',
  versions('0-2', { flexible: '2+' }),
  {
    errorCode: errorCode(),
    expiryTimestampMs: timestamp(),
    throttleTimeMs: throttleTimeMs({ default: 0 }),
  },
)
export interface ExpireDelegationTokenResponse
  extends TypeOf<typeof ExpireDelegationTokenResponse> {}

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

export const ExpireDelegationTokenRequest = request(
  40,
  'ExpireDelegationToken',
  versions('0-2', { flexible: '2+' }),
  {
    hmac: bytes({ sensitive: true }),
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

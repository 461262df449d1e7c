import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bytes,
  durationMs,
  errorCode,
  request,
  response,
  string,
  throttleTimeMs,
  timestamp,
  versions,
} from '../schema/index.ts'

/**
 * Creates a token that stands for the principal (KIP-48), or for another one from version 3 on
 * (KIP-373).
 */
export const CreateDelegationTokenRequest = request(
  38,
  'CreateDelegationToken',
  versions('0-3', { flexible: '2+' }),
  {
    ownerPrincipalType: string({ versions: '3+', nullable: '3+' }),
    ownerPrincipalName: string({ versions: '3+', nullable: '3+' }),
    renewers: array({
      principalType: string(),
      principalName: string(),
    }),
    /** Negative for the broker's limit. */
    maxLifetimeMs: durationMs(),
  },
)
export interface CreateDelegationTokenRequest extends TypeOf<typeof CreateDelegationTokenRequest> {}

export const CreateDelegationTokenResponse = response(
  38,
  'CreateDelegationToken',
  versions('0-3', { flexible: '2+' }),
  {
    errorCode: errorCode(),
    principalType: string(),
    principalName: string(),
    tokenRequesterPrincipalType: string({ versions: '3+' }),
    tokenRequesterPrincipalName: string({ versions: '3+' }),
    issueTimestampMs: timestamp(),
    expiryTimestampMs: timestamp(),
    maxTimestampMs: timestamp(),
    tokenId: string(),
    hmac: bytes({ sensitive: true }),
    throttleTimeMs: throttleTimeMs({ default: 0 }),
  },
)
export interface CreateDelegationTokenResponse
  extends TypeOf<typeof CreateDelegationTokenResponse> {}

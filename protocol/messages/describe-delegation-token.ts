import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bytes,
  errorCode,
  request,
  response,
  string,
  throttleTimeMs,
  timestamp,
  versions,
} from '../schema/index.ts'

const DescribeDelegationTokenOwner = {
  principalType: string(),
  principalName: string(),
}

/** Lists the delegation tokens of some owners, or all that the principal may see. */
export const DescribeDelegationTokenRequest = request(
  41,
  'DescribeDelegationToken',
  versions('0-3', { flexible: '2+' }),
  {
    /** Null for all. */
    owners: array(DescribeDelegationTokenOwner, { nullable: '0+' }),
  },
)
export interface DescribeDelegationTokenRequest
  extends TypeOf<typeof DescribeDelegationTokenRequest> {}

export const DescribeDelegationTokenResponse = response(
  41,
  'DescribeDelegationToken',
  versions('0-3', { flexible: '2+' }),
  {
    errorCode: errorCode(),
    tokens: array({
      principalType: string(),
      principalName: string(),
      tokenRequesterPrincipalType: string({ versions: '3+' }),
      tokenRequesterPrincipalName: string({ versions: '3+' }),
      issueTimestamp: timestamp(),
      expiryTimestamp: timestamp(),
      maxTimestamp: timestamp(),
      tokenId: string(),
      hmac: bytes({ sensitive: true }),
      renewers: array({
        principalType: string(),
        principalName: string(),
      }),
    }),
    throttleTimeMs: throttleTimeMs({ default: 0 }),
  },
)
export interface DescribeDelegationTokenResponse
  extends TypeOf<typeof DescribeDelegationTokenResponse> {}

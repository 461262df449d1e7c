import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int8,
  int32,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

const UserName = {
  name: string(),
}

/** Which SCRAM mechanisms users have credentials for (KIP-554). The credentials are never shown. */
export const DescribeUserScramCredentialsRequest = request(
  50,
  'DescribeUserScramCredentials',
  versions('0', { flexible: '0+' }),
  {
    /** Null or empty for all. */
    users: array(UserName, { nullable: '0+' }),
  },
)
export interface DescribeUserScramCredentialsRequest
  extends TypeOf<typeof DescribeUserScramCredentialsRequest> {}

export const DescribeUserScramCredentialsResponse = response(
  50,
  'DescribeUserScramCredentials',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
    results: array({
      user: string(),
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+' }),
      credentialInfos: array({
        mechanism: int8(),
        iterations: int32(),
      }),
    }),
  },
)
export interface DescribeUserScramCredentialsResponse
  extends TypeOf<typeof DescribeUserScramCredentialsResponse> {}

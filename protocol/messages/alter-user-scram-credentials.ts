import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bytes,
  errorCode,
  int8,
  int32,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

/**
 * Sets and deletes SCRAM credentials (KIP-554). The client salts; the broker never sees a password.
 */
export const AlterUserScramCredentialsRequest = request(
  51,
  'AlterUserScramCredentials',
  versions('0', { flexible: '0+' }),
  {
    deletions: array({
      name: string(),
      mechanism: int8(),
    }),
    upsertions: array({
      name: string(),
      /** 1: SCRAM-SHA-256, 2: SCRAM-SHA-512. */
      mechanism: int8(),
      iterations: int32(),
      salt: bytes({ sensitive: true }),
      saltedPassword: bytes({ sensitive: true }),
    }),
  },
)
export interface AlterUserScramCredentialsRequest
  extends TypeOf<typeof AlterUserScramCredentialsRequest> {}

export const AlterUserScramCredentialsResponse = response(
  51,
  'AlterUserScramCredentials',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    results: array({
      user: string(),
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+' }),
    }),
  },
)
export interface AlterUserScramCredentialsResponse
  extends TypeOf<typeof AlterUserScramCredentialsResponse> {}

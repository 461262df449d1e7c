import type { TypeOf } from '../schema/index.ts'
import {
  bytes,
  durationMs,
  errorCode,
  request,
  response,
  string,
  versions,
} from '../schema/index.ts'

/** One token of a SASL exchange, after SaslHandshake v1 (KIP-152). */
export const SaslAuthenticateRequest = request(
  36,
  'SaslAuthenticate',
  versions('0-2', { flexible: '2+' }),
  {
    authBytes: bytes({ sensitive: true }),
  },
)
export interface SaslAuthenticateRequest extends TypeOf<typeof SaslAuthenticateRequest> {}

export const SaslAuthenticateResponse = response(
  36,
  'SaslAuthenticate',
  versions('0-2', { flexible: '2+' }),
  {
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
    authBytes: bytes({ sensitive: true }),
    /** When the client must authenticate again; 0 for never (KIP-368). */
    sessionLifetimeMs: durationMs({ versions: '1+', default: 0, ignorable: true }),
  },
)
export interface SaslAuthenticateResponse extends TypeOf<typeof SaslAuthenticateResponse> {}

import type { TypeOf } from '../schema/index.ts'
import { array, errorCode, request, response, string, versions } from '../schema/index.ts'

/**
 * Chooses a SASL mechanism. After version 0 the tokens follow raw behind an int32 length, after
 * version 1 inside of SaslAuthenticate (KIP-152).
 */
export const SaslHandshakeRequest = request(17, 'SaslHandshake', versions('0-1'), {
  mechanism: string(),
})
export interface SaslHandshakeRequest extends TypeOf<typeof SaslHandshakeRequest> {}

/** Names the mechanisms of the listener, also when the one chosen is not among them. */
export const SaslHandshakeResponse = response(17, 'SaslHandshake', versions('0-1'), {
  errorCode: errorCode(),
  mechanisms: array(string()),
})
export interface SaslHandshakeResponse extends TypeOf<typeof SaslHandshakeResponse> {}

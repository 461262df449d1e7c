import type { TypeOf } from '../schema/index.ts'
import { array, errorCode, request, response, string, versions } from '../schema/index.ts'

export const SaslHandshakeRequest = request(17, 'SaslHandshake', versions('0-1'), {
  mechanism: string(),
})
export interface SaslHandshakeRequest extends TypeOf<typeof SaslHandshakeRequest> {}

export const SaslHandshakeResponse = response(17, 'SaslHandshake', versions('0-1'), {
  errorCode: errorCode(),
  mechanisms: array(string()),
})
export interface SaslHandshakeResponse extends TypeOf<typeof SaslHandshakeResponse> {}

import { errors, SaslHandshakeRequest, SaslHandshakeResponse } from '../../protocol/index.ts'
import { defineHandler } from './handler.ts'

/**
 * SaslHandshake v0-v1 (KIP-43, KIP-152): chooses a mechanism. After v0 the tokens come without a
 * header, after v1 in SaslAuthenticate. A mechanism that is not enabled is answered with those that
 * are, and the connection is closed.
 */
export const saslHandshake = defineHandler(
  SaslHandshakeRequest,
  SaslHandshakeResponse,
  {
    versions: '0-1',
    stage: 'ordered',
    permissions: [],
    notes: ['On a listener without SASL, and on a session that does not end: ILLEGAL_SASL_STATE.'],
  },
  ({ mechanism }, { apiVersion, connection }) => {
    const answer = connection.login?.handshake(mechanism, apiVersion)
    if (!answer) return { errorCode: errors.ILLEGAL_SASL_STATE.code, mechanisms: [] }
    return { errorCode: errors[answer.error].code, mechanisms: [...answer.mechanisms] }
  },
)

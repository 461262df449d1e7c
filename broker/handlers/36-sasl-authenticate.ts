import { errors, SaslAuthenticateRequest, SaslAuthenticateResponse } from '../../protocol/index.ts'
import { defineHandler } from './handler.ts'

/**
 * SaslAuthenticate v0-v2 (KIP-152, KIP-368): one token of a login. The answer to a failed login comes
 * after `connection.failed.authentication.delay.ms`, says nothing of the reason but what the client
 * must know, and is the last of the connection.
 */
export const saslAuthenticate = defineHandler(
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
  { versions: '0-2', stage: 'ordered', permissions: [] },
  async ({ authBytes }, { connection }) => {
    if (!connection.login) {
      const { code, message } = errors.ILLEGAL_SASL_STATE
      return { errorCode: code, errorMessage: message, authBytes: Buffer.alloc(0) }
    }
    const { error, message, bytes, sessionLifetimeMs } =
      await connection.login.authenticate(authBytes)
    const errorCode = errors[error].code
    return { errorCode, errorMessage: message, authBytes: bytes, sessionLifetimeMs }
  },
)

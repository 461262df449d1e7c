import { userPrincipal } from '../identity.ts'
import type { BearerTokens } from './bearer-tokens.ts'
import { parseOAuthBearer } from './oauth-bearer-message.ts'
import type { SaslServer, SaslStep } from './sasl-server.ts'

/** What a client sends to show that it has read why it was refused (RFC 7628, section 3.2.3). */
const ACKNOWLEDGEMENT = 0x01

/**
 * OAUTHBEARER (RFC 7628, KIP-255, KIP-768), the server's side. A token that is refused is answered by
 * a JSON text, as the RFC has it; the exchange fails with the client's next message, whatever it is.
 */
export class OAuthBearerServer implements SaslServer {
  readonly #tokens: BearerTokens
  #refusal: { readonly text: string; readonly claimedUser: string | null } | undefined
  #isOver = false

  constructor(tokens: BearerTokens) {
    this.#tokens = tokens
  }

  async evaluate(bytes: Buffer): Promise<SaslStep> {
    if (this.#refusal) return this.#failAfterRefusal(bytes, this.#refusal)
    if (this.#isOver) return failed('the exchange is over', null)
    this.#isOver = true
    const message = parseOAuthBearer(bytes)
    if (!message) return failed('Authentication failed: not an OAUTHBEARER message', null)
    const check = await this.#tokens.check(message.token)
    if (check.kind === 'refused') return this.#refuse('invalid_token', null)
    const { authorizationId } = message
    if (authorizationId !== '' && authorizationId !== check.user) {
      return this.#refuse('insufficient_scope', check.user)
    }
    return {
      kind: 'authenticated',
      bytes: Buffer.alloc(0),
      identity: { principal: userPrincipal(check.user), mechanism: 'OAUTHBEARER' },
      expiresAtMs: check.expiresAtMs,
    }
  }

  #refuse(status: string, claimedUser: string | null): SaslStep {
    const text = JSON.stringify({ status })
    this.#refusal = { text, claimedUser }
    return { kind: 'challenge', bytes: Buffer.from(text) }
  }

  #failAfterRefusal(
    bytes: Buffer,
    { text, claimedUser }: { text: string; claimedUser: string | null },
  ): SaslStep {
    const isAcknowledged = bytes.length === 1 && bytes[0] === ACKNOWLEDGEMENT
    return failed(isAcknowledged ? text : `Authentication failed: ${text}`, claimedUser)
  }
}

function failed(message: string, claimedUser: string | null): SaslStep {
  return { kind: 'failed', message, claimedUser }
}

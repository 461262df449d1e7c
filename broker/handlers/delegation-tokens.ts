import { timingSafeEqual } from 'node:crypto'
import type { DelegationToken } from '../control/index.ts'
import type { RequestContext } from './handler.ts'
import type { BrokerServices } from './services.ts'

/**
 * Whether the client may ask for tokens at all (KIP-48): it must be known by more than a token, or a
 * token that leaked could be made to live for ever.
 */
export function mayUseTokens({ connection }: RequestContext): boolean {
  const { mechanism, tokenId } = connection.identity
  return mechanism !== 'none' && tokenId === undefined
}

/** A token as clients name it: by its HMAC. */
export function tokenOfHmac(hmac: Uint8Array, { control }: BrokerServices): DelegationToken | null {
  for (const token of control.state.delegationTokens.values()) {
    const known = control.secrets.get(token.secret.secretId)
    if (known && known.length === hmac.length && timingSafeEqual(known, hmac)) return token
  }
  return null
}

/** `User:alice` in its two parts. */
export function principalParts(principal: string): {
  readonly principalType: string
  readonly principalName: string
} {
  const colon = principal.indexOf(':')
  return { principalType: principal.slice(0, colon), principalName: principal.slice(colon + 1) }
}

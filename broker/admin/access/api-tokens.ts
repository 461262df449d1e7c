import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock, Random, Uuid } from '../../../kit/index.ts'
import type { ControlPlane } from '../../control/index.ts'
import type { TokenVerifier } from './caller.ts'
import { accountCaller } from './caller.ts'

const SECRET_BYTES = 32
/** The prefix lets scanners of leaked secrets find them. */
const TOKEN = /^glasslog_([\w-]{22})\.[\w-]{43}$/

/** A new token's text for an id, and what is kept of it. The text is shown once. */
export function newTokenText(
  id: Uuid,
  random: Random,
): { readonly text: string; readonly hash: Buffer } {
  const text = `glasslog_${id}.${random.bytes(SECRET_BYTES).toString('base64url')}`
  return { text, hash: hashOf(text) }
}

/** Tokens that were made by POST /v1/tokens: good until they expire, are revoked, or the account is disabled. */
export function apiTokenVerifier(control: ControlPlane, clock: Clock): TokenVerifier {
  return (text) => {
    const id = TOKEN.exec(text)?.[1]
    const token = id === undefined ? undefined : control.state.tokens.get(id)
    const expected = token && control.secrets.get(token.secret.secretId)
    if (!token || !expected) return null
    const given = hashOf(text)
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null
    const { account, expiresAtMs } = token
    const how = { mechanism: 'token', tokenId: token.id }
    if (expiresAtMs === -1) return accountCaller(control.state, account, how)
    if (expiresAtMs <= clock.now()) return null
    return accountCaller(control.state, account, { ...how, expiresAtMs })
  }
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

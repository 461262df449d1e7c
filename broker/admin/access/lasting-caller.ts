import type { FastifyRequest } from 'fastify'
import type { AdminServices } from '../admin-services.ts'
import { accountCaller, accountOf } from './caller.ts'
import { credentialOf } from './credentials.ts'

/**
 * Whether what a request came with is still good: the account, and its token or session. For answers
 * that last longer than that may.
 */
export function isStillGood(
  { caller, headers }: FastifyRequest,
  { broker, sessions }: Pick<AdminServices, 'broker' | 'sessions'>,
): boolean {
  const { state } = broker.control
  const { expiresAtMs, tokenId, mechanism } = caller
  if (expiresAtMs !== undefined && expiresAtMs <= broker.clock.now()) return false
  if (tokenId !== undefined && !state.tokens.has(tokenId)) return false
  if (mechanism === 'session') return sessions.verify(credentialOf(headers)?.token ?? '') !== null
  return accountCaller(state, accountOf(caller), caller) !== null
}

import { abbreviate } from '../kit/index.ts'
import type { ClusterState, ControlPlane } from './control/index.ts'
import { UNKNOWN_NAME } from './control/index.ts'
import type { NetworkEvent } from './network/index.ts'
import { ANONYMOUS, userPrincipal } from './security/index.ts'

/** Names and reasons come from strangers: as much of them as is of use goes into the history. */
const MAX_TEXT_LENGTH = 200

/**
 * Tells the history of logins that failed. It counts them together by name, address and minute, and
 * keeps so many kinds of them apart, so that nobody fills it by guessing. A name that nobody has is
 * not kept: people type passwords into the wrong field, and records stay for ever.
 */
export function observeFailedLogin(event: NetworkEvent, control: ControlPlane): void {
  if (event.kind === 'login-failed') {
    const { address, listener } = event.connection
    const { claimedUser, mechanism, message } = event.failure
    const isOurs = claimedUser !== null && isKnown(claimedUser, mechanism, control.state)
    const name = isOurs ? abbreviate(claimedUser, MAX_TEXT_LENGTH) : UNKNOWN_NAME
    control.observe({
      operation: 'login',
      actor: {
        principal: isOurs ? userPrincipal(name) : ANONYMOUS.principal,
        mechanism,
        door: 'kafka',
        source: { ip: address, listener },
      },
      resource: { kind: 'user', name, id: null },
      decision: { allowed: false, rule: 'login-failed' },
      outcome: {
        code: 'SASL_AUTHENTICATION_FAILED',
        message: abbreviate(message, MAX_TEXT_LENGTH),
      },
    })
  }
  if (event.kind === 'tls-failed') {
    const { address, listener, detail } = event
    control.observe({
      operation: 'login',
      actor: { ...ANONYMOUS, mechanism: 'SSL', door: 'kafka', source: { ip: address, listener } },
      resource: { kind: 'user', name: '', id: null },
      decision: { allowed: false, rule: 'tls-failed' },
      outcome: { code: 'NETWORK_EXCEPTION', message: abbreviate(detail, MAX_TEXT_LENGTH) },
    })
  }
}

/** A name out of a bearer token that was signed by its issuer is nobody's guess. */
function isKnown(name: string, mechanism: string, state: ClusterState): boolean {
  const { users, accounts, delegationTokens } = state
  const isSigned = mechanism === 'OAUTHBEARER'
  return isSigned || users.has(name) || accounts.has(name) || delegationTokens.has(name)
}

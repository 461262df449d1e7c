import { abbreviate } from '../kit/index.ts'
import type { ControlPlane } from './control/index.ts'
import type { NetworkEvent } from './network/index.ts'
import { ANONYMOUS, userPrincipal } from './security/index.ts'

/** Names and reasons come from strangers: as much of them as is of use goes into the history. */
const MAX_TEXT_LENGTH = 200

/**
 * Tells the history of logins that failed. It counts them together by name, address and minute, and
 * keeps so many kinds of them apart, so that nobody fills it by guessing.
 */
export function observeFailedLogin(event: NetworkEvent, control: ControlPlane): void {
  if (event.kind === 'login-failed') {
    const { address, listener } = event.connection
    const { claimedUser, mechanism, message } = event.failure
    const name = claimedUser === null ? null : abbreviate(claimedUser, MAX_TEXT_LENGTH)
    control.observe({
      operation: 'login',
      actor: {
        principal: name === null ? ANONYMOUS.principal : userPrincipal(name),
        mechanism,
        door: 'kafka',
        source: { ip: address, listener },
      },
      resource: { kind: 'user', name: name ?? '', id: null },
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

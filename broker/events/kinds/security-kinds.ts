import type { Origin } from './connection-kinds.ts'
import type { EventKindRows, EventResource } from './event-kind-row.ts'
import { ofAddress } from './event-kind-row.ts'

/** Who comes in, who may do what, and the certificates of the listeners. */
export type SecurityEvent =
  | (Origin & {
      readonly kind: 'login-failed'
      /** A principal that exists; what else somebody typed may be a password. */
      readonly principal: string
      readonly mechanism: string
      readonly detail: string
    })
  | (Origin & { readonly kind: 'tls-failed'; readonly detail: string })
  | (Origin & {
      readonly kind: 'access-denied'
      readonly principal: string
      /** What was asked for: an operation, and what on. */
      readonly action: string
      readonly target: string
    })
  | { readonly kind: 'certificate-reloaded'; readonly path: string }
  | { readonly kind: 'certificate-unusable'; readonly path: string; readonly reason: string }
  | { readonly kind: 'certificate-expiring'; readonly path: string; readonly notAfterMs: number }

const ofFile = ({ path }: { readonly path: string }): EventResource => ({
  kind: 'file',
  name: path,
})

const BY_HISTORY = 'broker/history-events.test.ts'
const BY_LISTENERS = 'broker/security/listeners.test.ts'

export const securityKinds: EventKindRows<SecurityEvent> = {
  'login-failed': {
    severity: 'warning',
    when: 'Somebody could not log in, at either door.',
    configs: [],
    resourceOf: ofAddress,
    explain: ({ address, listener, principal, mechanism, detail }) =>
      `A login of ${principal} by ${mechanism} from ${address} to ${listener} failed: ${detail}.`,
    remedy:
      'A client with an old password or token keeps trying: renew it. Many names or addresses are somebody who guesses: the history has them (operation login).',
    movedBy: BY_HISTORY,
  },
  'tls-failed': {
    severity: 'warning',
    when: 'A TLS handshake failed.',
    configs: [],
    resourceOf: ofAddress,
    explain: ({ address, listener, detail }) =>
      `A TLS handshake of ${address} with ${listener} failed: ${detail}.`,
    remedy:
      'A client without TLS on a TLS listener, one that does not trust our certificate or asks for another name, or one whose own certificate we do not trust.',
    movedBy: 'broker/closing-events.test.ts',
  },
  'access-denied': {
    severity: 'warning',
    when: 'Somebody was refused for want of a permission, at either door.',
    configs: [],
    resourceOf: ({ principal }) => ({ kind: 'principal', name: principal }),
    explain: ({ principal, address, action, target }) =>
      `${principal} from ${address} was refused ${action} on ${target}.`,
    remedy:
      'Give the permission by an ACL or a role if it is wanted; the history has every attempt with the rule that refused it.',
    movedBy: BY_HISTORY,
  },
  'certificate-reloaded': {
    severity: 'info',
    when: 'Certificates in a file have changed, and the new ones are in use.',
    configs: [],
    resourceOf: ofFile,
    explain: ({ path }) => `The certificates of ${path} were read again and are in use.`,
    remedy: 'Nothing: connections that exist keep theirs.',
    movedBy: BY_LISTENERS,
  },
  'certificate-unusable': {
    severity: 'error',
    when: 'Certificates in a file have changed, and the new ones cannot be used.',
    configs: [],
    resourceOf: ofFile,
    explain: ({ path, reason }) =>
      `The certificates of ${path} have changed and cannot be used: ${reason}.`,
    remedy: 'Put usable files there before the old certificate expires; until then that one holds.',
    movedBy: BY_LISTENERS,
  },
  'certificate-expiring': {
    severity: 'warning',
    when: 'A certificate in use ends within 14 days.',
    configs: [],
    resourceOf: ofFile,
    explain: ({ path, notAfterMs }) =>
      `The certificate of ${path} is good until ${new Date(notAfterMs).toISOString()}.`,
    remedy: 'Renew it and put it in the same place: it is read without a restart.',
    movedBy: BY_LISTENERS,
  },
}

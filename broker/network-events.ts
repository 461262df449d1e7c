import type { BrokerEvent } from './events/index.ts'
import type { NetworkEvent } from './network/index.ts'

/** What an operator is told of the way in; null for what is as it should be, or is told elsewhere. */
export function brokerEventOf(event: NetworkEvent): BrokerEvent | null {
  switch (event.kind) {
    case 'connection-refused':
      return refusal(event)
    case 'connection-closed':
      return ending(event)
    case 'tls-failed': {
      const { address, listener, detail } = event
      if (!event.isTimeout) return { kind: 'tls-failed', address, listener, detail }
      const told = `TLS was not agreed upon in time (${detail})`
      return { kind: 'login-timeout', address, listener, detail: told }
    }
    // Logins are told to the history, and from there.
    case 'logged-in':
    case 'login-failed':
      return null
  }
}

/** What a log line says of it: not what a stranger typed as a name, which may be a password. */
export function loggedEvent(event: NetworkEvent): Readonly<Record<string, unknown>> {
  const { address, listener } = 'connection' in event ? event.connection : event
  const { kind } = event
  const { reason, detail } = { reason: undefined, detail: undefined, ...event }
  const mechanism = kind === 'login-failed' ? event.failure.mechanism : undefined
  return { event: { kind, address, listener, reason, detail, mechanism } }
}

type Refused = Extract<NetworkEvent, { readonly kind: 'connection-refused' }>

function refusal({ reason, address, listener }: Refused): BrokerEvent | null {
  switch (reason) {
    case 'too-many-connections':
      return { kind: 'connection-limit', address, listener }
    case 'too-many-from-address':
      return { kind: 'address-connection-limit', address, listener }
    case 'too-many-on-listener':
      return { kind: 'listener-connection-limit', address, listener }
    case 'too-fast-from-address':
      return { kind: 'address-connection-rate', address, listener }
    default:
      return null
  }
}

type Closed = Extract<NetworkEvent, { readonly kind: 'connection-closed' }>

function ending({ reason, detail, connection }: Closed): BrokerEvent | null {
  const { address, listener } = connection
  switch (reason) {
    case 'oversized-frame':
      return { kind: 'frame-too-large', address, listener, detail }
    case 'login-timeout':
      return { kind: 'login-timeout', address, listener, detail }
    case 'not-logged-in':
      return { kind: 'login-frames-exceeded', address, listener }
    case 'idle':
      return { kind: 'idle-timeout', address, listener, detail }
    case 'slow-frame':
    case 'stalled-send':
      return { kind: 'slow-client', address, listener, detail }
    case 'malformed-request':
      return { kind: 'malformed-request', address, listener, detail }
    case 'unknown-api':
    case 'unsupported-version':
      return { kind: 'unsupported-request', address, listener, detail }
    case 'handler-failed':
      return { kind: 'request-failed', address, listener, detail }
    case 'session-expired':
      return { kind: 'session-expired', address, listener, detail }
    default:
      return null
  }
}

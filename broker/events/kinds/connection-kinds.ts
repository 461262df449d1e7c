import type { EventKindRows } from './event-kind-row.ts'
import { ofAddress, ofListener, theBroker } from './event-kind-row.ts'

/** Where a client came from, and by which listener. */
export interface Origin {
  readonly address: string
  readonly listener: string
}

type Refusal =
  | 'connection-limit'
  | 'address-connection-limit'
  | 'listener-connection-limit'
  | 'address-connection-rate'
  | 'admin-connection-limit'
  | 'login-frames-exceeded'

type Closing =
  | 'frame-too-large'
  | 'login-timeout'
  | 'idle-timeout'
  | 'slow-client'
  | 'malformed-request'
  | 'unsupported-request'
  | 'request-failed'
  | 'session-expired'

/** What happens to connections and the listeners that they come by. */
export type ConnectionEvent =
  | { readonly [Kind in Refusal]: Origin & { readonly kind: Kind } }[Refusal]
  | {
      readonly [Kind in Closing]: Origin & { readonly kind: Kind; readonly detail: string }
    }[Closing]

const BY_LIMITS = 'broker/network-events.test.ts'
const BY_CLOSING = 'broker/closing-events.test.ts'

const closedFor = ({ address, detail }: { readonly address: string; readonly detail: string }) =>
  `A connection of ${address} was closed: ${detail}.`

export const connectionKinds: EventKindRows<ConnectionEvent> = {
  'connection-limit': {
    severity: 'error',
    when: 'Somebody was refused because the broker has as many connections as it may have.',
    configs: ['max.connections'],
    resourceOf: theBroker,
    explain: ({ address, listener }) =>
      `A connection from ${address} to ${listener} was refused: the broker has as many as it may have.`,
    remedy:
      'See who holds connections (glasslog_connections, /v1/connections); close what is not needed, or raise max.connections.',
    movedBy: BY_LIMITS,
  },
  'address-connection-limit': {
    severity: 'warning',
    when: 'Somebody was refused because the address has as many connections as one may have.',
    configs: ['max.connections.per.ip', 'max.connections.per.ip.overrides'],
    resourceOf: ofAddress,
    explain: ({ address, listener }) =>
      `A connection from ${address} to ${listener} was refused: the address has as many as one may have.`,
    remedy:
      'Look for a client there that connects again and again; else raise max.connections.per.ip, or add the address to max.connections.per.ip.overrides.',
    movedBy: BY_LIMITS,
  },
  'listener-connection-limit': {
    severity: 'warning',
    when: 'Somebody was refused because the listener has as many connections as it may have.',
    configs: ['glasslog.listener.max.connections'],
    resourceOf: ofListener,
    explain: ({ address, listener }) =>
      `A connection from ${address} was refused: ${listener} has as many as it may have.`,
    remedy:
      'Other listeners are still reachable. Close what is not needed, or raise glasslog.listener.max.connections for this one.',
    movedBy: BY_LIMITS,
  },
  'address-connection-rate': {
    severity: 'warning',
    when: 'An address connected more often than its quota of new connections allows.',
    configs: [],
    resourceOf: ofAddress,
    explain: ({ address, listener }) =>
      `A connection from ${address} to ${listener} was held and then closed: the address connects more often than it may.`,
    remedy:
      'Look for a client there that connects for each message, or cannot log in and tries again; else raise connection_creation_rate for the address.',
    movedBy: BY_CLOSING,
  },
  'admin-connection-limit': {
    severity: 'warning',
    when: 'The admin port refused a connection: of one address, or in all, there are as many as may be.',
    configs: [],
    resourceOf: ofAddress,
    explain: ({ address }) =>
      `A connection from ${address} to the admin port was refused: there are as many as may be.`,
    remedy:
      'Look for a program there that opens connections and does not close them, such as a scraper or a page that follows live.',
    movedBy: 'broker/admin/http/http-server.test.ts',
  },
  'frame-too-large': {
    severity: 'warning',
    when: 'A client announced a frame above the limit; its connection was closed.',
    configs: ['socket.request.max.bytes', 'sasl.server.max.receive.size'],
    resourceOf: ofAddress,
    explain: closedFor,
    remedy:
      'Something that does not speak the Kafka protocol (a web browser, a scanner, TLS without a TLS listener), a producer whose max.request.size is above socket.request.max.bytes, or a token of a login that is above sasl.server.max.receive.size.',
    movedBy: BY_LIMITS,
  },
  'login-timeout': {
    severity: 'warning',
    when: 'A client did not finish its TLS handshake or its login in time.',
    configs: ['glasslog.login.timeout.ms'],
    resourceOf: ofAddress,
    explain: ({ address, listener, detail }) =>
      `A connection of ${address} to ${listener} was closed: ${detail}.`,
    remedy:
      'A client without a login on a listener that asks for one, something that only holds connections open, or a broker that is too busy: see glasslog.login.timeout.ms.',
    movedBy: BY_LIMITS,
  },
  'login-frames-exceeded': {
    severity: 'warning',
    when: 'A client sent many frames and no login.',
    configs: [],
    resourceOf: ofAddress,
    explain: ({ address }) =>
      `A connection of ${address} was closed: it sent many frames and no login.`,
    remedy: 'No client of Kafka does that: see what runs at that address.',
    movedBy: BY_CLOSING,
  },
  'idle-timeout': {
    severity: 'info',
    when: 'A connection without traffic was closed.',
    configs: ['connections.max.idle.ms'],
    resourceOf: ofListener,
    explain: closedFor,
    remedy:
      'Nothing: clients connect again when they need to. Many of them may be clients that never close; see connections.max.idle.ms.',
    movedBy: BY_LIMITS,
  },
  'slow-client': {
    severity: 'warning',
    when: 'A client sent or took next to nothing for long, in the middle of a frame or an answer.',
    configs: [],
    resourceOf: ofAddress,
    explain: closedFor,
    remedy: 'The client hangs or its network does: it sent or took next to nothing for long.',
    movedBy: BY_CLOSING,
  },
  'malformed-request': {
    severity: 'warning',
    when: 'A client sent bytes that are no request of the API that they name.',
    configs: [],
    resourceOf: ofAddress,
    explain: closedFor,
    remedy:
      'Something that does not speak the Kafka protocol, a client with a fault, or somebody who looks for one: see what runs at that address.',
    movedBy: BY_CLOSING,
  },
  'unsupported-request': {
    severity: 'warning',
    when: 'A client asked for an API, or a version of one, that is not served.',
    configs: [],
    resourceOf: ofAddress,
    explain: closedFor,
    remedy:
      'A client that does not ask which versions there are (docs/compatibility.md lists them), or something that does not speak the Kafka protocol.',
    movedBy: BY_CLOSING,
  },
  'request-failed': {
    severity: 'error',
    when: 'A request met a fault of the broker itself; its connection was closed.',
    configs: [],
    resourceOf: theBroker,
    explain: ({ address, detail }) =>
      `A request of ${address} met a fault of the broker, and its connection was closed: ${detail}.`,
    remedy: 'The log of the broker has the fault with its place in the program: please report it.',
    movedBy: BY_CLOSING,
  },
  'session-expired': {
    severity: 'info',
    when: 'A client did not log in again before its session ended.',
    configs: [],
    resourceOf: ofAddress,
    explain: closedFor,
    remedy:
      'A client that does not know re-authentication (KIP-368), or whose token could not be renewed; it connects again with the next request.',
    movedBy: BY_CLOSING,
  },
}

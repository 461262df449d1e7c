import type { BrokerEvent, EventKind } from './broker-event.ts'

/** `info` is as it should be and worth knowing; `error` means that data or service is in danger. */
export type EventSeverity = 'info' | 'warning' | 'error'

/** What an event is about: events of one kind about one resource are counted together. */
export interface EventResource {
  readonly kind: 'broker' | 'listener' | 'address' | 'partition' | 'quota' | 'file'
  readonly name: string
}

/** What there is to say about events of a kind. */
export interface EventKindRow<Event extends BrokerEvent = BrokerEvent> {
  readonly severity: EventSeverity
  /** The configurations whose value was the limit. */
  readonly configs: readonly string[]
  readonly resourceOf: (event: Event) => EventResource
  /** What happened, in one sentence for people. */
  readonly explain: (event: Event) => string
  /** What to do about it. */
  readonly remedy: string
}

type Of<Kind extends EventKind> = Extract<BrokerEvent, { readonly kind: Kind }>

const theBroker = (): EventResource => ({ kind: 'broker', name: '' })
const ofAddress = ({ address }: { readonly address: string }): EventResource => ({
  kind: 'address',
  name: address,
})
const ofListener = ({ listener }: { readonly listener: string }): EventResource => ({
  kind: 'listener',
  name: listener,
})
const ofFile = ({ path }: { readonly path: string }): EventResource => ({
  kind: 'file',
  name: path,
})

/** Every kind of event. The log line, the metric and whatever comes later derive from it. */
export const eventKinds: { readonly [Kind in EventKind]: EventKindRow<Of<Kind>> } = {
  'connection-limit': {
    severity: 'error',
    configs: ['max.connections'],
    resourceOf: theBroker,
    explain: ({ address, listener }) =>
      `A connection from ${address} to ${listener} was refused: the broker has as many as it may have.`,
    remedy:
      'See who holds connections (glasslog_connections, /v1/connections); close what is not needed, or raise max.connections.',
  },
  'address-connection-limit': {
    severity: 'warning',
    configs: ['max.connections.per.ip', 'max.connections.per.ip.overrides'],
    resourceOf: ofAddress,
    explain: ({ address, listener }) =>
      `A connection from ${address} to ${listener} was refused: the address has as many as one may have.`,
    remedy:
      'Look for a client there that connects again and again; else raise max.connections.per.ip, or add the address to max.connections.per.ip.overrides.',
  },
  'listener-connection-limit': {
    severity: 'warning',
    configs: ['glasslog.listener.max.connections'],
    resourceOf: ofListener,
    explain: ({ address, listener }) =>
      `A connection from ${address} was refused: ${listener} has as many as it may have.`,
    remedy:
      'Other listeners are still reachable. Close what is not needed, or raise glasslog.listener.max.connections for this one.',
  },
  'frame-too-large': {
    severity: 'warning',
    configs: ['socket.request.max.bytes', 'sasl.server.max.receive.size'],
    resourceOf: ofAddress,
    explain: ({ address, detail }) => `A connection of ${address} was closed: ${detail}.`,
    remedy:
      'Something that does not speak the Kafka protocol (a web browser, a scanner, TLS without a TLS listener), a producer whose max.request.size is above socket.request.max.bytes, or a token of a login that is above sasl.server.max.receive.size.',
  },
  'login-timeout': {
    severity: 'warning',
    configs: ['glasslog.login.timeout.ms'],
    resourceOf: ofAddress,
    explain: ({ address, listener, detail }) =>
      `A connection of ${address} to ${listener} was closed: ${detail}.`,
    remedy:
      'A client without a login on a listener that asks for one, something that only holds connections open, or a broker that is too busy: see glasslog.login.timeout.ms.',
  },
  'login-frames-exceeded': {
    severity: 'warning',
    configs: [],
    resourceOf: ofAddress,
    explain: ({ address }) =>
      `A connection of ${address} was closed: it sent many frames and no login.`,
    remedy: 'No client of Kafka does that: see what runs at that address.',
  },
  'idle-timeout': {
    severity: 'info',
    configs: ['connections.max.idle.ms'],
    resourceOf: ofListener,
    explain: ({ address, detail }) => `A connection of ${address} was closed: ${detail}.`,
    remedy:
      'Nothing: clients connect again when they need to. Many of them may be clients that never close; see connections.max.idle.ms.',
  },
  'slow-client': {
    severity: 'warning',
    configs: [],
    resourceOf: ofAddress,
    explain: ({ address, detail }) => `A connection of ${address} was closed: ${detail}.`,
    remedy: 'The client hangs or its network does: it sent or took next to nothing for long.',
  },
  'records-damaged': {
    severity: 'error',
    configs: [],
    resourceOf: ({ topic, partition }) => ({ kind: 'partition', name: `${topic}-${partition}` }),
    explain: ({ topic, partition, detail }) =>
      `Records of ${topic}-${partition} are damaged on the disk: ${detail}.`,
    remedy: 'Check the disk; restore the partition from a backup, or delete records beyond it.',
  },
  'quota-throttled': {
    severity: 'info',
    configs: [],
    resourceOf: ({ entity, quota }) => ({ kind: 'quota', name: `${entity} ${quota}` }),
    explain: ({ entity, quota, throttleMs }) =>
      `${entity} went beyond ${quota} and was held up for ${Math.round(throttleMs)} ms.`,
    remedy: 'Raise the quota, or let the client send and fetch less.',
  },
  'certificate-reloaded': {
    severity: 'info',
    configs: [],
    resourceOf: ofFile,
    explain: ({ path }) => `The certificates of ${path} were read again and are in use.`,
    remedy: 'Nothing: connections that exist keep theirs.',
  },
  'certificate-unusable': {
    severity: 'error',
    configs: [],
    resourceOf: ofFile,
    explain: ({ path, reason }) =>
      `The certificates of ${path} have changed and cannot be used: ${reason}.`,
    remedy: 'Put usable files there before the old certificate expires; until then that one holds.',
  },
  'certificate-expiring': {
    severity: 'warning',
    configs: [],
    resourceOf: ofFile,
    explain: ({ path, notAfterMs }) =>
      `The certificate of ${path} is good until ${new Date(notAfterMs).toISOString()}.`,
    remedy: 'Renew it and put it in the same place: it is read without a restart.',
  },
}

export const eventKindNames = Object.keys(eventKinds) as readonly EventKind[]

/** The row of an event's kind. */
export function rowOf(event: BrokerEvent): EventKindRow {
  // The table gives each kind the row of that kind, which a union of functions cannot say.
  return eventKinds[event.kind] as unknown as EventKindRow
}

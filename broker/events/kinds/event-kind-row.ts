/** `info` is as it should be and worth knowing; `error` means that data or service is in danger. */
export type EventSeverity = 'info' | 'warning' | 'error'

/** The severities, the least of them first. */
export const EVENT_SEVERITIES = [
  'info',
  'warning',
  'error',
] as const satisfies readonly EventSeverity[]

export const EVENT_RESOURCE_KINDS = [
  'address',
  'broker',
  'config',
  'file',
  'group',
  'listener',
  'partition',
  'principal',
  'quota',
] as const

/** What an event is about: events of one kind about one resource are counted together. */
export interface EventResource {
  readonly kind: (typeof EVENT_RESOURCE_KINDS)[number]
  readonly name: string
}

/** What there is to say about events of a kind. */
export interface EventKindRow<Event> {
  readonly severity: EventSeverity
  /** When it is reported, for people who read docs/events.md. */
  readonly when: string
  /** The configurations whose value was the limit that a connection came up against. */
  readonly configs: readonly string[]
  readonly resourceOf: (event: Event) => EventResource
  /** What happened, in one sentence for people. */
  readonly explain: (event: Event) => string
  /** What to do about it. */
  readonly remedy: string
  /** The test in which real behaviour reports it, as a path from the repository's root. */
  readonly movedBy: string
}

/** A row for each kind of these events. */
export type EventKindRows<Event extends { readonly kind: string }> = {
  readonly [Kind in Event['kind']]: EventKindRow<Extract<Event, { readonly kind: Kind }>>
}

export const theBroker = (): EventResource => ({ kind: 'broker', name: '' })

export const ofAddress = ({ address }: { readonly address: string }): EventResource => ({
  kind: 'address',
  name: address,
})

export const ofListener = ({ listener }: { readonly listener: string }): EventResource => ({
  kind: 'listener',
  name: listener,
})

export const ofGroup = ({ group }: { readonly group: string }): EventResource => ({
  kind: 'group',
  name: group,
})

/** Where a client came from, and by which listener. */
export interface Origin {
  readonly address: string
  readonly listener: string
}

/**
 * Something out of the ordinary that an operator would ask about. Plain facts: what is said of them,
 * and what to do, is in `eventKinds`. Nothing in here is a secret.
 */
export type BrokerEvent =
  | (Origin & { readonly kind: 'connection-limit' })
  | (Origin & { readonly kind: 'address-connection-limit' })
  | (Origin & { readonly kind: 'listener-connection-limit' })
  | (Origin & { readonly kind: 'frame-too-large'; readonly detail: string })
  | (Origin & { readonly kind: 'login-timeout'; readonly detail: string })
  | (Origin & { readonly kind: 'login-frames-exceeded' })
  | (Origin & { readonly kind: 'idle-timeout'; readonly detail: string })
  | (Origin & { readonly kind: 'slow-client'; readonly detail: string })
  | {
      /** A record batch on the disk is not what was written. */
      readonly kind: 'records-damaged'
      readonly topic: string
      readonly partition: number
      readonly detail: string
    }
  | {
      readonly kind: 'quota-throttled'
      /** Whose limit it is: a user, a client id, a topic. */
      readonly entity: string
      /** Which limit, by the name that Kafka gives it. */
      readonly quota: string
      readonly throttleMs: number
    }
  | { readonly kind: 'certificate-reloaded'; readonly path: string }
  | { readonly kind: 'certificate-unusable'; readonly path: string; readonly reason: string }
  | { readonly kind: 'certificate-expiring'; readonly path: string; readonly notAfterMs: number }

export type EventKind = BrokerEvent['kind']

/** How a room tells of what happened: cheap, and never throws. */
export type ReportEvent = (event: BrokerEvent) => void

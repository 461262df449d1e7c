/** Something that a person changed or had done, for whoever keeps a history of that. Plain data without secrets. */
export interface Operation {
  /** Unique, over restarts too. */
  readonly id: string
  readonly operation:
    | 'silence.create'
    | 'silence.update'
    | 'silence.expire'
    | 'alert.acknowledge'
    | 'alert.unacknowledge'
    | 'ticket.create'
    | 'ticket.update'
    | 'contact-point.test'
  readonly actor: string
  readonly occurredAtMs: number
  readonly resource: {
    readonly kind: 'silence' | 'alert' | 'ticket' | 'contact-point'
    readonly id: string
  }
  readonly before: object | null
  readonly after: object | null
}

/**
 * Told once a change is durable, and again until it resolves, over restarts too: so each operation comes
 * at least once.
 */
export type OperationObserver = (operation: Operation) => void | Promise<void>

/** Something that a person changed, for whoever keeps a history of that. Plain data without secrets. */
export interface Operation {
  readonly operation:
    | 'silence.create'
    | 'silence.update'
    | 'silence.expire'
    | 'alert.acknowledge'
    | 'alert.unacknowledge'
    | 'ticket.create'
    | 'ticket.update'
  readonly actor: string
  readonly occurredAtMs: number
  readonly resource: { readonly kind: 'silence' | 'alert' | 'ticket'; readonly id: string }
  readonly before: object | null
  readonly after: object | null
}

/** Told once a change is durable. */
export type OperationObserver = (operation: Operation) => void

/** What a ticket is about. */
export type TicketSource =
  | { readonly kind: 'alert'; readonly fingerprint: string }
  | { readonly kind: 'finding'; readonly id: string }
  | { readonly kind: 'none' }

export const TICKET_STATES = ['open', 'in-progress', 'resolved', 'closed'] as const
export type TicketState = (typeof TICKET_STATES)[number]

/** Work that somebody has to do. Plain data. */
export interface Ticket {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly severity: string
  readonly source: TicketSource
  readonly state: TicketState
  readonly assignee: string | null
  readonly links: readonly TicketLink[]
  readonly comments: readonly TicketComment[]
  readonly history: readonly TicketChange[]
  readonly createdAtMs: number
  readonly createdBy: string
  readonly updatedAtMs: number
  /** Counts its changes; what other systems were told of is compared with it. */
  readonly revision: number
  readonly mirroredRevision: number
}

export interface TicketLink {
  readonly title: string
  readonly url: string
}

export interface TicketComment {
  readonly by: string
  readonly atMs: number
  readonly text: string
}

/** One field that somebody changed. */
export interface TicketChange {
  readonly by: string
  readonly atMs: number
  readonly field: string
  readonly from: string | null
  readonly to: string | null
}

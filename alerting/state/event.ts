import type { Alert } from '../alerts/alert.ts'
import type { Fingerprint } from '../alerts/label-set.ts'
import type { Operation } from '../operation.ts'
import type { Silence } from '../silences/silence.ts'
import type { Ticket } from '../tickets/ticket.ts'
import type { Acknowledgement } from './acknowledgement.ts'
import type { ChannelIdentity, NotificationReason } from './channel.ts'
import type { Delivery } from './delivery-log.ts'

/** Everything that alerting remembers is a fold over these. Plain data, stored as JSON. */
export type AlertingEvent =
  | { readonly kind: 'alert'; readonly alert: Alert }
  | { readonly kind: 'alert-ended'; readonly fingerprint: Fingerprint; readonly endsAtMs: number }
  | { readonly kind: 'alerts-gone'; readonly fingerprints: readonly Fingerprint[] }
  | { readonly kind: 'silence'; readonly silence: Silence }
  | { readonly kind: 'silences-gone'; readonly ids: readonly string[] }
  | { readonly kind: 'acknowledged'; readonly acknowledgement: Acknowledgement }
  | { readonly kind: 'acknowledgements-gone'; readonly fingerprints: readonly Fingerprint[] }
  | ChannelDue
  | ChannelTold
  | {
      /** It needs to hear no more of these. */
      readonly kind: 'settled'
      readonly channel: string
      readonly fingerprints: readonly Fingerprint[]
    }
  | {
      /** There is nothing to tell any more of what was due. */
      readonly kind: 'dropped'
      readonly channel: string
    }
  | { readonly kind: 'channels-gone'; readonly channels: readonly string[] }
  | { readonly kind: 'channel'; readonly channel: StoredChannel }
  | { readonly kind: 'delivery'; readonly delivery: Delivery }
  | { readonly kind: 'ticket'; readonly ticket: Ticket }
  | { readonly kind: 'tickets-gone'; readonly ids: readonly string[] }
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'operations-gone'; readonly ids: readonly string[] }

/** A notification must go out. */
export interface ChannelDue {
  readonly kind: 'due'
  readonly channel: ChannelIdentity
  /** Used when there is no such channel yet. */
  readonly thread: string
  /** What it is owed beside what it was owed before. */
  readonly owed: readonly Fingerprint[]
  readonly reason: NotificationReason
  readonly atMs: number
}

/** A notification went out, or nobody tries any longer. */
export interface ChannelTold {
  readonly kind: 'told'
  readonly channel: string
  readonly firing: readonly Fingerprint[]
  readonly resolved: readonly Fingerprint[]
  readonly atMs: number
  readonly isRepeat: boolean
  /** False when more became due while it was on its way. */
  readonly isComplete: boolean
}

/** A channel as a snapshot holds it. */
export interface StoredChannel extends ChannelIdentity {
  readonly thread: string
  readonly firing: readonly Fingerprint[]
  readonly resolved: readonly Fingerprint[]
  readonly owed: readonly Fingerprint[]
  readonly due: { readonly reason: NotificationReason; readonly sinceMs: number } | null
  readonly toldAtMs: number | null
  readonly repeats: number
  readonly sequence: number
}

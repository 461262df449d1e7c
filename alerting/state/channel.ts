import type { Fingerprint, LabelSet } from '../alerts/label-set.ts'

/** Why a notification goes out. */
export type NotificationReason =
  | 'first'
  | 'new-alerts'
  | 'resolved'
  | 'repeat'
  | 'escalation'
  | 'test'

/** Where the news of one group goes: one integration of one receiver, as itself or as a step of escalation. */
export interface ChannelIdentity {
  readonly groupKey: string
  readonly groupLabels: LabelSet
  readonly receiver: string
  /** Kind and place of the integration in its receiver, such as `email[0]`. */
  readonly integration: string
  /** Place of the step in the route's escalation; null for the route's own receiver. */
  readonly escalationStep: number | null
}

/** What one integration was told of one group, and what it is owed: the notification log. */
export interface Channel extends ChannelIdentity {
  readonly key: string
  /** Names the incident: what belongs together in a mailbox. Another one once everything was over. */
  readonly thread: string
  /** Alerts that it was told last are firing. */
  firing: ReadonlySet<Fingerprint>
  /** Alerts that it was told last are over. */
  resolved: ReadonlySet<Fingerprint>
  /** Alerts that fired when it was their turn, and that it has not been told of yet. */
  owed: ReadonlySet<Fingerprint>
  /** Set while a notification must go out. */
  due: { readonly reason: NotificationReason; readonly sinceMs: number } | null
  toldAtMs: number | null
  /** Repeats in a row, with nothing new among them. */
  repeats: number
  /** Notifications that were delivered. */
  sequence: number
}

export function channelKey(identity: ChannelIdentity): string {
  const { groupKey, receiver, integration, escalationStep } = identity
  return JSON.stringify([groupKey, receiver, integration, escalationStep])
}

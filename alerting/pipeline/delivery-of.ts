import { hash } from 'node:crypto'
import type { Parcel } from '../delivery/courier.ts'
import type { Outcome } from '../delivery/notifier.ts'
import type { Channel } from '../state/channel.ts'
import type { Delivery } from '../state/delivery-log.ts'

/** What the delivery log says of an attempt. All attempts at one notification of a channel share an id. */
export function deliveryOf(
  channel: Readonly<Channel>,
  { notification, notifier }: Parcel,
  outcome: Outcome,
  at: { sinceMs: number; nowMs: number; attempts: number; isGivenUp: boolean },
): Delivery {
  const { alerts, status, reason, sequence } = notification
  const firingCount = alerts.filter((alert) => alert.status === 'firing').length
  const failed = at.isGivenUp ? 'gave-up' : 'failing'
  return {
    id: hash('sha256', JSON.stringify([channel.key, channel.thread, sequence]), 'hex').slice(0, 32),
    receiver: channel.receiver,
    integration: channel.integration,
    to: notifier.to,
    groupKey: channel.groupKey,
    groupLabels: channel.groupLabels,
    status,
    reason,
    firingCount,
    resolvedCount: alerts.length - firingCount,
    createdAtMs: at.sinceMs,
    attemptedAtMs: at.nowMs,
    attempts: at.attempts,
    outcome: outcome.kind === 'delivered' ? 'delivered' : failed,
    answer: outcome.answer,
  }
}

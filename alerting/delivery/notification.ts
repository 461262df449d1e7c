import { hash } from 'node:crypto'
import type { Alert } from '../alerts/alert.ts'
import type { LabelSet } from '../alerts/label-set.ts'
import { commonLabels } from '../alerts/label-set.ts'
import type { Severity } from '../config/config.ts'
import type { NotificationReason } from '../state/channel.ts'

/** An alert as it is told of. */
export interface NotifiedAlert extends Alert {
  readonly status: 'firing' | 'resolved'
}

/** What one integration is asked to tell. */
export interface Notification {
  /** The same for each attempt to deliver the same content, also after a restart: receivers know duplicates by it. */
  readonly id: string
  readonly groupKey: string
  /** Names the incident. */
  readonly thread: string
  /** From 0: how many were delivered before in this incident. */
  readonly sequence: number
  readonly receiver: string
  readonly reason: NotificationReason
  readonly status: 'firing' | 'resolved'
  /** Firing ones first. */
  readonly alerts: readonly NotifiedAlert[]
  readonly groupLabels: LabelSet
  readonly commonLabels: LabelSet
  readonly commonAnnotations: LabelSet
  /** Of the worst alert that fires, or of the worst there was. */
  readonly severity: Severity | null
  /** Where people look at alerts; without a slash at its end. */
  readonly externalUrl: string
  readonly nowMs: number
}

export interface NotificationParts {
  readonly groupKey: string
  readonly groupLabels: LabelSet
  readonly thread: string
  readonly sequence: number
  readonly receiver: string
  readonly channel: string
  readonly reason: NotificationReason
  readonly firing: readonly Alert[]
  readonly resolved: readonly Alert[]
  readonly severities: readonly Severity[]
  readonly externalUrl: string
  readonly nowMs: number
}

export function createNotification(parts: NotificationParts): Notification {
  const { firing, resolved, severities, channel, thread, sequence, ...rest } = parts
  const alerts: NotifiedAlert[] = [
    ...firing.map((alert) => ({ ...alert, status: 'firing' as const })),
    ...resolved.map((alert) => ({ ...alert, status: 'resolved' as const })),
  ]
  return {
    id: idOf(channel, thread, sequence, alerts),
    groupKey: rest.groupKey,
    thread,
    sequence,
    receiver: rest.receiver,
    reason: rest.reason,
    status: firing.length > 0 ? 'firing' : 'resolved',
    alerts,
    groupLabels: rest.groupLabels,
    commonLabels: commonLabels(alerts.map(({ labels }) => labels)),
    commonAnnotations: commonLabels(alerts.map(({ annotations }) => annotations)),
    severity: worstOf(firing.length > 0 ? firing : resolved, severities),
    externalUrl: rest.externalUrl,
    nowMs: rest.nowMs,
  }
}

function idOf(
  channel: string,
  thread: string,
  sequence: number,
  alerts: readonly NotifiedAlert[],
): string {
  const content = alerts.map(({ fingerprint, status }) => `${fingerprint} ${status}`)
  const text = JSON.stringify([channel, thread, sequence, ...content])
  return hash('sha256', text, 'hex').slice(0, 32)
}

function worstOf(alerts: readonly Alert[], severities: readonly Severity[]): Severity | null {
  const named = new Set(alerts.map(({ labels }) => labels.severity))
  return severities.find(({ name }) => named.has(name)) ?? null
}

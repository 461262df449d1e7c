import { abbreviate } from '../../kit/index.ts'
import { ALERT_NAME } from '../alerts/label-set.ts'
import type { Notification, NotifiedAlert } from '../delivery/notification.ts'

const MAX_SUBJECT_LENGTH = 200

/** One line that says what is going on: `[FIRING:2] BrokerDown (prod) critical`. */
export function headlineOf(notification: Notification): string {
  const { status, alerts, groupLabels, commonLabels, severity, reason } = notification
  const firing = alerts.filter((alert) => alert.status === 'firing').length
  const state = status === 'firing' ? `FIRING:${firing}` : 'RESOLVED'
  const name = groupLabels[ALERT_NAME] ?? commonLabels[ALERT_NAME] ?? `${alerts.length} alerts`
  const others = Object.entries(groupLabels)
    .filter(([label]) => label !== ALERT_NAME)
    .map(([, value]) => value)
  const group = others.length > 0 ? ` (${others.join(' ')})` : ''
  const level = severity && status === 'firing' ? ` ${severity.name}` : ''
  const note = reason === 'test' || reason === 'escalation' ? ` [${reason}]` : ''
  return abbreviate(oneLine(`[${state}] ${name}${group}${level}${note}`), MAX_SUBJECT_LENGTH)
}

/** What an alert says of itself. */
export function summaryOf({ annotations, labels }: NotifiedAlert): string {
  return annotations.summary ?? annotations.description ?? labels[ALERT_NAME] ?? ''
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Where people look at one alert. */
export function linkTo(notification: Notification, alert: NotifiedAlert): string {
  return `${notification.externalUrl}/alerts/${alert.fingerprint}`
}

import { abbreviate } from '../../kit/index.ts'
import type { Fingerprint, LabelSet } from './label-set.ts'
import { ALERT_NAME, fingerprintOf } from './label-set.ts'

/** What an evaluation of rules, or a client of the API, says of one alert. */
export interface IncomingAlert {
  readonly labels: LabelSet
  readonly annotations: LabelSet
  readonly startsAtMs: number
  /** When it ended, or will if nobody says otherwise; null while it fires. */
  readonly endsAtMs: number | null
  /** Where its rule can be looked at; empty where there is no such place. */
  readonly generatorUrl: string
}

/** One alert as alerting keeps it. */
export interface Alert extends IncomingAlert {
  readonly fingerprint: Fingerprint
  /** When it was told of last: one that nobody repeats ends by itself. */
  readonly updatedAtMs: number
  /** When somebody was first due to hear of it; escalation counts from here. */
  readonly dueAtMs: number | null
}

const MAX_LABELS = 64
const MAX_NAME_LENGTH = 256
const MAX_LABEL_LENGTH = 2_048
const MAX_ANNOTATION_LENGTH = 16_384
const MAX_URL_LENGTH = 4_096

/** Why an alert cannot be taken in, or null. */
export function faultOfAlert(alert: IncomingAlert): string | null {
  const labels = Object.entries(alert.labels).filter(([, value]) => value !== '')
  if (labels.length === 0) return 'at least one label pair is required'
  if (labels.length > MAX_LABELS) return `more than ${MAX_LABELS} labels`
  for (const [name, value] of labels) {
    if (name === '') return 'a label without a name'
    if (name.length > MAX_NAME_LENGTH) return `name of label ${quoted(name)} is too long`
    if (value.length > MAX_LABEL_LENGTH) return `value of label ${quoted(name)} is too long`
  }
  if (Object.keys(alert.annotations).length > MAX_LABELS)
    return `more than ${MAX_LABELS} annotations`
  if (!Number.isSafeInteger(alert.startsAtMs)) return 'start time missing'
  if (alert.endsAtMs !== null && alert.endsAtMs < alert.startsAtMs)
    return 'start time must be before end time'
  return null
}

/** Without empty labels, which are as good as none, and with annotations in bounds. */
export function normalizeAlert(alert: IncomingAlert, nowMs: number): Alert {
  const labels = Object.fromEntries(
    Object.entries(alert.labels).filter(([, value]) => value !== ''),
  )
  const annotations = Object.fromEntries(
    Object.entries(alert.annotations)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [
        name.slice(0, MAX_NAME_LENGTH),
        abbreviate(value, MAX_ANNOTATION_LENGTH),
      ]),
  )
  return {
    labels,
    annotations,
    startsAtMs: alert.startsAtMs,
    endsAtMs: alert.endsAtMs,
    generatorUrl: alert.generatorUrl.slice(0, MAX_URL_LENGTH),
    fingerprint: fingerprintOf(labels),
    updatedAtMs: nowMs,
    dueAtMs: null,
  }
}

export function isFiring(alert: Alert, nowMs: number): boolean {
  return alert.endsAtMs === null || alert.endsAtMs > nowMs
}

export function nameOfAlert(alert: Pick<Alert, 'labels'>): string {
  return alert.labels[ALERT_NAME] ?? ''
}

function quoted(text: string): string {
  return JSON.stringify(abbreviate(text, 40))
}

import type { Alert } from '../alerts/alert.ts'
import type { Silence } from '../silences/silence.ts'
import { silenceState } from '../silences/silence.ts'

/** Shapes of Alertmanager's API v2 (api/v2/openapi.yaml in its sources). */

export interface AlertStatus {
  readonly state: 'active' | 'suppressed' | 'unprocessed'
  readonly silencedBy: readonly string[]
  readonly inhibitedBy: readonly string[]
  readonly mutedBy: readonly string[]
}

export function gettableAlert(
  alert: Alert,
  status: AlertStatus,
  receivers: readonly string[],
  endsAtMs: number,
): object {
  return {
    annotations: alert.annotations,
    endsAt: time(endsAtMs),
    fingerprint: alert.fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: time(alert.startsAtMs),
    status,
    updatedAt: time(alert.updatedAtMs),
    generatorURL: alert.generatorUrl,
    labels: alert.labels,
  }
}

export function gettableSilence(silence: Silence, nowMs: number): object {
  return {
    id: silence.id,
    status: { state: silenceState(silence, nowMs) },
    updatedAt: time(silence.updatedAtMs),
    comment: silence.comment,
    createdBy: silence.createdBy,
    endsAt: time(silence.endsAtMs),
    startsAt: time(silence.startsAtMs),
    matchers: silence.matchers.map(({ label, operator, value }) => ({
      name: label,
      value,
      isRegex: operator === '=~' || operator === '!~',
      isEqual: operator === '=' || operator === '=~',
    })),
  }
}

export function time(ms: number): string {
  return new Date(ms).toISOString()
}

import type { Alert, IncomingAlert } from '../alerts/alert.ts'
import { faultOfAlert, isFiring, normalizeAlert } from '../alerts/alert.ts'
import type { Fingerprint, LabelSet } from '../alerts/label-set.ts'
import { fingerprintOf } from '../alerts/label-set.ts'
import type { StateLog } from '../state/state-log.ts'

/** An alert that was not taken in. */
export interface RefusedAlert {
  /** Place in what was sent. */
  readonly index: number
  readonly reason: string
}

export interface IntakeLimits {
  readonly maxAlerts: number
  readonly resolveTimeoutMs: number
}

/**
 * Takes in what an evaluation of rules tells, as often as it likes to tell it. Only what changes is
 * kept for restarts; that an alert still fires, and with which annotations, will be told again.
 */
export function takeIn(
  log: StateLog,
  incoming: readonly IncomingAlert[],
  nowMs: number,
  { maxAlerts, resolveTimeoutMs }: IntakeLimits,
): { readonly accepted: readonly Alert[]; readonly refused: readonly RefusedAlert[] } {
  const { alerts } = log.state
  const accepted: Alert[] = []
  const refused: RefusedAlert[] = []
  for (const [index, one] of incoming.entries()) {
    const known = alerts.get(fingerprintOf(one.labels))
    const told = toldAgain(known, one, nowMs) ?? normalizeAlert(one, nowMs)
    const isTooMany = known === undefined && isFiring(told, nowMs) && alerts.size >= maxAlerts
    const reason = faultOfAlert(one) ?? (isTooMany ? `more than ${maxAlerts} alerts` : null)
    if (reason !== null) refused.push({ index, reason })
    else if (merge(log, known, told, nowMs, resolveTimeoutMs)) accepted.push(told)
  }
  return { accepted, refused }
}

/** False for the end of an alert that nobody knew. */
function merge(
  log: StateLog,
  known: Alert | undefined,
  told: Alert,
  nowMs: number,
  resolveTimeoutMs: number,
): boolean {
  const isFiringNow = isFiring(told, nowMs)
  if (known === undefined) {
    if (isFiringNow) log.apply({ kind: 'alert', alert: told })
    return isFiringNow
  }
  const wasFiring = isFiring(withEnd(known, resolveTimeoutMs, nowMs), nowMs)
  if (!wasFiring && !isFiringNow) return true
  // One that is back before people heard of its end is the same incident: due since then, acknowledged as then.
  const startsAtMs = wasFiring ? Math.min(known.startsAtMs, told.startsAtMs) : told.startsAtMs
  const alert: Alert = { ...told, startsAtMs, dueAtMs: known.dueAtMs }
  if (wasFiring && isFiringNow) log.applyVolatile({ kind: 'alert', alert })
  else log.apply({ kind: 'alert', alert })
  return true
}

/** Ends alerts of which nobody has told for too long. */
export function endUnrepeated(log: StateLog, nowMs: number, resolveTimeoutMs: number): void {
  for (const alert of log.state.alerts.values()) {
    if (alert.endsAtMs !== null) continue
    const { fingerprint } = alert
    const { endsAtMs } = withEnd(alert, resolveTimeoutMs, nowMs)
    if (endsAtMs !== null) log.apply({ kind: 'alert-ended', fingerprint, endsAtMs })
  }
}

/** Nobody could tell of an alert while nobody listened: all that fired get their time anew. */
export function restartTimeouts(log: StateLog, nowMs: number, resolveTimeoutMs: number): void {
  for (const alert of [...log.state.alerts.values()]) {
    // An end that lay ahead when it was told was a promise, not a fact.
    const wasPromised = alert.endsAtMs !== null && alert.endsAtMs > alert.updatedAtMs
    if (alert.endsAtMs !== null && !wasPromised) continue
    const endsAtMs = alert.endsAtMs && Math.max(alert.endsAtMs, nowMs + resolveTimeoutMs)
    log.applyVolatile({ kind: 'alert', alert: { ...alert, endsAtMs, updatedAtMs: nowMs } })
  }
}

export function forgetAcknowledgements(log: StateLog, fingerprints: readonly Fingerprint[]): void {
  const known = fingerprints.filter((one) => log.state.acknowledgements.has(one))
  if (known.length > 0) log.apply({ kind: 'acknowledgements-gone', fingerprints: known })
}

/** What is the same stays the same objects: thousands of alerts are told again every few seconds. */
function toldAgain(known: Alert | undefined, one: IncomingAlert, nowMs: number): Alert | null {
  if (!known || !isSame(known.labels, one.labels) || !isSame(known.annotations, one.annotations))
    return null
  const { startsAtMs, endsAtMs } = one
  return { ...known, startsAtMs, endsAtMs, updatedAtMs: nowMs, dueAtMs: null }
}

function isSame(a: LabelSet, b: LabelSet): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

/** With the end that it has because nobody repeated it. */
function withEnd(alert: Alert, resolveTimeoutMs: number, nowMs: number): Alert {
  const timesOutAtMs = alert.updatedAtMs + resolveTimeoutMs
  if (alert.endsAtMs !== null || timesOutAtMs > nowMs) return alert
  return { ...alert, endsAtMs: timesOutAtMs }
}

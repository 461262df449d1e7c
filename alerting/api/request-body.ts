import type { IncomingAlert } from '../alerts/alert.ts'
import type { LabelSet } from '../alerts/label-set.ts'
import { RequestError } from '../request-error.ts'
import type { MatchOperator } from '../routing/matcher.ts'
import type { SilenceMatcher, SilenceRequest } from '../silences/silence.ts'

/** Reads JSON that came from outside, field by field. Throws RequestErrors that name the field. */

export function postedAlerts(body: unknown, nowMs: number): IncomingAlert[] {
  if (!Array.isArray(body)) throw new RequestError('invalid', 'body must be a list of alerts')
  return body.map((one: unknown, at) => {
    const alert = objectOf(one, `[${at}]`)
    const endsAtMs = optionalTime(alert, 'endsAt', `[${at}]`)
    const startsAtMs = optionalTime(alert, 'startsAt', `[${at}]`)
    return {
      labels: labelsOf(alert.labels, `[${at}].labels`),
      annotations: labelsOf(alert.annotations ?? {}, `[${at}].annotations`),
      // As Alertmanager does: an alert without a start begins now, or ended when it began.
      startsAtMs: startsAtMs ?? Math.min(nowMs, endsAtMs ?? nowMs),
      endsAtMs,
      generatorUrl: textOf(alert.generatorURL ?? '', `[${at}].generatorURL`),
    }
  })
}

export function postedSilence(body: unknown): SilenceRequest {
  const silence = objectOf(body, 'body')
  const { matchers } = silence
  if (!Array.isArray(matchers)) throw new RequestError('invalid', 'matchers must be a list')
  return {
    id: silence.id === undefined || silence.id === '' ? null : textOf(silence.id, 'id'),
    matchers: matchers.map((one: unknown, at) => postedMatcher(one, `matchers[${at}]`)),
    startsAtMs: requiredTime(silence, 'startsAt'),
    endsAtMs: requiredTime(silence, 'endsAt'),
    createdBy: textOf(silence.createdBy, 'createdBy'),
    comment: textOf(silence.comment, 'comment'),
  }
}

function postedMatcher(value: unknown, path: string): SilenceMatcher {
  const matcher = objectOf(value, path)
  const isRegex = booleanOf(matcher.isRegex, `${path}.isRegex`)
  const isEqual = booleanOf(matcher.isEqual ?? true, `${path}.isEqual`)
  const operator: MatchOperator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!='
  return {
    label: textOf(matcher.name, `${path}.name`),
    operator,
    value: textOf(matcher.value, `${path}.value`),
  }
}

export function objectOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>
  throw new RequestError('invalid', `${path} must be an object`)
}

export function textOf(value: unknown, path: string): string {
  if (typeof value === 'string') return value
  throw new RequestError('invalid', `${path} must be a text`)
}

function booleanOf(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value
  throw new RequestError('invalid', `${path} must be true or false`)
}

function labelsOf(value: unknown, path: string): LabelSet {
  const pairs = Object.entries(objectOf(value, path))
  return Object.fromEntries(pairs.map(([name, text]) => [name, textOf(text, `${path}.${name}`)]))
}

function requiredTime(object: Readonly<Record<string, unknown>>, name: string): number {
  const ms = optionalTime(object, name, '')
  if (ms === null) throw new RequestError('invalid', `${name} is missing`)
  return ms
}

/** Go's zero time counts as none. */
function optionalTime(
  object: Readonly<Record<string, unknown>>,
  name: string,
  path: string,
): number | null {
  const value = object[name]
  if (value === undefined || value === null || value === '') return null
  const where = path === '' ? name : `${path}.${name}`
  const ms = Date.parse(textOf(value, where))
  if (!Number.isFinite(ms)) throw new RequestError('invalid', `${where} must be a time (RFC 3339)`)
  return ms < 0 ? null : ms
}

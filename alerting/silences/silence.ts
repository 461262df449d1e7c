import { RequestError } from '../request-error.ts'
import type { MatchOperator } from '../routing/matcher.ts'
import { Matcher } from '../routing/matcher.ts'

/** One condition of a silence, as plain data. */
export interface SilenceMatcher {
  readonly label: string
  readonly operator: MatchOperator
  readonly value: string
}

/** Somebody's wish not to hear of some alerts for a while. Plain data. */
export interface Silence {
  readonly id: string
  readonly matchers: readonly SilenceMatcher[]
  readonly startsAtMs: number
  readonly endsAtMs: number
  readonly updatedAtMs: number
  readonly createdBy: string
  readonly comment: string
}

export type SilenceState = 'pending' | 'active' | 'expired'

export function silenceState(silence: Silence, nowMs: number): SilenceState {
  if (nowMs < silence.startsAtMs) return 'pending'
  return nowMs < silence.endsAtMs ? 'active' : 'expired'
}

/** What somebody asks for; `id` names the silence that it shall take the place of. */
export interface SilenceRequest {
  readonly id: string | null
  readonly matchers: readonly SilenceMatcher[]
  readonly startsAtMs: number
  readonly endsAtMs: number
  readonly createdBy: string
  readonly comment: string
}

export const MAX_SILENCES = 10_000
const MAX_MATCHERS = 50
const MAX_TEXT_LENGTH = 4_096

/** Throws a RequestError for a wish that cannot be granted; MatcherErrors are among them. */
export function checkSilence(request: SilenceRequest, nowMs: number): void {
  const refuse = (message: string): never => {
    throw new RequestError('invalid', message)
  }
  if (request.matchers.length === 0) refuse('at least one matcher required')
  if (request.matchers.length > MAX_MATCHERS) refuse(`more than ${MAX_MATCHERS} matchers`)
  if (request.matchers.some(({ label }) => label === '')) refuse('invalid label name ""')
  if (compileMatchers(request.matchers).every((matcher) => matcher.matches({})))
    refuse('at least one matcher must not match the empty string')
  if (!(request.startsAtMs < request.endsAtMs)) refuse('end time must be after start time')
  if (request.endsAtMs <= nowMs) refuse("end time can't be in the past")
  if (request.createdBy === '') refuse('createdBy is missing')
  for (const text of [
    request.createdBy,
    request.comment,
    ...request.matchers.flatMap(({ label, value }) => [label, value]),
  ]) {
    if (text.length > MAX_TEXT_LENGTH) refuse(`a text of more than ${MAX_TEXT_LENGTH} characters`)
  }
}

/**
 * Whether a silence can be changed in place: what it has already done stays true. Otherwise the old
 * one is ended, and the wish becomes a silence of its own.
 */
export function canReplace(old: Silence, request: SilenceRequest, nowMs: number): boolean {
  if (JSON.stringify(old.matchers) !== JSON.stringify(request.matchers)) return false
  switch (silenceState(old, nowMs)) {
    case 'active':
      return Math.floor(old.startsAtMs / 1000) === Math.floor(request.startsAtMs / 1000)
    case 'pending':
      return request.startsAtMs >= nowMs
    case 'expired':
      return false
  }
}

/** Throws a RequestError that says which expression is none. */
export function compileMatchers(matchers: readonly SilenceMatcher[]): Matcher[] {
  return matchers.map(({ label, operator, value }) => {
    try {
      return new Matcher(label, operator, value)
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause)
      throw new RequestError('invalid', `${label}: ${detail}`)
    }
  })
}

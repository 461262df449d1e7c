import type { Matcher } from '../promql/index.ts'
import { ParseError, parseDuration, parseExpression } from '../promql/index.ts'

/** A parameter is missing or is not what it should be. */
export class ParameterError extends Error {
  constructor(name: string, message: string) {
    super(`invalid parameter "${name}": ${message}`)
    this.name = 'ParameterError'
  }
}

/** Parameters of a request, from its address and, for POST, its form; one may be there more than once. */
export class Parameters {
  readonly #values: URLSearchParams

  constructor(address: string, form: string | null) {
    const query = address.indexOf('?')
    this.#values = new URLSearchParams(query < 0 ? '' : address.slice(query + 1))
    for (const [name, value] of new URLSearchParams(form ?? '')) this.#values.append(name, value)
  }

  text(name: string): string {
    const value = this.#values.get(name)
    if (value === null || value === '') throw new ParameterError(name, 'it is missing')
    return value
  }

  optionalText(name: string): string | null {
    return this.#values.get(name) || null
  }

  /** Unix time in ms, of an RFC 3339 time or of seconds with decimals. */
  time(name: string, otherwiseMs: number): number {
    const value = this.optionalText(name)
    if (value === null) return otherwiseMs
    const ms = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(value)
      ? Number(value) * 1000
      : rfc3339(value)
    if (!Number.isFinite(ms))
      throw new ParameterError(name, `cannot parse ${JSON.stringify(value)} to a valid timestamp`)
    return Math.round(ms)
  }

  /** Milliseconds, of a duration or of seconds with decimals. */
  durationMs(name: string): number {
    const value = this.text(name)
    const ms = /^\d+(?:\.\d+)?$/.test(value)
      ? Math.round(Number(value) * 1000)
      : parseDuration(value)
    if (ms === null || !Number.isFinite(ms)) {
      throw new ParameterError(name, `cannot parse ${JSON.stringify(value)} to a valid duration`)
    }
    return ms
  }

  optionalDurationMs(name: string): number | null {
    return this.optionalText(name) === null ? null : this.durationMs(name)
  }

  /** `start`, `end` and `step` of a range query. */
  range(): { startMs: number; endMs: number; stepMs: number } {
    const startMs = this.time('start', Number.NaN)
    const endMs = this.time('end', Number.NaN)
    const stepMs = this.durationMs('step')
    if (Number.isNaN(startMs)) throw new ParameterError('start', 'it is missing')
    if (Number.isNaN(endMs)) throw new ParameterError('end', 'it is missing')
    if (endMs < startMs)
      throw new ParameterError('end', 'end timestamp must not be before start time')
    if (stepMs <= 0) {
      throw new ParameterError(
        'step',
        'zero or negative query resolution step widths are not accepted. Try a positive integer',
      )
    }
    return { startMs, endMs, stepMs }
  }

  /** 0 and nothing stand for no limit. */
  limit(): number {
    const value = this.optionalText('limit')
    if (value === null) return Number.POSITIVE_INFINITY
    if (!/^\d{1,9}$/.test(value)) throw new ParameterError('limit', 'limit must be non-negative')
    return Number(value) || Number.POSITIVE_INFINITY
  }

  /** Each `match[]` is a selector of series. */
  selectors(): (readonly Matcher[])[] {
    return this.#values.getAll('match[]').map((text) => {
      const node = parseSelector(text)
      if (node.kind !== 'vector-selector' || node.offsetMs !== 0 || node.at !== null) {
        throw new ParameterError('match[]', `${JSON.stringify(text)} is no selector of series`)
      }
      return node.matchers
    })
  }
}

function parseSelector(text: string) {
  try {
    return parseExpression(text)
  } catch (error) {
    if (error instanceof ParseError) throw new ParameterError('match[]', error.message)
    throw error
  }
}

function rfc3339(text: string): number {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN
}

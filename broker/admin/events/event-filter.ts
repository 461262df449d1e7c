import type { EventSeverity } from '../../events/index.ts'
import { EVENT_SEVERITIES } from '../../events/index.ts'
import { Problem } from '../http/problem.ts'
import type { EventView } from './event-view.ts'

/** What is left out does not restrict. */
export interface EventQuery {
  readonly kind?: string
  readonly severity?: EventSeverity
  readonly resource?: string
  readonly from?: string
  readonly to?: string
  readonly q?: string
}

/** The same, ready to be asked of every event. */
export interface EventFilter {
  readonly fromMs: number
  readonly toMs: number
  matches(event: EventView): boolean
}

/** Throws a Problem for a time that is none. */
export function eventFilter(query: EventQuery): EventFilter {
  const fromMs = timeOf('from', query.from) ?? 0
  const toMs = timeOf('to', query.to) ?? Infinity
  const isKind = kindMatcher(query.kind)
  const least = query.severity === undefined ? 0 : EVENT_SEVERITIES.indexOf(query.severity)
  const words = (query.q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return {
    fromMs,
    toMs,
    matches(event) {
      const { at, kind, severity, resource } = event
      const atMs = Date.parse(at)
      if (atMs < fromMs || atMs >= toMs || !isKind(kind)) return false
      if (EVENT_SEVERITIES.indexOf(severity) < least) return false
      if (query.resource !== undefined && !isAbout(resource, query.resource)) return false
      if (words.length === 0) return true
      const text = JSON.stringify(event).toLowerCase()
      return words.every((word) => text.includes(word))
    },
  }
}

/** One kind, several separated by commas, or all that begin so (`group-*`). */
function kindMatcher(wanted: string | undefined): (kind: string) => boolean {
  if (wanted === undefined) return () => true
  const names = wanted.split(',').map((name) => name.trim())
  return (kind) =>
    names.some((name) => (name.endsWith('*') ? kind.startsWith(name.slice(0, -1)) : kind === name))
}

function isAbout({ kind, name }: EventView['resource'], wanted: string): boolean {
  return name === wanted || `${kind}:${name}` === wanted
}

function timeOf(where: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const timeMs = Date.parse(text)
  if (Number.isFinite(timeMs)) return timeMs
  const detail = 'is not a time of RFC 3339'
  throw new Problem('invalid-request', `${where} ${detail}`, [{ where, detail }])
}

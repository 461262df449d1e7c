import { CommandFailure, EXIT } from '../../exit-codes.ts'
import type { EventView } from './event-row.ts'

/** Events that retention took before they were read: from this one on, and the first that is there again. */
export interface EventGap {
  readonly from: number
  readonly to: number
}

export interface EventPage {
  readonly events: readonly EventView[]
  readonly next: string | null
}

/** The event of a message. Throws a CommandFailure for anything else: who answers may be another server. */
export function parseEvent(data: string): EventView {
  const value = parseJson(data)
  return isEvent(value) ? value : noEvents()
}

/** As `parseEvent`, for a message of the type `gap`. */
export function parseGap(data: string): EventGap {
  const { from, to } = membersOf(parseJson(data))
  return Number.isSafeInteger(from) && Number.isSafeInteger(to)
    ? { from: Number(from), to: Number(to) }
    : noEvents()
}

/** The answer to `GET /v1/events`. Throws a CommandFailure for anything else. */
export function eventPageOf(answer: unknown): EventPage {
  const { events, next } = membersOf(answer)
  const isPage = Array.isArray(events) && (next === null || typeof next === 'string')
  return isPage && events.every(isEvent) ? { events, next } : noEvents()
}

function isEvent(value: unknown): value is EventView {
  const { at, severity, kind, resource, explanation, count } = membersOf(value)
  const about = membersOf(resource)
  const texts = [at, severity, kind, explanation, about.kind, about.name]
  return texts.every((text) => typeof text === 'string') && typeof count === 'number'
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return noEvents()
  }
}

function noEvents(): never {
  throw new CommandFailure('what answers sends no events', EXIT.failed)
}

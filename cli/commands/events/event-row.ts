import { styleText } from 'node:util'
import { renderRow } from '../../table.ts'

/** What a line shows of an event of `GET /v1/events`; all of it is for `--json`. */
export interface EventView {
  readonly at: string
  readonly severity: string
  readonly kind: string
  readonly resource: { readonly kind: string; readonly name: string }
  readonly explanation: string
  readonly count: number
}

/** As wide as a time in UTC with milliseconds. */
const TIME_WIDTH = 24
const WIDTHS = [TIME_WIDTH, 8, 24, 28]

const COLOURS: Readonly<Record<string, 'red' | 'yellow'>> = { error: 'red', warning: 'yellow' }

/** What stands above the rows. */
export const EVENT_HEAD = renderRow(['TIME', 'SEVERITY', 'KIND', 'RESOURCE', 'EXPLANATION'], WIDTHS)

/** An event in one line. Its severity has a colour where standard output is a terminal that shows some. */
export function renderEvent(event: EventView): string {
  const { at, severity, kind, resource, explanation, count } = event
  const about = resource.name === '' ? resource.kind : `${resource.kind}:${resource.name}`
  const what = count > 1 ? `${explanation} (${count} times)` : explanation
  const row = renderRow([at, severity, kind, about, what], WIDTHS)
  const colour = COLOURS[severity]
  if (colour === undefined) return row
  const start = TIME_WIDTH + 1
  const end = start + severity.length
  return row.slice(0, start) + styleText(colour, row.slice(start, end)) + row.slice(end)
}

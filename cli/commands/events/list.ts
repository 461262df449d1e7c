import { askAdmin } from '../../admin-client.ts'
import { EXIT } from '../../exit-codes.ts'
import { eventPageOf } from './event-answer.ts'
import { EVENT_FILTERS, findBroker, parseEventFlags } from './event-flags.ts'
import { EVENT_HEAD, renderEvent } from './event-row.ts'

const FILTERS = [...EVENT_FILTERS, 'to', 'order', 'cursor']

const DEFAULT_LIST_EVENTS = 100
const PAGE_EVENTS = 1000

/** `glasslog events list`: the events that match, as a table or as JSON lines. */
export async function list(args: readonly string[]): Promise<number> {
  const { query, limit, asJson, flags } = parseEventFlags(args, FILTERS)
  const admin = await findBroker(flags)
  if (!asJson) console.log(EVENT_HEAD)
  let left = limit ?? DEFAULT_LIST_EVENTS
  let cursor: string | null = query.cursor ?? null
  for (;;) {
    const asked = new URLSearchParams({ ...query, limit: String(Math.min(left, PAGE_EVENTS)) })
    if (cursor !== null) asked.set('cursor', cursor)
    const page = eventPageOf(await askAdmin(admin, `/v1/events?${asked}`))
    for (const event of page.events) {
      console.log(asJson ? JSON.stringify(event) : renderEvent(event))
    }
    left -= page.events.length
    cursor = page.next
    if (cursor === null || left === 0) return EXIT.ok
  }
}

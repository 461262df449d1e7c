import { RequestError } from '../request-error.ts'
import type { TicketSource, TicketState } from '../tickets/ticket.ts'
import { TICKET_STATES } from '../tickets/ticket.ts'
import type { NewTicket, TicketPatch } from '../tickets/ticket-book.ts'
import { objectOf, textOf } from './request-body.ts'

/** Reads what came to open or change a ticket. Throws RequestErrors that name the field. */

const NEW_FIELDS = ['title', 'description', 'severity', 'source', 'assignee', 'links']
const PATCH_FIELDS = ['title', 'description', 'severity', 'state', 'assignee', 'links', 'comment']

export function postedTicket(value: unknown): NewTicket {
  const body = knownFields(value, NEW_FIELDS)
  return {
    title: textOf(body.title, 'title'),
    ...commonFields(body),
    source: body.source === undefined ? undefined : sourceOf(body.source),
  }
}

export function postedTicketPatch(value: unknown): TicketPatch {
  const body = knownFields(value, PATCH_FIELDS)
  const state = optionalText(body, 'state')
  if (state !== undefined && !(TICKET_STATES as readonly string[]).includes(state))
    throw new RequestError('invalid', `state must be one of ${TICKET_STATES.join(', ')}`)
  return {
    title: optionalText(body, 'title'),
    ...commonFields(body),
    state: state as TicketState | undefined,
    comment: optionalText(body, 'comment'),
  }
}

function knownFields(value: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
  const body = objectOf(value, 'body')
  const unknown = Object.keys(body).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new RequestError('invalid', `unknown field ${unknown}`)
  return body
}

function commonFields(body: Readonly<Record<string, unknown>>) {
  return {
    description: optionalText(body, 'description'),
    severity: optionalText(body, 'severity'),
    assignee: body.assignee === null ? null : optionalText(body, 'assignee'),
    links: body.links === undefined ? undefined : linksOf(body.links),
  }
}

function optionalText(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  return body[name] === undefined ? undefined : textOf(body[name], name)
}

function linksOf(value: unknown) {
  if (!Array.isArray(value)) throw new RequestError('invalid', 'links must be a list')
  return value.map((one: unknown, at) => {
    const link = objectOf(one, `links[${at}]`)
    const path = (name: string) => `links[${at}].${name}`
    return { title: textOf(link.title, path('title')), url: textOf(link.url, path('url')) }
  })
}

function sourceOf(value: unknown): TicketSource {
  const source = objectOf(value, 'source')
  switch (source.kind) {
    case 'alert':
      return { kind: 'alert', fingerprint: textOf(source.fingerprint, 'source.fingerprint') }
    case 'finding':
      return { kind: 'finding', id: textOf(source.id, 'source.id') }
    case 'none':
      return { kind: 'none' }
    default:
      throw new RequestError('invalid', 'source.kind must be alert, finding or none')
  }
}

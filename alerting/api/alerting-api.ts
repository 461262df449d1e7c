import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AlertingPipeline } from '../pipeline/pipeline.ts'
import { RequestError } from '../request-error.ts'
import type { TicketSource, TicketState } from '../tickets/ticket.ts'
import { TICKET_STATES } from '../tickets/ticket.ts'
import type { NewTicket, TicketPatch } from '../tickets/ticket-book.ts'
import { objectOf, textOf } from './request-body.ts'

export interface AlertingApiServices {
  readonly pipeline: AlertingPipeline
  readonly actorOf: (request: FastifyRequest) => string
}

const STATUS = { invalid: 400, 'not-found': 404, 'too-many': 409, changed: 412 } as const
const TITLE = {
  invalid: 'The request is not valid',
  'not-found': 'There is no such thing',
  'too-many': 'There are too many',
  changed: 'It has changed meanwhile',
} as const
const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

type Query = Readonly<Record<string, string | undefined>>

/** Our own routes under `/v1`: deliveries, tickets, contact points, acknowledgements. */
export function addAlertingApi(app: FastifyInstance, services: AlertingApiServices): void {
  const { pipeline, actorOf } = services
  const { tickets, acknowledgements } = pipeline
  const route = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    answer: (request: FastifyRequest) => Promise<object>,
  ) => app.route({ method, url: `/v1/${path}`, handler: handled(answer) })
  const isDryRun = ({ query }: FastifyRequest) => (query as Query).dryRun === 'true'
  const idOf = ({ params }: FastifyRequest) => (params as { id: string }).id

  route('GET', 'deliveries', async ({ query }) => {
    const { receiver, integration, outcome, group, from, to } = query as Query
    const found = pipeline.deliveries({
      ...{ receiver, integration, outcome, groupKey: group },
      fromMs: timeOf(from, 'from'),
      toMs: timeOf(to, 'to'),
    })
    return page('deliveries', found, query as Query)
  })

  route('GET', 'contact-points', async ({ query }) => {
    const points = pipeline.receivers.map(({ name, integrations }) => ({
      name,
      integrations: integrations.map(({ kind, sendResolved }) => ({ kind, sendResolved })),
    }))
    return page('contactPoints', points, query as Query)
  })
  route('POST', 'contact-points/:id/test', async (request) => {
    const name = idOf(request)
    if (isDryRun(request)) {
      const known = pipeline.receivers.some((receiver) => receiver.name === name)
      if (!known) throw new RequestError('not-found', `there is no contact point ${name}`)
      return { deliveries: [] }
    }
    return { deliveries: await pipeline.testContactPoint(name, actorOf(request)) }
  })

  route('GET', 'tickets', async ({ query }) => {
    const { state, assignee } = query as Query
    const found = tickets
      .all()
      .filter((ticket) => state === undefined || ticket.state === state)
      .filter((ticket) => assignee === undefined || ticket.assignee === assignee)
    return page('tickets', found, query as Query)
  })
  route('POST', 'tickets', async (request) => {
    const asked = newTicket(request.body)
    const actor = actorOf(request)
    return isDryRun(request) ? tickets.draft(asked, actor) : tickets.open(asked, actor)
  })
  route('GET', 'tickets/:id', async (request) => {
    const ticket = tickets.get(idOf(request))
    if (!ticket) throw new RequestError('not-found', `there is no ticket ${idOf(request)}`)
    return ticket
  })
  route('PATCH', 'tickets/:id', async (request) => {
    const patch = ticketPatch(request.body)
    const actor = actorOf(request)
    const id = idOf(request)
    checkRevision(request, tickets.get(id)?.revision)
    return isDryRun(request) ? tickets.drafted(id, patch, actor) : tickets.change(id, patch, actor)
  })

  route('GET', 'acknowledgements', async ({ query }) =>
    page('acknowledgements', acknowledgements.all(), query as Query),
  )
  route('POST', 'acknowledgements', async (request) => {
    const body = objectOf(request.body, 'body')
    if (!Array.isArray(body.fingerprints))
      throw new RequestError('invalid', 'fingerprints must be a list')
    const fingerprints = body.fingerprints.map((one, at) => textOf(one, `fingerprints[${at}]`))
    const comment = textOf(body.comment ?? '', 'comment')
    const made = isDryRun(request)
      ? acknowledgements.draft(fingerprints, actorOf(request), comment)
      : await acknowledgements.acknowledge(fingerprints, actorOf(request), comment)
    return { acknowledgements: made }
  })
  route('DELETE', 'acknowledgements/:id', async (request) => {
    await acknowledgements.withdraw(idOf(request), actorOf(request))
    return {}
  })
}

/** `If-Match: "3"` changes only what has had three changes, counting its opening. */
function checkRevision({ headers }: FastifyRequest, revision: number | undefined): void {
  const expected = headers['if-match']
  if (expected === undefined || revision === undefined || expected === '*') return
  if (expected !== `"${revision}"`)
    throw new RequestError('changed', `the revision is "${revision}", not ${expected}`)
}

function handled(answer: (request: FastifyRequest) => Promise<object>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      return await reply.type('application/json').send(JSON.stringify(await answer(request)))
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      const problem = {
        type: 'about:blank',
        title: TITLE[error.code],
        status: STATUS[error.code],
        code: error.code === 'invalid' ? 'invalid-request' : error.code,
        detail: error.message,
      }
      return reply
        .status(problem.status)
        .type('application/problem+json')
        .send(JSON.stringify(problem))
    }
  }
}

/** A cursor is the place in the list: newest first, so what comes meanwhile shows some items twice, and hides none. */
function page(name: string, items: readonly object[], query: Query): object {
  const limit = wholeNumber(query.limit, 'limit', DEFAULT_LIMIT, [1, MAX_LIMIT])
  const start = wholeNumber(query.cursor, 'cursor', 0, [0, Number.MAX_SAFE_INTEGER])
  const end = start + limit
  return { [name]: items.slice(start, end), next: end < items.length ? String(end) : null }
}

function wholeNumber(
  text: string | undefined,
  name: string,
  otherwise: number,
  [min, max]: readonly [min: number, max: number],
): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (/^\d{1,15}$/.test(text) && value >= min && value <= max) return value
  throw new RequestError('invalid', `${name} must be a whole number from ${min} to ${max}`)
}

function timeOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const ms = Date.parse(text)
  if (Number.isFinite(ms)) return ms
  throw new RequestError('invalid', `${name} must be a time (RFC 3339)`)
}

const NEW_FIELDS = ['title', 'description', 'severity', 'source', 'assignee', 'links']
const PATCH_FIELDS = ['title', 'description', 'severity', 'state', 'assignee', 'links', 'comment']

function newTicket(value: unknown): NewTicket {
  const body = knownFields(value, NEW_FIELDS)
  return {
    title: textOf(body.title, 'title'),
    ...commonFields(body),
    source: body.source === undefined ? undefined : sourceOf(body.source),
  }
}

function ticketPatch(value: unknown): TicketPatch {
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

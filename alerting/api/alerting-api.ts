import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { QueryTexts } from '../../kit/index.ts'
import { listPage } from '../../kit/index.ts'
import type { AlertingPipeline } from '../pipeline/pipeline.ts'
import { RETRY_AFTER_SECONDS, RequestError } from '../request-error.ts'
import { objectOf, textOf } from './request-body.ts'
import { postedTicket, postedTicketPatch } from './ticket-body.ts'

export interface AlertingApiServices {
  readonly pipeline: AlertingPipeline
  readonly actorOf: (request: FastifyRequest) => string
}

const STATUS = {
  ...{ invalid: 400, 'not-found': 404, 'too-many': 409 },
  ...{ changed: 412, unavailable: 503 },
} as const
const TITLE = {
  invalid: 'The request is not valid',
  'not-found': 'There is no such thing',
  'too-many': 'There are too many',
  changed: 'It has changed meanwhile',
  unavailable: 'Not possible at the moment',
} as const

/** Our own routes under `/v1`: deliveries, tickets, contact points, acknowledgements. */
export function addAlertingApi(app: FastifyInstance, services: AlertingApiServices): void {
  const { pipeline, actorOf } = services
  const { tickets, acknowledgements } = pipeline
  const route = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    answer: (request: FastifyRequest) => Promise<object>,
  ) => app.route({ method, url: `/v1/${path}`, handler: handled(answer) })
  const isDryRun = ({ query }: FastifyRequest) => (query as QueryTexts).dryRun === 'true'
  const idOf = ({ params }: FastifyRequest) => (params as { id: string }).id

  route('GET', 'deliveries', async ({ query }) => {
    const { receiver, integration, outcome, group, from, to } = query as QueryTexts
    const found = pipeline.deliveries({
      ...{ receiver, integration, outcome, groupKey: group },
      fromMs: timeOf(from, 'from'),
      toMs: timeOf(to, 'to'),
    })
    return page('deliveries', found, query as QueryTexts)
  })

  route('GET', 'contact-points', async ({ query }) => {
    const points = pipeline.receivers.map(({ name, integrations }) => ({
      name,
      integrations: integrations.map(({ kind, sendResolved }) => ({ kind, sendResolved })),
    }))
    return page('contactPoints', points, query as QueryTexts)
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
    const { state, assignee } = query as QueryTexts
    const found = tickets
      .all()
      .filter((ticket) => state === undefined || ticket.state === state)
      .filter((ticket) => assignee === undefined || ticket.assignee === assignee)
    return page('tickets', found, query as QueryTexts)
  })
  route('POST', 'tickets', async (request) => {
    const asked = postedTicket(request.body)
    const actor = actorOf(request)
    return isDryRun(request) ? tickets.draft(asked, actor) : tickets.open(asked, actor)
  })
  route('GET', 'tickets/:id', async (request) => {
    const ticket = tickets.get(idOf(request))
    if (!ticket) throw new RequestError('not-found', `there is no ticket ${idOf(request)}`)
    return ticket
  })
  route('PATCH', 'tickets/:id', async (request) => {
    const patch = postedTicketPatch(request.body)
    const actor = actorOf(request)
    const id = idOf(request)
    checkRevision(request, tickets.get(id)?.revision)
    return isDryRun(request) ? tickets.drafted(id, patch, actor) : tickets.change(id, patch, actor)
  })

  route('GET', 'acknowledgements', async ({ query }) =>
    page('acknowledgements', acknowledgements.all(), query as QueryTexts),
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
      if (error.code === 'unavailable') reply.header('retry-after', RETRY_AFTER_SECONDS)
      return reply
        .status(problem.status)
        .type('application/problem+json')
        .send(JSON.stringify(problem))
    }
  }
}

function page(name: string, items: readonly object[], query: QueryTexts): object {
  return listPage(name, items, query, (fault) => new RequestError('invalid', fault))
}

function timeOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const ms = Date.parse(text)
  if (Number.isFinite(ms)) return ms
  throw new RequestError('invalid', `${name} must be a time (RFC 3339)`)
}

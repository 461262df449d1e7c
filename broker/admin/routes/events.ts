import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { EVENTS_TOPIC } from '../../control/index.ts'
import { EVENT_SEVERITIES } from '../../events/index.ts'
import type { PartitionLog } from '../../log/index.ts'
import { mayDo } from '../access/caller.ts'
import { isStillGood } from '../access/lasting-caller.ts'
import { onTopic } from '../access/route-access.ts'
import type { AdminServices } from '../admin-services.ts'
import { eventFilter } from '../events/event-filter.ts'
import { readEventPage } from '../events/event-page.ts'
import { EventTail } from '../events/event-tail.ts'
import { EventTails } from '../events/event-tails.ts'
import { event } from '../events/event-view.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { pageNext, pageQuery } from '../http/paging.ts'
import { Problem } from '../http/problem.ts'
import { closed, oneOf } from '../http/schema.ts'
import { openLog } from '../records/open-log.ts'

const text = (description: string) => Type.Optional(Type.String({ maxLength: 1024, description }))

const DEFAULT_LIMIT = 100
const EVENT_STREAM = 'text/event-stream'
/** These are for pages. */
const PAGED = ['to', 'order', 'cursor'] as const

const page = closed({ events: Type.Array(event), next: pageNext }, { title: 'Events' })

/** `/v1/events`: what an operator would ask about, in pages and live. */
export const eventsRoutes: AdminPlugin = (app, services) => {
  const { broker } = services
  const { log: store, clock } = broker
  const tails = new EventTails()
  app.addHook('preClose', async () => tails.close())

  app.get(
    '/v1/events',
    {
      config: { access: onTopic('READ', EVENTS_TOPIC.name) },
      schema: {
        summary: 'Events that an operator would ask about',
        description: `In pages, newest first; or live with \`Accept: ${EVENT_STREAM}\`: server-sent events whose id is that of the event, from now on, from \`from\`, or from where \`Last-Event-ID\` says. A stream says something at least every 15 seconds, waits for readers that are slow, and begins a message with \`event: gap\` when retention was faster than its reader. Of a page not more is looked at than takes a second, so it may have few events and a next.`,
        operationId: 'listEvents',
        tags: ['Events'],
        querystring: closed({
          kind: text('One, several separated by commas, or `group-*` for all that begin so.'),
          severity: Type.Optional(oneOf(EVENT_SEVERITIES, { description: 'So severe, or more.' })),
          resource: text('A name, or `kind:name`.'),
          from: text('Told at or after (RFC 3339).'),
          to: text('Told before (RFC 3339).'),
          q: text('Words that all are in the event, in any case.'),
          order: Type.Optional(oneOf(['newest', 'oldest'], { description: 'Which come first.' })),
          ...pageQuery,
        }),
        headers: Type.Object({
          'last-event-id': Type.Optional(
            Type.String({
              pattern: '^\\d{0,15}$',
              description: 'Of the last event that a stream had.',
            }),
          ),
        }),
        response: {
          200: {
            description: 'A page, or a stream.',
            content: {
              'application/json': { schema: page },
              [EVENT_STREAM]: { schema: Type.Unsafe<EventTail['stream']>({ type: 'string' }) },
            },
          },
        },
      },
    },
    async (request, reply) => {
      const log = openLog(broker, { ...EVENTS_TOPIC, createdAtMs: 0 }, 0)
      const filter = eventFilter(request.query)
      if (!isForStream(request)) {
        const { limit = DEFAULT_LIMIT, order = 'newest', cursor } = request.query
        return readEventPage(store, clock, { log, filter, limit, order, cursor })
      }
      refusePaging(request)
      // Nothing is sent, so that nobody would ever end it.
      if (request.method === 'HEAD') return reply.type(EVENT_STREAM).send(Readable.from([]))
      const { principal } = request.caller
      const position = await positionOf(request, services, log)
      tails.requireRoomFor(principal)
      const tail: EventTail = new EventTail({
        ...{ store, log, clock, timers: broker.timers, filter, position },
        mayGoOn: () =>
          isStillGood(request, services) &&
          mayDo(services.authorizer, request, 'READ', 'TOPIC', EVENTS_TOPIC.name),
        onEnd: () => tails.remove(tail),
      })
      tails.add(tail, principal)
      reply.header('cache-control', 'no-store').type(EVENT_STREAM)
      return reply.send(tail.stream)
    },
  )
}

const isForStream = ({ headers }: FastifyRequest): boolean =>
  (headers.accept ?? '').includes(EVENT_STREAM)

function refusePaging({ query }: FastifyRequest): void {
  const given = query as Readonly<Record<string, unknown>>
  const where = PAGED.find((name) => given[name] !== undefined)
  if (where === undefined) return
  const detail = 'is for pages, not for a stream'
  throw new Problem('invalid-request', `${where} ${detail}`, [{ where, detail }])
}

/** Where a stream begins. */
async function positionOf(
  request: FastifyRequest,
  { broker }: AdminServices,
  log: PartitionLog,
): Promise<number> {
  const last = request.headers['last-event-id']
  if (last !== undefined && last !== '') return Math.min(Number(last) + 1, log.highWatermark)
  const { from } = request.query as { readonly from?: string }
  if (from === undefined) return log.highWatermark
  return (await broker.log.findByTime(log, Date.parse(from)))?.offset ?? log.highWatermark
}

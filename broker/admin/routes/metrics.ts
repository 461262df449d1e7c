import { Readable } from 'node:stream'
import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { PermissionAccess } from '../access/route-access.ts'
import { onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { closed } from '../http/schema.ts'
import { sendPieces } from '../http/send-pieces.ts'

/** For a Prometheus beside the broker. */
const OPEN_ON_LOOPBACK: PermissionAccess = { ...onCluster('DESCRIBE'), openOnLoopback: true }

/** Scrapers give up sooner, and ask again. */
const SEND_LIMIT_MS = 60_000

const Query = closed({
  constant: Type.Optional(
    Type.Boolean({
      description:
        'False leaves out what is told of every partition and cannot change on one broker, such as its replicas: for those who keep the metrics of many partitions.',
      default: true,
    }),
  ),
})

/** `/metrics`: Prometheus text, or OpenMetrics for a scraper that asks for it. */
export const metricsRoutes: AdminPlugin = (app, { broker, metrics }) => {
  app.get<{ Querystring: Static<typeof Query> }>(
    '/metrics',
    {
      config: { access: OPEN_ON_LOOPBACK },
      schema: {
        summary: 'Metrics of the broker',
        description:
          'Prometheus text, or OpenMetrics when `accept` asks for it. Needs no account from the same machine.',
        operationId: 'metrics',
        tags: ['Health'],
        produces: ['text/plain'],
        querystring: Query,
        response: { 200: Type.Unsafe<Readable>({ type: 'string' }) },
      },
    },
    async (request, reply) => {
      const { contentType, body } = await metrics.render(request.headers.accept, {
        withoutConstant: request.query.constant === false,
      })
      if (request.method === 'HEAD') return reply.type(contentType).send(Readable.from([]))
      // A stream would ask for pieces before it is rid of those that it has.
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': contentType })
      try {
        await sendPieces(reply.raw, body, { timers: broker.timers, limitMs: SEND_LIMIT_MS })
      } catch (err) {
        // The status is sent: all that can be told to the scraper is that the text is not complete.
        broker.logger.error({ err }, 'a scrape failed')
        reply.raw.destroy()
      }
      return reply
    },
  )
}

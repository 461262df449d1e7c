import { Readable } from 'node:stream'
import { Type } from 'typebox'
import type { PermissionAccess } from '../access/route-access.ts'
import { onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'

/** For a Prometheus beside the broker. */
const OPEN_ON_LOOPBACK: PermissionAccess = { ...onCluster('DESCRIBE'), openOnLoopback: true }

/** `/metrics`: Prometheus text, or OpenMetrics for a scraper that asks for it. */
export const metricsRoutes: AdminPlugin = (app, { metrics }) => {
  app.get(
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
        response: { 200: Type.Unsafe<Readable>({ type: 'string' }) },
      },
    },
    async (request, reply) => {
      const { contentType, body } = await metrics.render(request.headers.accept)
      return reply.type(contentType).send(Readable.from(body, { highWaterMark: 1 }))
    },
  )
}

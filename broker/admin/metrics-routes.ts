import type { FastifyInstance } from 'fastify'
import type { MetricsEndpoint } from '../telemetry/index.ts'

/** `/metrics`: Prometheus text, or OpenMetrics for a scraper that asks for it. */
export function metricsRoutes(server: FastifyInstance, metrics: MetricsEndpoint): void {
  server.get('/metrics', async (request, reply) => {
    const { contentType, text } = await metrics.render(request.headers.accept)
    return reply.type(contentType).send(text)
  })
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RemotePrometheus } from '../query/index.ts'
import { REMOTE_TIMEOUT_MS } from '../query/index.ts'
import { clientGone, refuse } from './answers.ts'

const BY_BOTH = [
  ...['query', 'query_range', 'query_exemplars', 'series', 'labels'],
  ...['format_query', 'parse_query'],
]
const REMOTE = 'the Prometheus of prometheus.url'
const BY_GET = ['label/:name/values', 'metadata']

/** Prometheus' HTTP API by another server: everything that is asked of series goes on to it. Rules and alerts are ours. */
export function addRemoteApi(app: FastifyInstance, remote: RemotePrometheus): void {
  const passOn = async (request: FastifyRequest, reply: FastifyReply): Promise<object> => {
    const gone = clientGone(reply)
    try {
      const form = typeof request.body === 'string' ? request.body : null
      const { status, contentType, body } = await remote.ask(
        pathOf(request.url),
        form,
        AbortSignal.any([gone, AbortSignal.timeout(REMOTE_TIMEOUT_MS)]),
      )
      // It is not the caller whom it does not let in: a browser would ask them for another password.
      if (status === 401 || status === 403)
        return refuse(reply, 'unavailable', `${REMOTE} refuses prometheus.authorization`)
      return reply.status(status).type(contentType).send(body)
    } catch (error) {
      if (gone.aborted) return refuse(reply, 'canceled', 'the client went away')
      request.log.warn({ err: error }, `${REMOTE} does not answer`)
      return refuse(reply, 'unavailable', `${REMOTE} does not answer`)
    }
  }
  for (const path of BY_BOTH)
    app.route({ method: ['GET', 'POST'], url: `/api/v1/${path}`, handler: passOn })
  for (const path of BY_GET) app.get(`/api/v1/${path}`, passOn)
}

/** A request may name a server too (RFC 9112, 3.2.2); where it goes on to is not for the caller to say. */
function pathOf(target: string): string {
  return target.slice(Math.max(0, target.indexOf('/api/v1/')))
}

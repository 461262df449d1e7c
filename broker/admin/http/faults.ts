import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../../../kit/index.ts'
import type { AdminApp } from './admin-plugin.ts'
import { Problem, Refusal, sendProblem } from './problem.ts'
import type { RouteTable } from './route-table.ts'
import { partsOf } from './validation.ts'

/** Makes every failure of a request a problem document. */
export function handleFaults(
  app: AdminApp,
  routes: RouteTable,
  logger: Logger,
  onMalformed: (request: FastifyRequest, status: number) => void,
): void {
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1)
    const allowed = routes.methodsAt(path)
    if (allowed.length === 0) return sendProblem(reply, nothingAt(request))
    reply.header('allow', allowed.join(', '))
    const detail = `${path} has ${allowed.join(', ')}, not ${request.method}`
    return sendProblem(reply, new Problem('method-not-allowed', detail))
  })
  app.setErrorHandler((error, request, reply) => {
    const { status } = problemOf(error).row
    if (!(error instanceof Refusal) && NEVER_COMMANDS.has(status)) onMalformed(request, status)
    return answerFault(error, request, reply, logger)
  })
}

/**
 * Where a request did not become a command, which would have a record. Who may not, or has to wait, is
 * told to the history by whoever found that.
 */
const NEVER_COMMANDS: ReadonlySet<number> = new Set([400, 404, 413, 415])

function nothingAt(request: FastifyRequest): Problem {
  return new Problem('not-found', `nothing is served at ${request.method} ${request.url}`)
}

function answerFault(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  const problem = problemOf(error)
  if (problem.row.status === 500) {
    logger.error(
      { err: error, method: request.method, route: request.routeOptions.url },
      'a request failed',
    )
  }
  return sendProblem(reply, problem)
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { statusCode, message, validation, validationContext } = error as Partial<FastifyError>
  if (validation) {
    const parts = partsOf(validation, validationContext ?? 'request')
    return new Problem(
      'invalid-request',
      parts.map(({ where, detail }) => `${where} ${detail}`).join('; '),
      parts,
    )
  }
  // Fastify marks faults of the caller (a malformed body, too large a body) with a 4xx status.
  if (statusCode === 413) return new Problem('too-large', message ?? '')
  if (statusCode === 415) {
    return new Problem('unsupported-media-type', 'send the body as content-type: application/json')
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Problem('invalid-request', message ?? 'malformed')
  }
  return new Problem('internal', 'see the log of the broker')
}

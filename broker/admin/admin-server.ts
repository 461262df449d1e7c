import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { fastify } from 'fastify'
import type { HistoryReader } from '../../audit/index.ts'
import type { Logger } from '../../kit/index.ts'
import type { LogStore } from '../log/index.ts'
import type { MetricsEndpoint } from '../telemetry/index.ts'
import { auditRoutes } from './audit-routes.ts'
import { requireToken } from './authentication.ts'
import { healthRoutes } from './health-routes.ts'
import { metricsRoutes } from './metrics-routes.ts'
import type { ProblemCode } from './problem.ts'
import { Problem, sendProblem } from './problem.ts'

export interface AdminServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly rootToken: string
  readonly metrics: MetricsEndpoint
  readonly history: HistoryReader
  readonly log: LogStore
  readonly isReady: () => boolean
  readonly logger: Logger
}

/** The HTTP door: health, metrics and the history. */
export interface AdminServer {
  readonly host: string
  readonly port: number
  stop(): Promise<void>
}

/** Largest request body; nothing that is served today needs one. */
const BODY_LIMIT_BYTES = 1024 * 1024

export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const server = fastify({ bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true })
  server.addHook('onRequest', requireToken(options.rootToken))
  handleFaults(server, options.logger)
  healthRoutes(server, options)
  metricsRoutes(server, options.metrics)
  auditRoutes(server, options.history)
  await server.listen({ host: options.host, port: options.port })
  const { port } = server.server.address() as AddressInfo
  return { host: options.host, port, stop: () => server.close() }
}

function handleFaults(server: FastifyInstance, logger: Logger): void {
  server.setNotFoundHandler((request, reply) =>
    sendProblem(reply, 'not-found', `nothing is served at ${request.method} ${request.url}`),
  )
  server.setErrorHandler((error, request, reply) => {
    const code = problemCodeOf(error)
    if (code !== 'internal') return sendProblem(reply, code, messageOf(error))
    logger.error({ err: error, method: request.method, url: request.url }, 'a request failed')
    return sendProblem(reply, code, 'see the log of the broker')
  })
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'failed')

/** Fastify marks faults of the caller (a malformed query, too large a body) with a 4xx status. */
function problemCodeOf(error: unknown): ProblemCode {
  if (error instanceof Problem) return error.code
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  if (status === 413) return 'too-large'
  return typeof status === 'number' && status >= 400 && status < 500
    ? 'invalid-request'
    : 'internal'
}

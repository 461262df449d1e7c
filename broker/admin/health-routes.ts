import type { FastifyInstance } from 'fastify'
import type { LogStore } from '../log/index.ts'
import { sendProblem } from './problem.ts'

interface HealthSources {
  readonly log: LogStore
  /** False until clients are served and again while the broker stops. */
  readonly isReady: () => boolean
}

/** `/healthz`: the process answers. `/readyz`: clients can produce and consume. */
export function healthRoutes(server: FastifyInstance, { log, isReady }: HealthSources): void {
  server.get('/healthz', async () => ({ status: 'alive' }))
  server.get('/readyz', async (_request, reply) => {
    if (!isReady()) return sendProblem(reply, 'unavailable', 'the broker is starting or stopping')
    if (log.diskState === 'ok') return { status: 'ready' }
    return sendProblem(
      reply,
      'unavailable',
      `the disk is ${log.diskState}: records cannot be stored`,
    )
  })
}

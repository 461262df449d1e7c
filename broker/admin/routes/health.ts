import { OPEN } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { Problem } from '../http/problem.ts'
import { closed, oneOf } from '../http/schema.ts'

/** `/healthz`: the process answers. `/readyz`: clients can produce and consume. */
export const healthRoutes: AdminPlugin = (app, { broker, isReady }) => {
  app.get(
    '/healthz',
    {
      config: { access: OPEN },
      schema: {
        summary: 'Whether the process answers',
        operationId: 'health',
        tags: ['Health'],
        response: { 200: closed({ status: oneOf(['alive']) }) },
      },
    },
    async () => ({ status: 'alive' as const }),
  )

  app.get(
    '/readyz',
    {
      config: { access: OPEN },
      schema: {
        summary: 'Whether clients can produce and consume',
        description: '503 while the broker starts or stops, and while the disk takes no records.',
        operationId: 'readiness',
        tags: ['Health'],
        response: { 200: closed({ status: oneOf(['ready']) }) },
      },
    },
    async () => {
      if (!isReady()) throw new Problem('unavailable', 'the broker is starting or stopping')
      const { diskState } = broker.log
      if (diskState === 'ok') return { status: 'ready' as const }
      throw new Problem('unavailable', `the disk is ${diskState}: records cannot be stored`)
    },
  )
}

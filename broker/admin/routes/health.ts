import { Type } from 'typebox'
import { OPEN } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { Problem } from '../http/problem.ts'
import { closed, oneOf } from '../http/schema.ts'

const challenge = Type.Optional(
  Type.String({
    ...{ minLength: 16, maxLength: 128, pattern: '^[A-Za-z0-9_-]+$' },
    description:
      'Text that nobody can guess. The proof is `HMAC-SHA-256(token, "glasslog port PORT CHALLENGE")` in base64url, where PORT is where the broker listens.',
  }),
)

/** `/healthz`: the process answers. `/readyz`: clients can produce and consume. */
export const healthRoutes: AdminPlugin = (app, { broker, isReady, proofOfRoot }) => {
  app.get(
    '/healthz',
    {
      config: { access: OPEN },
      schema: {
        summary: 'Whether the process answers',
        operationId: 'health',
        description:
          'With a challenge it also shows, in the header `glasslog-proof`, that this is the broker that made `root.token`: whoever has that token can check it before he sends it.',
        tags: ['Health'],
        headers: Type.Object({ 'glasslog-challenge': challenge }),
        response: { 200: closed({ status: oneOf(['alive']) }) },
      },
    },
    async (request, reply) => {
      const asked = request.headers['glasslog-challenge']
      const { localPort = 0 } = request.socket
      if (asked !== undefined) reply.header('glasslog-proof', proofOfRoot(asked, localPort))
      return { status: 'alive' as const }
    },
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

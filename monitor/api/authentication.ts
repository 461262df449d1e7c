import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../kit/index.ts'

/** Whether whoever sends this header may look at the cluster. */
export type Authenticator = (authorization: string) => Promise<boolean>

/** The broker's answer to a header counts so long; a token that was taken back is let in no longer than that. */
const REMEMBERED_MS = 10_000
const MAX_REMEMBERED = 1_000

/**
 * Asks the broker, which alone knows accounts, tokens and roles: a header is good here when it opens `/v1/cluster` there.
 * `findBroker` gives the address of its admin API, null while there is none; then nobody is let in.
 */
export function brokerAuthenticator(
  findBroker: () => Promise<string | null>,
  clock: Clock,
): Authenticator {
  const remembered = new Map<string, number>()
  return async (authorization) => {
    const key = createHash('sha256').update(authorization).digest('base64')
    const nowMs = clock.monotonicMs()
    if ((remembered.get(key) ?? Number.NEGATIVE_INFINITY) > nowMs) return true
    remembered.delete(key)
    if (!(await isWelcome(await findBroker(), authorization))) return false
    const [oldest] = remembered.keys()
    if (remembered.size >= MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
    remembered.set(key, nowMs + REMEMBERED_MS)
    return true
  }
}

async function isWelcome(broker: string | null, authorization: string): Promise<boolean> {
  if (broker === null) return false
  const answer = await fetch(`${broker}/v1/cluster`, {
    headers: { authorization },
    signal: AbortSignal.timeout(5_000),
    redirect: 'error',
  }).catch(() => null)
  await answer?.body?.cancel()
  return answer?.status === 200
}

/** Paths that need no credential: they tell nothing of the cluster. */
const OPEN: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** Everything else needs `Authorization`, as Bearer or as the password of Basic. */
export function requireAuthorization(app: FastifyInstance, isGood: Authenticator): void {
  app.addHook('onRequest', async (request, reply) => {
    if (OPEN.has(request.url.split('?', 1)[0] ?? '')) return
    const { authorization } = request.headers
    if (authorization !== undefined && (await isGood(authorization))) return
    reply.header('www-authenticate', 'Bearer realm="glasslog", Basic realm="glasslog"')
    return reply.status(401).type('application/problem+json').send({
      type: 'about:blank',
      title: 'Authentication is required',
      status: 401,
      code: 'unauthorized',
      detail:
        'Send a token of the broker: Authorization: Bearer TOKEN, or as the password of basic authentication.',
    })
  })
}

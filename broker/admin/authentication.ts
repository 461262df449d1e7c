import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from './problem.ts'
import { tokenMatches } from './root-token.ts'

/** Paths that a load balancer or an init system asks without an account. */
const OPEN_PATHS: readonly string[] = ['/healthz', '/readyz']

/** Paths that are open to the same machine, for a Prometheus beside the broker. */
const OPEN_ON_LOOPBACK: readonly string[] = ['/metrics']

/**
 * Lets a request in that carries the root account's token: as a bearer token (RFC 6750), or as the
 * password of basic authentication (RFC 7617) for tools that know nothing else.
 */
export function requireToken(expected: string) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const path = request.url.split('?', 1)[0] ?? ''
    if (OPEN_PATHS.includes(path)) return
    if (OPEN_ON_LOOPBACK.includes(path) && isLoopback(request.ip)) return
    const given = tokenOf(request.headers.authorization)
    if (given !== null && tokenMatches(expected, given)) return
    reply.header('www-authenticate', 'Bearer realm="glasslog", Basic realm="glasslog"')
    sendProblem(
      reply,
      'unauthorized',
      'give the token of root.token as "Authorization: Bearer TOKEN"',
    )
  }
}

export function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address)
}

function tokenOf(authorization: string | undefined): string | null {
  const [scheme, credentials] = (authorization ?? '').split(' ', 2)
  if (!credentials) return null
  if (/^bearer$/i.test(scheme ?? '')) return credentials
  if (!/^basic$/i.test(scheme ?? '')) return null
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : text.slice(colon + 1)
}

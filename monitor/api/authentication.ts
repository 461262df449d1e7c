import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../../kit/index.ts'
import { FailedLogins, isLoopbackAddress } from '../../kit/index.ts'

/** Who sends a request, as the broker knows them. */
export interface Caller {
  readonly account: string
  /** Whether they may silence alarms and the like, and not only look. */
  readonly mayChange: boolean
}

/**
 * Who sends this header from this address; `unknown` when the broker lets nobody in with it, and `too-many` when so many
 * wrong ones came from there that this one was not looked at.
 */
export type Authenticator = (
  authorization: string,
  address: string,
) => Promise<Caller | 'unknown' | 'too-many'>

/** The broker's answer to a header counts so long; a token that was taken back is let in no longer than that. */
const REMEMBERED_MS = 10_000
/** While the broker is away, whoever it let in last goes on to be let in: that is when people must silence and acknowledge. */
const REMEMBERED_WHILE_AWAY_MS = 12 * 3_600_000
const MAX_REMEMBERED = 1_000
const BROKER_TIMEOUT_MS = 5_000

/** Roles of the broker that change things. What roles of one's own allow, only the broker knows. */
const CHANGING_ROLES: ReadonlySet<string> = new Set(['operator', 'admin'])

/** What the broker says of a header; `away` when it says nothing. */
type BrokerAnswer = Caller | 'unknown' | 'away'

export interface AuthenticatorParts {
  /** The address of the broker's admin API; null while there is none. */
  readonly findBroker: () => Promise<string | null>
  /** The root account's token as it lies on this machine; null where it does not. */
  readonly readRootToken: () => Promise<string | null>
  readonly clock: Clock
}

/**
 * Asks the broker, which alone knows accounts, tokens and roles: a header is good here when it opens `/v1/cluster` there,
 * and may change things when it is root's or of an account with the role operator or admin. While there is no broker to
 * ask, those are let in whom it let in last, and who has the root token of this machine. Wrong headers are counted by the
 * client here: the broker sees the monitor's address only, and its bound would be one for all clients together.
 */
export function brokerAuthenticator(parts: AuthenticatorParts): Authenticator {
  const { findBroker, readRootToken, clock } = parts
  const remembered = new Map<string, { caller: Caller; atMs: number }>()
  const failures = new FailedLogins(clock)
  /** Those that the broker is asked about now. */
  const asked = new Map<string, Promise<Caller | 'unknown'>>()
  const look = async (authorization: string, address: string, key: string) => {
    const nowMs = clock.monotonicMs()
    const known = remembered.get(key)
    // Before it is looked at, or many at once would count as none.
    failures.note(address)
    const broker = await findBroker()
    const answer = broker === null ? 'away' : await askBroker(broker, authorization)
    if (answer === 'away') {
      const isRemembered = known !== undefined && nowMs - known.atMs < REMEMBERED_WHILE_AWAY_MS
      if (!isRemembered && !isRootToken(authorization, await readRootToken())) return 'unknown'
      failures.takeBack(address)
      return isRemembered ? known.caller : ROOT
    }
    remembered.delete(key)
    if (answer === 'unknown') return 'unknown'
    failures.takeBack(address)
    const [oldest] = remembered.keys()
    if (remembered.size >= MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
    remembered.set(key, { caller: answer, atMs: nowMs })
    return answer
  }
  return async (authorization, address) => {
    const key = createHash('sha256').update(authorization).digest('base64')
    const known = remembered.get(key)
    if (known !== undefined && clock.monotonicMs() - known.atMs < REMEMBERED_MS) return known.caller
    // Whoever was let in before is not kept out by others of their network.
    if (known === undefined && failures.isBlocked(address)) return 'too-many'
    // A page asks for much at once: its header is one attempt, and one question.
    const inquiry =
      asked.get(key) ?? look(authorization, address, key).finally(() => asked.delete(key))
    asked.set(key, inquiry)
    return inquiry
  }
}

const ROOT: Caller = { account: 'root', mayChange: true }

function isRootToken(authorization: string, rootToken: string | null): boolean {
  if (rootToken === null || rootToken === '') return false
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S+)$/.exec(authorization.trim()) ?? []
  const isBasic = scheme.toLowerCase() === 'basic'
  const token = isBasic
    ? Buffer.from(credentials, 'base64')
        .toString()
        .replace(/^[^:]*:/, '')
    : credentials
  // Of equal length whatever was sent, so that nothing is learnt from how long it takes.
  const [sent, expected] = [token, rootToken].map((text) =>
    createHash('sha256').update(text).digest(),
  )
  return sent !== undefined && expected !== undefined && timingSafeEqual(sent, expected)
}

async function askBroker(broker: string, authorization: string): Promise<BrokerAnswer> {
  const session = await get(`${broker}/v1/session`, authorization)
  if (session === 'away') return 'away'
  // One after the other: a wrong header is to count once at the broker.
  if (session === null) return 'unknown'
  const cluster = await get(`${broker}/v1/cluster`, authorization)
  if (cluster === 'away') return 'away'
  if (cluster === null) return 'unknown'
  const { account, mechanism, roles } = session as {
    account: string
    mechanism: string
    roles: string[]
  }
  return {
    account,
    mayChange: mechanism === 'root-token' || roles.some((role) => CHANGING_ROLES.has(role)),
  }
}

/** The JSON of an answer; null for any that is not 200, `away` when there is none, or one of a broker that cannot tell. */
async function get(url: string, authorization: string): Promise<unknown> {
  try {
    const signal = AbortSignal.timeout(BROKER_TIMEOUT_MS)
    const answer = await fetch(url, { headers: { authorization }, signal, redirect: 'error' })
    if (answer.status === 200) return await answer.json()
    await answer.body?.cancel()
    return answer.status >= 500 ? 'away' : null
  } catch {
    return 'away'
  }
}

/** Paths that need no credential: they tell nothing of the cluster. */
const OPEN: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/-/healthy', '/-/ready'])
/** Open to this machine: whoever is on it can see the process anyway. */
const OPEN_ON_LOOPBACK: ReadonlySet<string> = new Set(['/metrics'])
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD'])
/** Queries too long for an address are sent as forms. */
const QUERIES =
  /^\/api\/v1\/(?:query|query_range|series|labels|query_exemplars|format_query|parse_query)$/

const callers = new WeakMap<FastifyRequest, Caller>()

/** The account of a request that was let in. */
export function accountOf(request: FastifyRequest): string {
  return callers.get(request)?.account ?? 'nobody'
}

/** Everything but health needs `Authorization`, as Bearer or as the password of Basic; changes need a role for them. */
export function requireAuthorization(app: FastifyInstance, authenticate: Authenticator): void {
  app.addHook('onRequest', async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    if (OPEN.has(path) || path.startsWith('/runbooks/')) return
    if (OPEN_ON_LOOPBACK.has(path) && isLoopbackAddress(request.socket.remoteAddress ?? '')) return
    const { authorization } = request.headers
    const caller =
      authorization === undefined ? 'unknown' : await authenticate(authorization, request.ip)
    if (caller === 'too-many') {
      reply.header('retry-after', '60')
      return reply.status(429).type('application/problem+json').send(TOO_MANY)
    }
    if (caller === 'unknown') {
      reply.header('www-authenticate', 'Bearer realm="glasslog", Basic realm="glasslog"')
      return reply.status(401).type('application/problem+json').send(UNAUTHORIZED)
    }
    const isChange = !READING.has(request.method) && !QUERIES.test(path)
    if (isChange && (!caller.mayChange || isOfAnotherSite(request))) {
      return reply.status(403).type('application/problem+json').send(FORBIDDEN)
    }
    callers.set(request, caller)
  })
}

/** Whether a browser sends what it remembers of basic authentication on behalf of another site's page. */
function isOfAnotherSite({ headers }: FastifyRequest): boolean {
  if (!/^basic /i.test(headers.authorization ?? '')) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin, host } = headers
  return origin !== undefined && URL.parse(origin)?.host !== host
}

const UNAUTHORIZED = {
  type: 'about:blank',
  title: 'Authentication is required',
  status: 401,
  code: 'unauthorized',
  detail:
    'Send a token of the broker: Authorization: Bearer TOKEN, or as the password of basic authentication.',
}
const TOO_MANY = {
  type: 'about:blank',
  title: 'Too many attempts',
  status: 429,
  code: 'too-many-requests',
  detail: 'Wait a minute before the next attempt.',
}
const FORBIDDEN = {
  type: 'about:blank',
  title: 'The account may not do this',
  status: 403,
  code: 'forbidden',
  detail:
    'Changes at the monitor need the role operator or admin, and no page of another site may ask for them.',
}

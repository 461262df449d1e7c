import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FailedLogins, Timers } from '../../../kit/index.ts'
import { isLoopbackAddress } from '../../../kit/index.ts'
import type { ControlPlane } from '../../control/index.ts'
import { UNKNOWN_NAME } from '../../control/index.ts'
import type { LoginCounts } from '../../network/index.ts'
import type { AdminApp } from '../http/admin-plugin.ts'
import { Problem, sendProblem } from '../http/problem.ts'
import type { Caller, TokenVerifier } from './caller.ts'
import { actorOf, addressOf, NOBODY } from './caller.ts'
import type { Credential } from './credentials.ts'
import { credentialOf, isUnsafeCrossOrigin } from './credentials.ts'

export interface AuthenticationOptions {
  /** Asked in turn; the first that knows the token decides. */
  readonly verifiers: readonly TokenVerifier[]
  readonly failedLogins: FailedLogins
  readonly counts: LoginCounts
  readonly timers: Timers
  /** Where failures are recorded. */
  readonly control: ControlPlane
}

const WRONG_TOKEN = 'the token is not, or no longer, good'

/** Wrong credentials are answered this late, as `connection.failed.authentication.delay.ms` does (KIP-306). */
export const FAILURE_DELAY_MS = 100

/**
 * Establishes who sent a request: a bearer token (RFC 6750), the same token as the password of basic
 * authentication (RFC 7617) for tools that know nothing else, or the cookie of a session. A request
 * without any is nobody's; whether that is enough is for the route to say. A credential that is
 * wrong is refused late, whatever the route.
 */
export function authenticate(app: AdminApp, options: AuthenticationOptions): void {
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request, reply) => {
    request.caller = NOBODY
    const credential = credentialOf(request.headers)
    if (credential === null) return
    const caller = callerOf(credential, options.verifiers)
    if (caller !== null) {
      request.caller = caller
      if (credential.kind !== 'cookie') options.counts.successes++
      // Browsers keep a password of basic authentication as well, and send it for any page.
      if (credential.kind !== 'bearer' && isUnsafeCrossOrigin(request)) {
        return sendProblem(reply, new Problem('forbidden', 'another site cannot use your login'))
      }
      return
    }
    // Browsers send the cookie of a session that has ended; that is no attempt to get in.
    if (credential.kind === 'cookie') return
    return refuseToken(request, reply, options)
  })
}

async function refuseToken(
  request: FastifyRequest,
  reply: FastifyReply,
  { failedLogins, counts, control, timers }: AuthenticationOptions,
): Promise<FastifyReply> {
  const address = addressOf(request)
  // Those that are not looked at count as well, or a storm would look like the few of its first minute.
  counts.failures++
  if (failedLogins.isBlocked(address)) return tooManyFailures(reply)
  failedLogins.note(address)
  // Neither the token nor the name beside it is kept: people mistake one field for the other.
  control.observe({
    operation: 'login',
    actor: { ...actorOf(request), mechanism: 'token' },
    resource: { kind: 'account', name: UNKNOWN_NAME, id: null },
    decision: { allowed: false, rule: 'wrong-credentials' },
    outcome: { code: 'SASL_AUTHENTICATION_FAILED', message: WRONG_TOKEN },
  })
  await new Promise<void>((resolve) => timers.after(FAILURE_DELAY_MS, resolve))
  return unauthorized(reply, WRONG_TOKEN)
}

/** Every verifier is asked, so that the time does not tell which one knew the token. */
function callerOf(credential: Credential, verifiers: readonly TokenVerifier[]): Caller | null {
  const answers = verifiers.map((verify) => verify(credential.token))
  return answers.find((caller) => caller !== null) ?? null
}

export function unauthorized(reply: FastifyReply, detail: string): FastifyReply {
  reply.header('www-authenticate', 'Bearer realm="glasslog", Basic realm="glasslog"')
  return sendProblem(reply, new Problem('unauthorized', detail))
}

export function tooManyFailures(reply: FastifyReply): FastifyReply {
  reply.header('retry-after', '60')
  return sendProblem(
    reply,
    new Problem('too-many-requests', 'wait a minute before the next attempt'),
  )
}

/** Whether the request comes from this machine, past no proxy. */
export function isFromLoopback(request: FastifyRequest): boolean {
  return isLoopbackAddress(request.ip)
}

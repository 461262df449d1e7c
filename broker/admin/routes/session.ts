import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { UNKNOWN_NAME } from '../../control/index.ts'
import { FAILURE_DELAY_MS, tooManyFailures } from '../access/authentication.ts'
import { accountCaller, accountOf, actorOf, addressOf, ROOT_ACCOUNT } from '../access/caller.ts'
import { credentialOf, SESSION_COOKIE } from '../access/credentials.ts'
import { OPEN, SIGNED_IN } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { Problem } from '../http/problem.ts'
import { closed, isoTime, name, time } from '../http/schema.ts'

const login = closed(
  {
    account: name('Name of the account.'),
    password: Type.String({ minLength: 1, maxLength: 1_024 }),
  },
  { title: 'Login' },
)

const session = closed(
  {
    account: Type.String(),
    token: Type.String({ description: 'Also set as a cookie that scripts cannot read.' }),
    expiresAt: time('When it ends.'),
  },
  { title: 'Session' },
)

const caller = closed(
  {
    account: Type.String(),
    principal: Type.String(),
    mechanism: Type.String({ description: '`root-token`, `token` or `session`.' }),
    roles: Type.Array(Type.String()),
  },
  { title: 'Caller' },
)

const WRONG_LOGIN = 'the account or the password is wrong'

/** `/v1/session`: logging in with a password, who one is, logging out. */
export const sessionRoutes: AdminPlugin = (app, services) => {
  const { broker, sessions, isPassword, failedLogins, passwordLogins } = services
  const { control, timers } = broker

  app.post(
    '/v1/session',
    {
      config: { access: OPEN },
      schema: {
        summary: 'Log in with account and password',
        description: 'The password is the one of the user of the same name (PUT /v1/users).',
        operationId: 'login',
        tags: ['Session'],
        body: login,
        response: { 201: session },
      },
    },
    async (request, reply) => {
      const { account, password } = request.body
      const address = addressOf(request)
      if (failedLogins.isBlocked(address)) {
        passwordLogins.failures++
        return tooManyFailures(reply)
      }
      // Before the password is looked at, or many attempts at once would count as none.
      failedLogins.note(address)
      // The password is checked whoever it is for, so that the time does not tell who exists.
      const credentials = credentialsOf(account)
      const isRight = await isPassword(account, password)
      const good = accountCaller(control.state, account, { mechanism: 'session' })
      // A password that was changed meanwhile opens nothing any more, and nothing of the new one.
      const isCurrent = credentialsOf(account) === credentials
      if (!isRight || !good || !isCurrent) return refuse(request, account)
      failedLogins.takeBack(address)
      passwordLogins.successes++
      const { token, expiresAtMs } = sessions.begin(account, credentials)
      reply.code(201).header('cache-control', 'no-store')
      reply.header(
        'set-cookie',
        cookie(request, token, Math.floor((expiresAtMs - broker.clock.now()) / 1_000)),
      )
      return { account, token, expiresAt: isoTime(expiresAtMs) }
    },
  )

  const credentialsOf = (account: string) => control.state.users.get(account)?.credentials

  async function refuse(request: FastifyRequest, account: string): Promise<never> {
    passwordLogins.failures++
    // A name that nobody has is not kept: people type passwords into the wrong field.
    const isKnown = control.state.accounts.has(account) || control.state.users.has(account)
    const claimed = isKnown ? account : UNKNOWN_NAME
    control.observe({
      operation: 'login',
      actor: { ...actorOf(request), mechanism: 'session' },
      resource: { kind: 'account', name: claimed, id: null },
      decision: { allowed: false, rule: 'wrong-credentials' },
      outcome: { code: 'SASL_AUTHENTICATION_FAILED', message: WRONG_LOGIN },
    })
    await new Promise<void>((resolve) => timers.after(FAILURE_DELAY_MS, resolve))
    throw new Problem('unauthorized', WRONG_LOGIN)
  }

  app.get(
    '/v1/session',
    {
      config: { access: SIGNED_IN },
      schema: {
        summary: 'Who you are',
        operationId: 'getSession',
        tags: ['Session'],
        response: { 200: caller },
      },
    },
    async (request) => {
      const account = accountOf(request.caller)
      const { principal, mechanism } = request.caller
      const roles =
        account === ROOT_ACCOUNT ? ['admin'] : control.state.accounts.get(account)?.roles
      return { account, principal, mechanism, roles: [...(roles ?? [])] }
    },
  )

  app.delete(
    '/v1/session',
    {
      config: { access: SIGNED_IN },
      schema: {
        summary: 'Log out',
        operationId: 'logout',
        tags: ['Session'],
        response: { 204: Type.Null() },
      },
    },
    async (request, reply: FastifyReply) => {
      const credential = credentialOf(request.headers)
      if (credential) sessions.end(credential.token)
      reply.code(204).header('set-cookie', cookie(request, '', 0))
      return null
    },
  )
}

/** Not for scripts, not for other sites, and over TLS not without it. */
function cookie(request: FastifyRequest, token: string, maxAgeSeconds: number): string {
  const parts = [
    `${SESSION_COOKIE}=${token}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${maxAgeSeconds}`,
    ...(request.protocol === 'https' ? ['Secure'] : []),
  ]
  return parts.join('; ')
}

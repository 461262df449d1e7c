import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { DeleteScramCredential, UpsertScramCredential, User } from '../../control/index.ts'
import { SCRAM_MECHANISMS } from '../../control/index.ts'
import { keysOfPassword, MAX_ITERATIONS, MIN_ITERATIONS } from '../../security/index.ts'
import { BY_COMMAND, onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { setETag } from '../http/etag.ts'
import { noSuch } from '../http/kafka-problems.ts'
import {
  answerMutation,
  execute,
  executeOne,
  ifMatchHeaders,
  mutated,
  mutationQuery,
  mutationQueryWith,
  mutationResult,
  present,
  requirePermitted,
} from '../http/mutation.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import { closed, name, oneOf } from '../http/schema.ts'

const SALT_BYTES = 24
const MIN_PASSWORD_LENGTH = 8
const MAX_PASSWORD_LENGTH = 1_024

/** Of a password that nobody has looked at yet. */
const NO_KEYS = { salt: Buffer.alloc(0), storedKey: Buffer.alloc(0), serverKey: Buffer.alloc(0) }

const params = Type.Object({ user: name('Name of the user.') })
const mechanism = oneOf(SCRAM_MECHANISMS)

const userMembers = {
  name: Type.String(),
  credentials: Type.Array(closed({ mechanism, iterations: Type.Integer() })),
}
const userSchema = closed(userMembers, { title: 'User' })

const passwordBody = closed(
  {
    password: Type.String({
      minLength: MIN_PASSWORD_LENGTH,
      maxLength: MAX_PASSWORD_LENGTH,
      description: 'Not kept: what is kept of it serves to check it.',
    }),
    mechanism: Type.Optional(oneOf(SCRAM_MECHANISMS, { default: 'SCRAM-SHA-512' })),
    iterations: Type.Optional(
      Type.Integer({ minimum: MIN_ITERATIONS, maximum: MAX_ITERATIONS, default: MIN_ITERATIONS }),
    ),
  },
  { title: 'NewPassword' },
)

/** `/v1/users`: passwords of users of the Kafka door, which are those of accounts of the same name. */
export const usersRoutes: AdminPlugin = (app, services) => {
  const { control, random } = services.broker

  app.get(
    '/v1/users',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'Users with a password',
        operationId: 'listUsers',
        tags: ['Users'],
        querystring: closed(pageQuery),
        response: { 200: closed({ users: Type.Array(userSchema), next: pageNext }) },
      },
    },
    async (request) => {
      const { items, next } = pageOf(
        control.state.users.values(),
        (user) => [user.name, ''],
        request.query,
      )
      return { users: items.map(viewUser), next }
    },
  )

  app.get(
    '/v1/users/:user',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'One user',
        operationId: 'getUser',
        tags: ['Users'],
        params,
        response: { 200: userSchema },
      },
    },
    async (request, reply) => {
      const user = existing(request.params.user)
      setETag(reply, services.lastSeqOf({ kind: 'user', name: user.name, id: null }))
      return viewUser(user)
    },
  )

  function existing(userName: string): User {
    const user = control.state.users.get(userName)
    if (user) return user
    throw noSuch('user', userName)
  }

  app.put(
    '/v1/users/:user',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Set the password of a user, who needs not exist before',
        operationId: 'setPassword',
        tags: ['Users'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: passwordBody,
        response: { 200: mutated('AlteredUser', userMembers) },
      },
    },
    async (request, reply) => {
      const {
        password,
        mechanism: kind = 'SCRAM-SHA-512',
        iterations = MIN_ITERATIONS,
      } = request.body
      const attempt = {
        ...{ kind: 'user.scram.upsert', name: request.params.user, mechanism: kind, iterations },
        ...NO_KEYS,
      } as const satisfies UpsertScramCredential
      // Slow on purpose, which is not for everybody who is logged in to ask for.
      await requirePermitted(control, request, { command: attempt })
      const salt = random.bytes(SALT_BYTES)
      const keys = await keysOfPassword(kind, password, salt, iterations)
      const { after, result } = await executeOne(control, request, { ...attempt, ...keys })
      return answerMutation(reply, { ...viewUser(present(after)), ...result })
    },
  )

  app.delete(
    '/v1/users/:user',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Remove the passwords of a user',
        operationId: 'deleteUser',
        tags: ['Users'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQueryWith({
          mechanism: Type.Optional(oneOf(SCRAM_MECHANISMS, { description: 'Only this one.' })),
        }),
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const { user: userName } = request.params
      const { mechanism: only } = request.query
      const credentials = control.state.users.get(userName)?.credentials
      const all = SCRAM_MECHANISMS.filter((one) => credentials?.[one] !== undefined)
      // Of a user that is not there the attempt is recorded too.
      const mechanisms = only ? [only] : all.length > 0 ? all : SCRAM_MECHANISMS.slice(0, 1)
      const commands = mechanisms.map((one): DeleteScramCredential => {
        return { kind: 'user.scram.delete', name: userName, mechanism: one }
      })
      return (await execute(control, request, commands)).result
    },
  )
}

function viewUser({ name: userName, credentials }: User): Static<typeof userSchema> {
  return {
    name: userName,
    credentials: SCRAM_MECHANISMS.flatMap((one) => {
      const credential = credentials[one]
      return credential ? [{ mechanism: one, iterations: credential.iterations }] : []
    }),
  }
}

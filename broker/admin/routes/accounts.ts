import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { Random } from '../../../kit/index.ts'
import type { Account, PersonalData } from '../../control/index.ts'
import { removalOfAccount } from '../../control/index.ts'
import { accountOf, mayDo } from '../access/caller.ts'
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
  mutationResult,
  present,
} from '../http/mutation.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import { closed, isoTime, name, nullable, time } from '../http/schema.ts'

const params = Type.Object({ account: name('Name of the account.') })

const roles = Type.Array(name('A built-in role or one of /v1/roles.'), { maxItems: 100 })

const personMembers = {
  displayName: Type.Optional(Type.String({ maxLength: 256 })),
  email: Type.Optional(Type.String({ maxLength: 320 })),
}

const accountMembers = {
  name: Type.String({ description: 'Its principal is `User:` and the name.' }),
  roles: Type.Array(Type.String()),
  disabled: Type.Boolean(),
  hasPassword: Type.Boolean({ description: 'Set by PUT /v1/users; it can log in.' }),
  person: Type.Union([closed(personMembers), Type.Null()], {
    description: 'Only for those who may alter accounts, and of oneself. Null when there is none.',
  }),
  createdAt: nullable(time('Null for the root account, which has no record.')),
}
const accountSchema = closed(accountMembers, { title: 'Account' })

const newAccount = closed(
  {
    name: Type.Optional(
      name(
        'A pseudonym: records keep it for ever, also once the person is erased. One is made when it is left out.',
      ),
    ),
    roles,
    ...personMembers,
  },
  { title: 'NewAccount' },
)

const accountChanges = closed(
  { roles: Type.Optional(roles), disabled: Type.Optional(Type.Boolean()), ...personMembers },
  { title: 'AccountChanges' },
)

/** `/v1/accounts`: who administers, and in which roles. */
export const accountsRoutes: AdminPlugin = (app, services) => {
  const { broker, authorizer } = services
  const { control } = broker

  app.get(
    '/v1/accounts',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'Accounts, but for the root account',
        operationId: 'listAccounts',
        tags: ['Accounts'],
        querystring: closed(pageQuery),
        response: { 200: closed({ accounts: Type.Array(accountSchema), next: pageNext }) },
      },
    },
    async (request) => {
      const { items, next } = pageOf(
        control.state.accounts.values(),
        (account) => [account.name, ''],
        request.query,
      )
      return { accounts: items.map((account) => view(account, request)), next }
    },
  )

  app.get(
    '/v1/accounts/:account',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'One account',
        operationId: 'getAccount',
        tags: ['Accounts'],
        params,
        response: { 200: accountSchema },
      },
    },
    async (request, reply) => {
      const account = control.state.accounts.get(request.params.account)
      if (!account) throw noSuch('account', request.params.account)
      setETag(reply, services.lastSeqOf({ kind: 'account', name: account.name, id: null }))
      return view(account, request)
    },
  )

  app.post(
    '/v1/accounts',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Create an account',
        description: 'Refused while a user of the name has a password, which would open it.',
        operationId: 'createAccount',
        tags: ['Accounts'],
        querystring: mutationQuery,
        body: newAccount,
        response: {
          200: mutated('CreatedAccount', accountMembers),
          201: mutated('CreatedAccount', accountMembers),
        },
      },
    },
    async (request, reply) => {
      const { name: given, roles: wanted, ...person } = request.body
      const accountName = given ?? newPseudonym(broker.random)
      const { after, result } = await executeOne(control, request, {
        kind: 'account.create',
        name: accountName,
        roles: wanted,
        ...personMember(person),
      })
      const answer = { ...view(present(after), request), ...result }
      return answerMutation(reply, answer, `/v1/accounts/${encodeURIComponent(accountName)}`)
    },
  )

  app.patch(
    '/v1/accounts/:account',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Change roles of an account, disable it, or replace what is known of the person',
        operationId: 'alterAccount',
        tags: ['Accounts'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: accountChanges,
        response: { 200: mutated('AlteredAccount', accountMembers) },
      },
    },
    async (request, reply) => {
      const { roles: wanted, disabled, ...person } = request.body
      const { after, result } = await executeOne(control, request, {
        kind: 'account.alter',
        name: request.params.account,
        ...(wanted === undefined ? {} : { roles: wanted }),
        ...(disabled === undefined ? {} : { isDisabled: disabled }),
        ...personMember(person),
      })
      return answerMutation(reply, { ...view(present(after), request), ...result })
    },
  )

  app.delete(
    '/v1/accounts/:account',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Delete an account, its password and its tokens',
        operationId: 'deleteAccount',
        tags: ['Accounts'],
        params,
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const { account } = request.params
      const commands = removalOfAccount(account, control.state)
      return (await execute(control, request, commands)).result
    },
  )

  app.delete(
    '/v1/accounts/:account/person',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Erase what is known of the person behind an account',
        description: 'Every record and proof of the history stays as it is.',
        operationId: 'erasePerson',
        tags: ['Accounts'],
        params,
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const { account } = request.params
      return (await executeOne(control, request, { kind: 'person.erase', account })).result
    },
  )

  function view(account: Account, request: FastifyRequest): Static<typeof accountSchema> {
    const maySee =
      accountOf(request.caller) === account.name || mayDo(authorizer, request, 'ALTER', 'CLUSTER')
    return {
      name: account.name,
      roles: [...account.roles],
      disabled: account.isDisabled,
      hasPassword: control.state.users.has(account.name),
      person: maySee ? personOf(account) : null,
      createdAt: isoTime(account.createdAtMs),
    }
  }

  function personOf({ person }: Account): PersonalData | null {
    const secret = person && control.secrets.get(person.secretId)
    return secret ? (JSON.parse(Buffer.from(secret).toString('utf8')) as PersonalData) : null
  }
}

const PSEUDONYM_BYTES = 6

/** A name that says nothing of anybody: an account's in records that outlive what is known of the person. */
function newPseudonym(random: Random): string {
  return `account-${random.bytes(PSEUDONYM_BYTES).toString('hex')}`
}

function personMember(person: PersonalData): { readonly person?: PersonalData } {
  return Object.keys(person).length === 0 ? {} : { person }
}

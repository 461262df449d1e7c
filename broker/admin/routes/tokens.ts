import type { Static } from 'typebox'
import { Type } from 'typebox'
import { randomUuid } from '../../../kit/index.ts'
import type { ApiToken } from '../../control/index.ts'
import { newTokenText } from '../access/api-tokens.ts'
import { accountOf, mayDo } from '../access/caller.ts'
import { BY_COMMAND, SIGNED_IN } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import {
  answerMutation,
  executeOne,
  mutated,
  mutationQuery,
  mutationResult,
  present,
} from '../http/mutation.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import { closed, isoTime, name, nullable, time } from '../http/schema.ts'

const params = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the token.' }),
})

const tokenMembers = {
  id: Type.String(),
  account: Type.String(),
  label: Type.String({ description: 'What its owner calls it.' }),
  createdAt: time('When it was created.'),
  expiresAt: nullable(time('Null for never.')),
}
const tokenSchema = closed(tokenMembers, { title: 'Token' })

const newToken = closed(
  {
    account: Type.Optional(name('Whose it is; your own when left out.')),
    label: Type.String({ maxLength: 256 }),
    expiresAt: Type.Optional(nullable(time('Null or left out is when what you ask with ends.'))),
  },
  { title: 'NewToken' },
)

/** `/v1/tokens`: bearer tokens of accounts. Everybody sees, makes and revokes their own. */
export const tokensRoutes: AdminPlugin = (app, { broker, authorizer }) => {
  const { control, random } = broker

  app.get(
    '/v1/tokens',
    {
      config: { access: SIGNED_IN },
      schema: {
        summary: 'Your tokens, and those of accounts whose tokens you may describe',
        operationId: 'listTokens',
        tags: ['Accounts'],
        querystring: closed({
          account: Type.Optional(name('Only those of this account.')),
          ...pageQuery,
        }),
        response: { 200: closed({ tokens: Type.Array(tokenSchema), next: pageNext }) },
      },
    },
    async (request) => {
      const { account } = request.query
      const wanted = [...control.state.tokens.values()].filter(
        (token) =>
          (account === undefined || token.account === account) &&
          (token.account === accountOf(request.caller) ||
            mayDo(authorizer, request, 'DESCRIBE_TOKENS', 'USER', `User:${token.account}`)),
      )
      const { items, next } = pageOf(
        wanted,
        (token) => [token.createdAtMs, token.id],
        request.query,
      )
      return { tokens: items.map(viewToken), next }
    },
  )

  app.post(
    '/v1/tokens',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Create a token',
        description:
          'The answer is the only place that ever shows it. It does not outlive the token or session that asks for it; only root makes one for root.',
        operationId: 'createToken',
        tags: ['Accounts'],
        querystring: mutationQuery,
        body: newToken,
        response: {
          200: mutated('CreatedToken', { ...tokenMembers, token: nullable(Type.String()) }),
          201: mutated('CreatedToken', { ...tokenMembers, token: nullable(Type.String()) }),
        },
      },
    },
    async (request, reply) => {
      const { account, label, expiresAt } = request.body
      const id = randomUuid(random)
      const { text, hash } = newTokenText(id, random)
      const { expiresAtMs: notAfterMs } = request.caller
      const { after, result } = await executeOne(control, request, {
        kind: 'token.create',
        id,
        account: account ?? accountOf(request.caller),
        label,
        expiresAtMs: expiresAt === undefined || expiresAt === null ? -1 : Date.parse(expiresAt),
        ...(notAfterMs === undefined ? {} : { notAfterMs }),
        hash,
      })
      const token = result.dryRun ? null : text
      const answer = { ...viewToken(present(after)), token, ...result }
      reply.header('cache-control', 'no-store')
      return answerMutation(reply, answer, `/v1/tokens/${id}`)
    },
  )

  app.delete(
    '/v1/tokens/:token',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Revoke a token',
        operationId: 'revokeToken',
        tags: ['Accounts'],
        params,
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const command = { kind: 'token.revoke', id: request.params.token } as const
      return (await executeOne(control, request, command)).result
    },
  )
}

function viewToken(token: ApiToken): Static<typeof tokenSchema> {
  return {
    id: token.id,
    account: token.account,
    label: token.label,
    createdAt: isoTime(token.createdAtMs),
    expiresAt: token.expiresAtMs === -1 ? null : isoTime(token.expiresAtMs),
  }
}

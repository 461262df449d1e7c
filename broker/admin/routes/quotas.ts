import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { ClientQuota, QuotaKey } from '../../control/index.ts'
import { CLIENT_QUOTA_KEYS, IP_QUOTA_KEYS, quotaEntityKey } from '../../control/index.ts'
import { BY_COMMAND, onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import {
  answerMutation,
  executeOne,
  ifMatchHeaders,
  mutated,
  mutationQuery,
} from '../http/mutation.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import { closed, name, nullable } from '../http/schema.ts'

const QUOTA_KEYS: readonly QuotaKey[] = [...CLIENT_QUOTA_KEYS, ...IP_QUOTA_KEYS]

const part = (what: string) =>
  Type.Optional(
    nullable(name(`${what}; null is the default for those that have no limits of their own.`)),
  )

const entity = closed(
  { user: part('A user'), clientId: part('A client id'), ip: part('An address, alone') },
  { title: 'QuotaEntity' },
)

/** Bytes or operations each second, or percents of a thread's time. */
const limit = Type.Number({ minimum: 0 })

const limits = closed(
  {
    producer_byte_rate: Type.Optional(limit),
    consumer_byte_rate: Type.Optional(limit),
    request_percentage: Type.Optional(limit),
    controller_mutation_rate: Type.Optional(limit),
    connection_creation_rate: Type.Optional(limit),
  },
  { title: 'QuotaLimits' },
)

const changes = closed(
  {
    producer_byte_rate: Type.Optional(nullable(limit)),
    consumer_byte_rate: Type.Optional(nullable(limit)),
    request_percentage: Type.Optional(nullable(limit)),
    controller_mutation_rate: Type.Optional(nullable(limit)),
    connection_creation_rate: Type.Optional(nullable(limit)),
  },
  { description: 'What to set; null removes. What is not named stays.' },
)

const quotaMembers = { entity, limits }
const quotaSchema = closed(quotaMembers, { title: 'Quota' })

/** `/v1/quotas`: limits of users, client ids and addresses, under Kafka's names. */
export const quotasRoutes: AdminPlugin = (app, { broker }) => {
  const { control } = broker

  app.get(
    '/v1/quotas',
    {
      config: { access: onCluster('DESCRIBE_CONFIGS') },
      schema: {
        summary: 'Limits that are set',
        operationId: 'listQuotas',
        tags: ['Quotas'],
        querystring: closed(pageQuery),
        response: { 200: closed({ quotas: Type.Array(quotaSchema), next: pageNext }) },
      },
    },
    async (request) => {
      const { items, next } = pageOf(
        control.state.quotas.values(),
        (quota) => [quotaEntityKey(quota.entity), ''],
        request.query,
      )
      return { quotas: items.map(viewQuota), next }
    },
  )

  app.put(
    '/v1/quotas',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Set or remove limits',
        operationId: 'setQuota',
        tags: ['Quotas'],
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: closed({ entity, limits: changes }, { title: 'QuotaChange' }),
        response: { 200: mutated('AlteredQuota', quotaMembers) },
      },
    },
    async (request, reply) => {
      const { body } = request
      const { after, result } = await executeOne(control, request, {
        kind: 'quota.alter',
        entity: body.entity,
        changes: QUOTA_KEYS.flatMap((key) => {
          const value = body.limits[key]
          return value === undefined ? [] : [{ key, value }]
        }),
      })
      const quota = viewQuota(after ?? { entity: body.entity, limits: {} })
      return answerMutation(reply, { ...quota, ...result })
    },
  )
}

function viewQuota(quota: ClientQuota): Static<typeof quotaSchema> {
  return { entity: { ...quota.entity }, limits: { ...quota.limits } }
}

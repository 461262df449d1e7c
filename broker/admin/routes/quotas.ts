import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { AlterClientQuota, ClientQuota, QuotaEntity, QuotaKey } from '../../control/index.ts'
import {
  CLIENT_QUOTA_KEYS,
  CLUSTER_RESOURCE_NAME,
  IP_QUOTA_KEYS,
  QUOTA_KEYS,
  quotaEntityKey,
} from '../../control/index.ts'
import { requireAllowed } from '../access/authorization.ts'
import { BY_COMMAND, onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { setETag } from '../http/etag.ts'
import { noSuch } from '../http/kafka-problems.ts'
import {
  answerMutation,
  executeOne,
  ifMatchHeaders,
  mutated,
  mutationQuery,
  mutationQueryWith,
  mutationResult,
} from '../http/mutation.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import { Problem } from '../http/problem.ts'
import { closed, name, nullable } from '../http/schema.ts'

const part = (what: string) =>
  Type.Optional(
    nullable(name(`Name of the ${what}; null is the default of those without their own.`)),
  )

const entitySchema = closed(
  { user: part('user'), clientId: part('client id'), ip: part('address, which stands alone') },
  { title: 'QuotaEntity', description: 'A user, a client id, both together, or an address.' },
)

const limit = (description: string) =>
  Type.Optional(Type.Number({ exclusiveMinimum: 0, description }))

const limitMembers = {
  producer_byte_rate: limit('Bytes of Produce requests each second.'),
  consumer_byte_rate: limit('Bytes of records in answers to Fetch each second.'),
  request_percentage: limit('Percents of the time of the thread that serves requests.'),
  controller_mutation_rate: limit('Partitions created and deleted each second.'),
  connection_creation_rate: limit('Connections each second; of addresses.'),
} as const satisfies Record<QuotaKey, unknown>

const limitsSchema = closed(limitMembers, { title: 'QuotaLimits' })

const quotaMembers = {
  id: Type.String({
    description: 'The entity as one text, such as `user=alice,clientId:default`.',
  }),
  entity: entitySchema,
  limits: limitsSchema,
}
const quotaSchema = closed(quotaMembers, { title: 'Quota' })

const newQuota = closed({ entity: entitySchema, limits: limitsSchema }, { title: 'NewQuota' })

const idParameter = Type.Optional(
  Type.String({ minLength: 1, maxLength: 4_096, description: 'As the list shows it.' }),
)
const filterMembers = {
  id: idParameter,
  user: Type.Optional(name('Only those that name this user.')),
  clientId: Type.Optional(name('Only those that name this client id.')),
  ip: Type.Optional(name('Only those that name this address.')),
}
type Filter = Readonly<Partial<Record<keyof typeof filterMembers, string>>>

const alterConfigs = {
  operation: 'ALTER_CONFIGS',
  resourceType: 'CLUSTER',
  name: CLUSTER_RESOURCE_NAME,
} as const

/** `/v1/quotas`: limits of users, client ids and addresses. Those of topics are at the topics. */
export const quotasRoutes: AdminPlugin = (app, services) => {
  const { control } = services.broker

  app.get(
    '/v1/quotas',
    {
      config: { access: onCluster('DESCRIBE_CONFIGS') },
      schema: {
        summary: 'Quotas, each or those that name somebody',
        operationId: 'listQuotas',
        tags: ['Quotas'],
        querystring: closed({ ...filterMembers, ...pageQuery }),
        response: { 200: closed({ quotas: Type.Array(quotaSchema), next: pageNext }) },
      },
    },
    async (request, reply) => {
      const wanted = [...control.state.quotas.values()].filter((quota) =>
        isMeant(quota, request.query),
      )
      const { items, next } = pageOf(
        wanted,
        ({ entity }) => [quotaEntityKey(entity), ''],
        request.query,
      )
      const [only] = items
      if (request.query.id !== undefined && only) setETag(reply, lastSeqOf(only.entity))
      return { quotas: items.map(viewQuota), next }
    },
  )

  function lastSeqOf(entity: QuotaEntity): number | undefined {
    return services.lastSeqOf({ kind: 'client-quota', name: quotaEntityKey(entity), id: null })
  }

  app.put(
    '/v1/quotas',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Set the quota of an entity',
        description:
          'Limits that are not given are removed. They hold at once, for connections that are there already too. The most specific entity that has a limit of a kind decides: user and client id, user, client id, each before its default.',
        operationId: 'setQuota',
        tags: ['Quotas'],
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: newQuota,
        response: { 200: mutated('AlteredQuota', quotaMembers) },
      },
    },
    async (request, reply) => {
      const { entity, limits } = request.body
      const command = replacementOf(entity, limits)
      const { after, result } = await executeOne(control, request, command)
      return answerMutation(reply, { ...viewQuota(after ?? { entity, limits: {} }), ...result })
    },
  )

  app.delete(
    '/v1/quotas',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Remove the quota of an entity',
        description: 'The one with that id, or the one of exactly that user, client id or address.',
        operationId: 'deleteQuota',
        tags: ['Quotas'],
        headers: ifMatchHeaders,
        querystring: mutationQueryWith(filterMembers),
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const { id, user, clientId, ip } = request.query
      const key =
        id ??
        quotaEntityKey({
          ...(user === undefined ? {} : { user }),
          ...(clientId === undefined ? {} : { clientId }),
          ...(ip === undefined ? {} : { ip }),
        })
      if (key === '') {
        throw new Problem('invalid-request', 'say which quota: by id, or by user, clientId or ip')
      }
      const quota = control.state.quotas.get(key)
      if (!quota) {
        // There is no command to be denied, and whom there are quotas for is not for everybody.
        requireAllowed(request, alterConfigs, services)
        throw noSuch('quota', key)
      }
      const command = replacementOf(quota.entity, {})
      return (await executeOne(control, request, command)).result
    },
  )
}

/** All that are given must be equal. */
function isMeant({ entity }: ClientQuota, filter: Filter): boolean {
  return (
    (filter.id === undefined || quotaEntityKey(entity) === filter.id) &&
    (['user', 'clientId', 'ip'] as const).every(
      (kind) => filter[kind] === undefined || entity[kind] === filter[kind],
    )
  )
}

/**
 * What makes these the limits of the entity, and no others. All that it could have are named, those that
 * it has at the moment or not: a command that is decided before this one may set another.
 */
function replacementOf(entity: QuotaEntity, limits: ClientQuota['limits']): AlterClientQuota {
  const possible: readonly QuotaKey[] = entity.ip === undefined ? CLIENT_QUOTA_KEYS : IP_QUOTA_KEYS
  const keys = QUOTA_KEYS.filter((key) => limits[key] !== undefined || possible.includes(key))
  const changes = keys.map((key) => ({ key, value: limits[key] ?? null }))
  return { kind: 'quota.alter', entity, changes }
}

function viewQuota({ entity, limits }: ClientQuota): Static<typeof quotaSchema> {
  return { id: quotaEntityKey(entity), entity: { ...entity }, limits: { ...limits } }
}

import type { Static } from 'typebox'
import { Type } from 'typebox'
import { CLUSTER_RESOURCE_NAME, clientMetricsConfigs } from '../../control/index.ts'
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
  mutationResult,
  present,
} from '../http/mutation.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import type { Problem } from '../http/problem.ts'
import { closed } from '../http/schema.ts'
import { configChangesOf } from '../views/config-view.ts'

/** Kafka's names of what a subscription consists of. */
const NAMES = clientMetricsConfigs.names.map((name) => `\`${name}\``).join(', ')

const configs = Type.Record(Type.String({ maxLength: 249 }), Type.String({ maxLength: 65_536 }), {
  minProperties: 1,
  examples: [{ metrics: '*' }],
  description: `What is set of ${NAMES}; the rest has its default.`,
})

const subscriptionMembers = {
  name: Type.String(),
  configs,
  intervalMs: Type.Integer({ description: 'How often clients push.' }),
  match: Type.Array(Type.String(), {
    description: 'Which clients: `attribute=pattern`, all of them; none for all clients.',
  }),
  metrics: Type.Array(Type.String(), {
    description: 'Prefixes of the names of metrics that they push; `*` for all.',
  }),
}
const subscriptionSchema = closed(subscriptionMembers, { title: 'ClientMetricsSubscription' })

const newSubscription = closed({ configs }, { title: 'NewClientMetricsSubscription' })

const params = closed({
  subscription: Type.String({
    ...{ minLength: 1, maxLength: 249 },
    description: 'Name of the subscription.',
  }),
})

const alterConfigs = {
  operation: 'ALTER_CONFIGS',
  resourceType: 'CLUSTER',
  name: CLUSTER_RESOURCE_NAME,
} as const

/** `/v1/client-metrics`: what which clients are asked to report of themselves (KIP-714). */
export const clientMetricsRoutes: AdminPlugin = (app, services) => {
  const { control } = services.broker

  app.get(
    '/v1/client-metrics',
    {
      config: { access: onCluster('DESCRIBE_CONFIGS') },
      schema: {
        summary: 'Subscriptions of client metrics',
        operationId: 'listClientMetrics',
        tags: ['Client metrics'],
        querystring: closed(pageQuery),
        response: {
          200: closed({ subscriptions: Type.Array(subscriptionSchema), next: pageNext }),
        },
      },
    },
    async (request) => {
      const all = [...control.state.clientMetrics]
      const { items, next } = pageOf(all, ([name]) => [name, ''], request.query)
      return { subscriptions: items.map(([name, set]) => view(name, set)), next }
    },
  )

  app.get(
    '/v1/client-metrics/:subscription',
    {
      config: { access: onCluster('DESCRIBE_CONFIGS') },
      schema: {
        summary: 'One subscription of client metrics',
        operationId: 'getClientMetrics',
        tags: ['Client metrics'],
        params,
        response: { 200: subscriptionSchema },
      },
    },
    async (request, reply) => {
      const { subscription: name } = request.params
      const set = control.state.clientMetrics.get(name)
      if (!set) throw noSuchSubscription(name)
      setETag(reply, services.lastSeqOf({ kind: 'client-metrics', name, id: null }))
      return view(name, set)
    },
  )

  app.put(
    '/v1/client-metrics/:subscription',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Make a subscription of client metrics, or replace one',
        description:
          'Clients hear of it the next time they ask, at the latest after the interval that they have now. What they report is on /metrics by client id as `glasslog_client_...`, and goes on to the OTLP collector where that is configured.',
        operationId: 'putClientMetrics',
        tags: ['Client metrics'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: newSubscription,
        response: { 200: mutated('AlteredClientMetricsSubscription', subscriptionMembers) },
      },
    },
    async (request, reply) => {
      const { subscription: name } = request.params
      const { after, result } = await executeOne(control, request, {
        ...{ kind: 'client-metrics.alter', name, mode: 'replace' },
        changes: configChangesOf(request.body.configs),
      })
      return answerMutation(reply, { ...view(name, present(after)), ...result })
    },
  )

  app.delete(
    '/v1/client-metrics/:subscription',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'End a subscription of client metrics',
        operationId: 'deleteClientMetrics',
        tags: ['Client metrics'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const { subscription: name } = request.params
      if (!control.state.clientMetrics.has(name)) {
        // There is no command to be denied, and which subscriptions there are is not for everybody.
        requireAllowed(request, alterConfigs, services)
        throw noSuchSubscription(name)
      }
      const command = { kind: 'client-metrics.alter', name, mode: 'replace', changes: [] } as const
      return (await executeOne(control, request, command)).result
    },
  )
}

function noSuchSubscription(name: string): Problem {
  return noSuch('subscription of client metrics', name)
}

function view(
  name: string,
  set: Readonly<Record<string, string>>,
): Static<typeof subscriptionSchema> {
  // What an older version accepted and this one does not is not in effect.
  const { intervalMs, match, metrics } = clientMetricsConfigs.parse(clientMetricsConfigs.sound(set))
  return { name, configs: { ...set }, intervalMs, match: [...match], metrics: [...metrics] }
}

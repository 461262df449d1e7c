import { Type } from 'typebox'
import {
  CLUSTER_RESOURCE_NAME,
  describeBrokerConfigs,
  describeClusterWideConfigs,
  describeTopicConfigs,
} from '../../control/index.ts'
import { requireAllowed } from '../access/authorization.ts'
import { BY_COMMAND, SIGNED_IN } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { setETag } from '../http/etag.ts'
import {
  answerMutation,
  executeOne,
  ifMatchHeaders,
  mutated,
  mutationQueryWith,
  present,
} from '../http/mutation.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import { closed, nullable, oneOf, topicName } from '../http/schema.ts'
import { configChangesOf, configEntrySchema, viewConfigEntry } from '../views/config-view.ts'
import { existingTopic } from '../views/existing.ts'

const SCOPES = ['broker', 'cluster'] as const
const scope = oneOf(SCOPES, {
  default: 'broker',
  description:
    '`broker`: this broker. `cluster`: the defaults of all brokers, where only what is set is listed.',
})

const listQuery = closed({
  scope: Type.Optional(scope),
  topic: Type.Optional(topicName('Lists the configurations of this topic instead.')),
  q: Type.Optional(Type.String({ maxLength: 249, description: 'Part of the name.' })),
  ...pageQuery,
})

const patchBody = closed(
  {
    configs: Type.Record(
      Type.String({ maxLength: 249 }),
      nullable(Type.String({ maxLength: 65_536 })),
      { minProperties: 1, description: 'What to set; null goes back to the default.' },
    ),
  },
  { title: 'ConfigChanges' },
)

/** `/v1/configs`: configurations in effect and where they come from; changing those of the broker. */
export const configsRoutes: AdminPlugin = (app, services) => {
  const { broker } = services
  const { control, node } = broker

  const brokerIdOf = (wanted: (typeof SCOPES)[number] | undefined): string =>
    wanted === 'cluster' ? '' : String(node.id)

  app.get(
    '/v1/configs',
    {
      config: { access: SIGNED_IN },
      schema: {
        summary: 'Configurations of the broker or of a topic',
        description: 'Needs DESCRIBE_CONFIGS on the cluster, or on the topic.',
        operationId: 'listConfigs',
        tags: ['Configs'],
        querystring: listQuery,
        response: { 200: closed({ configs: Type.Array(configEntrySchema), next: pageNext }) },
      },
    },
    async (request, reply) => {
      const { topic, q = '', ...page } = request.query
      const resourceType = topic === undefined ? 'CLUSTER' : 'TOPIC'
      const needed = { operation: 'DESCRIBE_CONFIGS', resourceType } as const
      requireAllowed(request, { ...needed, name: topic ?? CLUSTER_RESOURCE_NAME }, services)
      if (topic === undefined) {
        const name = brokerIdOf(page.scope)
        setETag(reply, services.lastSeqOf({ kind: 'broker-config', name, id: null }))
      }
      const wanted = entriesOf(topic, page.scope).filter(({ name }) => name.includes(q))
      const { items, next } = pageOf(wanted, ({ name }) => [name, ''], page)
      return { configs: items.map(viewConfigEntry), next }
    },
  )

  function entriesOf(topic: string | undefined, wanted: (typeof SCOPES)[number] | undefined) {
    const { config } = control
    if (topic !== undefined) {
      return describeTopicConfigs(existingTopic(control, topic), config.layers, null)
    }
    return wanted === 'cluster'
      ? describeClusterWideConfigs(config, null)
      : describeBrokerConfigs(config, null)
  }

  app.patch(
    '/v1/configs',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Change configurations of the broker',
        operationId: 'alterConfigs',
        tags: ['Configs'],
        headers: ifMatchHeaders,
        querystring: mutationQueryWith({ scope: Type.Optional(scope) }),
        body: patchBody,
        response: {
          200: mutated('AlteredConfigs', {
            configs: Type.Record(Type.String(), Type.String(), {
              description: 'All that is set dynamically in that scope.',
            }),
          }),
        },
      },
    },
    async (request, reply) => {
      const { after, result } = await executeOne(control, request, {
        kind: 'broker.config.alter',
        brokerId: brokerIdOf(request.query.scope),
        mode: 'incremental',
        changes: configChangesOf(request.body.configs),
      })
      return answerMutation(reply, { configs: { ...present(after) }, ...result })
    },
  )
}

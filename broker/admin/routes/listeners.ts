import { Type } from 'typebox'
import { onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import { closed } from '../http/schema.ts'

const listener = closed(
  {
    name: Type.String(),
    protocol: Type.String({ description: 'PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.' }),
    host: Type.String(),
    port: Type.Integer(),
    advertisedHost: Type.String({ description: 'What clients are told.' }),
    advertisedPort: Type.Integer(),
  },
  { title: 'Listener' },
)

/** `/v1/listeners`: where Kafka clients come in. */
export const listenersRoutes: AdminPlugin = (app, { listeners }) => {
  app.get(
    '/v1/listeners',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'Listeners of the Kafka protocol',
        operationId: 'listListeners',
        tags: ['Cluster'],
        querystring: closed(pageQuery),
        response: { 200: closed({ listeners: Type.Array(listener), next: pageNext }) },
      },
    },
    async (request) => {
      const { items, next } = pageOf(listeners(), ({ name }) => [name, ''], request.query)
      return { listeners: items.map((one) => ({ ...one })), next }
    },
  )
}

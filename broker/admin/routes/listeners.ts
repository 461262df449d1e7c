import { Type } from 'typebox'
import type { SecurityProtocol } from '../../security/index.ts'
import { SECURITY_PROTOCOLS } from '../../security/index.ts'
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
import { closed, nullable, oneOf } from '../http/schema.ts'

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

const host = (description: string) =>
  Type.String({ minLength: 1, maxLength: 255, pattern: '^[A-Za-z0-9.:%_-]+$', description })
const port = (description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, description: `${description} 0 takes any free one.` })

const endpoint = closed({ host: host('A name or an address.'), port: port('Its port.') })

const settingsMembers = {
  host: host('The address to listen at; 0.0.0.0 or :: for all.'),
  port: port('The port to listen at.'),
  protocol: oneOf(SECURITY_PROTOCOLS, {
    description:
      'How clients speak. Certificates, mechanisms and everything else are those of the configuration, where `listener.name.NAME.KEY` sets them for one listener.',
  }),
}

const params = closed({
  listener: Type.String({
    ...{ minLength: 1, maxLength: 100, pattern: '^[A-Za-z0-9_-]+$' },
    description: 'Name of the listener.',
  }),
})

/** `/v1/listeners`: where Kafka clients come in. */
export const listenersRoutes: AdminPlugin = (app, services) => {
  const { broker, listeners } = services
  const { control } = broker

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

  app.get(
    '/v1/listeners/:listener',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'One listener',
        description: 'Its ETag is there once a command has changed it.',
        operationId: 'getListener',
        tags: ['Cluster'],
        params,
        response: { 200: listener },
      },
    },
    async (request, reply) => {
      const { listener: name } = request.params
      const found = listeners().find((one) => one.name === name)
      if (!found) throw noSuch('listener', name)
      setETag(reply, services.lastSeqOf({ kind: 'listener', name, id: null }))
      return { ...found }
    },
  )

  app.put(
    '/v1/listeners/:listener',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Add a listener, or change one',
        description:
          'In effect at once, and again after a restart. Connections end where the address or the protocol changes. Refused are a listener that cannot be opened, and one that other machines could reach without TLS and a login unless the process was started with insecure.',
        operationId: 'putListener',
        tags: ['Cluster'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: closed(
          {
            ...settingsMembers,
            advertised: Type.Optional({
              ...endpoint,
              description: 'What clients are told; where it listens when left out.',
            }),
          },
          { title: 'ListenerSettings' },
        ),
        response: {
          200: mutated('PutListener', {
            name: Type.String(),
            ...settingsMembers,
            advertised: nullable(endpoint),
          }),
        },
      },
    },
    async (request, reply) => {
      const { advertised = null, ...settings } = request.body
      const change = { to: 'settings', ...settings, advertised } as const
      const name = request.params.listener
      const command = { kind: 'listener.alter', name, change } as const
      const { after, result } = await executeOne(control, request, command)
      const listener = present(after)
      const protocol = knownProtocol(listener.protocol)
      return answerMutation(reply, { ...listener, protocol, ...result })
    },
  )

  app.delete(
    '/v1/listeners/:listener',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Remove a listener',
        description:
          'It takes no more connections, and those that came by it end once what they asked is answered. The last one stays.',
        operationId: 'removeListener',
        tags: ['Cluster'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const name = request.params.listener
      const command = { kind: 'listener.alter', name, change: { to: 'removed' } } as const
      return (await executeOne(control, request, command)).result
    },
  )
}

function knownProtocol(protocol: string): SecurityProtocol {
  const known = SECURITY_PROTOCOLS.find((one) => one === protocol)
  if (!known) throw new Error('a listener speaks no known protocol')
  return known
}

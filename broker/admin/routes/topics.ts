import { Type } from 'typebox'
import type { CreateTopic, Topic } from '../../control/index.ts'
import { mayDo } from '../access/caller.ts'
import { BY_COMMAND, SIGNED_IN } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { countMutations } from '../http/count-mutations.ts'
import {
  answerMutation,
  executeOne,
  ifMatchHeaders,
  mutated,
  mutationQuery,
  mutationResult,
  present,
} from '../http/mutation.ts'
import type { Position } from '../http/paging.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import { closed, oneOf, topicName } from '../http/schema.ts'
import type { RateName } from '../rates/topic-rates.ts'
import { RATE_NAMES } from '../rates/topic-rates.ts'
import {
  deletedTopicSchema,
  summarizeTopic,
  topicSchema,
  topicSummarySchema,
  viewDeletedTopic,
  viewTopic,
} from '../views/topic-view.ts'

const SORTS = ['name', 'partitions', 'size', ...RATE_NAMES] as const
type Sort = (typeof SORTS)[number]

const listQuery = closed({
  sort: Type.Optional(
    oneOf(SORTS, { default: 'name', description: 'By name, size, or what goes through it.' }),
  ),
  order: Type.Optional(
    oneOf(['ascending', 'descending'], {
      description: 'Ascending for names, descending for everything else unless said otherwise.',
    }),
  ),
  q: Type.Optional(Type.String({ maxLength: 249, description: 'Part of the name, in any case.' })),
  internal: Type.Optional(
    Type.Boolean({ default: true, description: 'Whether to list topics of the broker itself.' }),
  ),
  ...pageQuery,
})

const createBody = closed(
  {
    name: topicName(),
    partitions: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 2 ** 31 - 1,
        description: 'num.partitions when left out.',
      }),
    ),
    replicationFactor: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 32_767, description: 'There is one broker: 1.' }),
    ),
    configs: Type.Optional(
      Type.Record(Type.String({ maxLength: 249 }), Type.String({ maxLength: 65_536 })),
    ),
  },
  { title: 'NewTopic' },
)

/** `/v1/topics`: the topics that the caller may see; making one. */
export const topicsRoutes: AdminPlugin = (app, services) => {
  const { broker, authorizer } = services
  const { control } = broker

  app.get(
    '/v1/topics',
    {
      config: { access: SIGNED_IN },
      schema: {
        summary: 'Topics that you may describe',
        operationId: 'listTopics',
        tags: ['Topics'],
        querystring: listQuery,
        response: { 200: closed({ topics: Type.Array(topicSummarySchema), next: pageNext }) },
      },
    },
    async (request) => {
      const { q = '', internal = true, sort = 'name', ...page } = request.query
      const wanted = [...control.state.topics.values()].filter(
        (topic) =>
          (internal || !topic.internal) &&
          topic.name.toLowerCase().includes(q.toLowerCase()) &&
          mayDo(authorizer, request, 'DESCRIBE', 'TOPIC', topic.name),
      )
      const order = page.order ?? (sort === 'name' ? 'ascending' : 'descending')
      const { items, next } = pageOf(wanted, (topic) => positionOf(topic, sort), page, order)
      return { topics: items.map((topic) => summarizeTopic(topic, services)), next }
    },
  )

  function positionOf(topic: Topic, sort: Sort): Position {
    switch (sort) {
      case 'name':
        return [topic.name, topic.id]
      case 'partitions':
        return [topic.partitionCount, topic.name]
      case 'size':
        return [summarizeTopic(topic, services).sizeBytes, topic.name]
      default:
        return [services.rates.of(topic.id)[sort satisfies RateName], topic.name]
    }
  }

  app.post(
    '/v1/topics',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Create a topic',
        operationId: 'createTopic',
        tags: ['Topics'],
        querystring: mutationQuery,
        body: createBody,
        response: {
          200: mutated('CreatedTopic', topicSchema.properties),
          201: mutated('CreatedTopic', topicSchema.properties),
        },
      },
    },
    async (request, reply) => {
      const { name, partitions, replicationFactor, configs } = request.body
      const command: CreateTopic = {
        kind: 'topic.create',
        name,
        partitionCount: partitions ?? -1,
        replicationFactor: replicationFactor ?? -1,
        assignments: [],
        configs: Object.entries(configs ?? {}).map(([key, value]) => ({ name: key, value })),
      }
      await countMutations(services.broker, request, [command])
      const { after, result } = await executeOne(control, request, command)
      const answer = { ...viewTopic(present(after)), ...result }
      return answerMutation(reply, answer, `/v1/topics/${encodeURIComponent(name)}`)
    },
  )

  app.get(
    '/v1/deleted-topics',
    {
      config: { access: SIGNED_IN },
      schema: {
        summary: 'Deleted topics that can be restored',
        operationId: 'listDeletedTopics',
        tags: ['Topics'],
        querystring: closed(pageQuery),
        response: { 200: closed({ topics: Type.Array(deletedTopicSchema), next: pageNext }) },
      },
    },
    async (request) => {
      const wanted = [...control.state.deletedTopics.values()].filter(({ name }) =>
        mayDo(authorizer, request, 'DESCRIBE', 'TOPIC', name),
      )
      const { items, next } = pageOf(wanted, ({ name, id }) => [name, id], request.query)
      return { topics: items.map((topic) => viewDeletedTopic(topic, services)), next }
    },
  )

  app.delete(
    '/v1/deleted-topics/:id',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Give the space of a deleted topic back now',
        description: 'It cannot be restored any more.',
        operationId: 'purgeTopic',
        tags: ['Topics'],
        params: closed({
          id: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the topic.' }),
        }),
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const command = { kind: 'topic.purge', id: request.params.id } as const
      return (await executeOne(control, request, command)).result
    },
  )
}

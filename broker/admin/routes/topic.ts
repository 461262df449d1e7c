import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { Command, DeleteTopic } from '../../control/index.ts'
import { BY_COMMAND, onNamed } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { countMutations } from '../http/count-mutations.ts'
import { setETag } from '../http/etag.ts'
import {
  answerMutation,
  execute,
  executeOne,
  ifMatchHeaders,
  mutated,
  mutationQuery,
  mutationQueryWith,
  present,
} from '../http/mutation.ts'
import { Problem } from '../http/problem.ts'
import { closed, nullable, oneOf, topicName } from '../http/schema.ts'
import { configChangesOf } from '../views/config-view.ts'
import { existingTopic } from '../views/existing.ts'
import {
  deletedTopicSchema,
  describeTopic,
  topicDetailsSchema,
  topicSchema,
  viewDeletedTopic,
  viewTopic,
} from '../views/topic-view.ts'

const params = Type.Object({ topic: topicName() })

const patchBody = closed(
  {
    partitions: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 2 ** 31 - 1,
        description: 'How many there are to be; partitions cannot be taken away.',
      }),
    ),
    configs: Type.Optional(
      Type.Record(Type.String({ maxLength: 249 }), nullable(Type.String({ maxLength: 65_536 })), {
        description: 'What to set; null goes back to the default. What is not named stays.',
      }),
    ),
  },
  { title: 'TopicChanges' },
)

const deleteQuery = mutationQueryWith({
  purge: Type.Optional(
    oneOf(['now'], {
      description: 'Gives the space back at once instead of after topic.undelete.retention.ms.',
    }),
  ),
})

const restoreBody = closed(
  {
    id: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'Which of several deleted topics of that name; the latest when left out.',
      }),
    ),
    newName: Type.Optional(
      topicName('What to call it; its old name, or one made of it when that is taken.'),
    ),
  },
  { title: 'TopicRestore' },
)

const byteRate = (description: string) =>
  nullable(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description }))

const quotaBody = closed(
  {
    producerByteRate: byteRate('Bytes each second that all its producers together may send.'),
    consumerByteRate: byteRate('Bytes each second that all its consumers together are given.'),
  },
  { title: 'NewTopicQuota', description: 'Null is no limit.' },
)

/** `/v1/topics/{topic}`: looking at, changing, deleting and restoring one topic. */
export const topicRoutes: AdminPlugin = (app, services) => {
  const { control } = services.broker

  app.get(
    '/v1/topics/:topic',
    {
      config: { access: onNamed('DESCRIBE', 'TOPIC', 'topic') },
      schema: {
        summary: 'One topic and its partitions',
        operationId: 'getTopic',
        tags: ['Topics'],
        params,
        response: { 200: topicDetailsSchema },
      },
    },
    async (request, reply) => {
      const topic = existingTopic(control, request.params.topic)
      setETag(reply, services.lastSeqOf({ kind: 'topic', name: topic.name, id: topic.id }))
      return describeTopic(topic, services)
    },
  )

  app.patch(
    '/v1/topics/:topic',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Change configurations and partitions of a topic',
        description: 'All of the changes are made, or none. Each leaves a record of its own.',
        operationId: 'alterTopic',
        tags: ['Topics'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: patchBody,
        response: { 200: mutated('AlteredTopic', topicSchema.properties) },
      },
    },
    async (request, reply) => {
      const commands = changesOf(request.params.topic, request.body)
      if (commands.length === 0) {
        throw new Problem('invalid-request', 'give configs or partitions')
      }
      await countMutations(services.broker, request, commands)
      const { outcomes, result } = await execute(control, request, commands)
      return answerMutation(reply, { ...viewTopic(present(outcomes.at(-1)?.after)), ...result })
    },
  )

  app.put(
    '/v1/topics/:topic/quota',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Set or remove the throttles of a topic',
        description:
          'They hold for all clients together, besides their own quotas, and at once. Clients are held back, not refused.',
        operationId: 'setTopicQuota',
        tags: ['Topics'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: quotaBody,
        response: { 200: mutated('ThrottledTopic', topicSchema.properties) },
      },
    },
    async (request, reply) => {
      const { after, result } = await executeOne(control, request, {
        kind: 'topic.quota.alter',
        name: request.params.topic,
        ...request.body,
      })
      return answerMutation(reply, { ...viewTopic(present(after)), ...result })
    },
  )

  app.delete(
    '/v1/topics/:topic',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Delete a topic',
        description:
          'Clients do not see it any more and its name is free. Until its space is given back it can be restored.',
        operationId: 'deleteTopic',
        tags: ['Topics'],
        params,
        headers: ifMatchHeaders,
        querystring: deleteQuery,
        response: {
          200: mutated('TopicDeletion', {
            topic: Type.Union([deletedTopicSchema, Type.Null()], {
              description: 'What can be restored; null when its space is given back at once.',
            }),
          }),
        },
      },
    },
    async (request) => {
      const { purge } = request.query
      const command: DeleteTopic = {
        kind: 'topic.delete',
        name: request.params.topic,
        ...(purge === 'now' ? { purgeNow: true } : {}),
      }
      await countMutations(services.broker, request, [command])
      const { after, result } = await executeOne(control, request, command)
      return {
        topic: after && purge !== 'now' ? viewDeletedTopic(after, services) : null,
        ...result,
      }
    },
  )

  app.post(
    '/v1/topics/:topic/restore',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Restore a deleted topic',
        description: 'Brings it back whole: id, configurations, records and committed offsets.',
        operationId: 'restoreTopic',
        tags: ['Topics'],
        params,
        querystring: mutationQuery,
        body: restoreBody,
        response: { 200: mutated('RestoredTopic', topicSchema.properties) },
      },
    },
    async (request, reply) => {
      const { id, newName } = request.body
      const { after, result } = await executeOne(control, request, {
        kind: 'topic.restore',
        ...(id === undefined ? { name: request.params.topic } : { id }),
        ...(newName === undefined ? {} : { newName }),
      })
      return answerMutation(reply, { ...viewTopic(present(after)), ...result })
    },
  )
}

type TopicChange = Extract<Command, { kind: 'topic.partitions.create' | 'topic.config.alter' }>

/** Partitions first: they are what is refused most, and what cannot be taken back. */
function changesOf(name: string, body: Static<typeof patchBody>): TopicChange[] {
  const { partitions, configs } = body
  const changes: TopicChange[] = []
  if (partitions !== undefined) {
    const totalCount = partitions
    changes.push({ kind: 'topic.partitions.create', name, totalCount, assignments: null })
  }
  if (configs !== undefined) {
    changes.push({
      kind: 'topic.config.alter',
      name,
      mode: 'incremental',
      changes: configChangesOf(configs),
    })
  }
  return changes
}

import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { GroupView } from '../../groups/index.ts'
import { mayDo } from '../access/caller.ts'
import { BY_COMMAND, onNamed, SIGNED_IN } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { setETag } from '../http/etag.ts'
import { kafkaProblem } from '../http/kafka-problems.ts'
import {
  answerMutation,
  executeOne,
  ifMatchHeaders,
  mutated,
  mutationQuery,
  mutationResult,
  requirePermitted,
} from '../http/mutation.ts'
import type { Position } from '../http/paging.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import { Problem } from '../http/problem.ts'
import { closed, name, nullable, oneOf } from '../http/schema.ts'
import { describeGroup, groupDetailsSchema, groupSchema, viewGroup } from '../views/group-view.ts'
import { offsetTargetSchema, targetOffsets } from '../views/offset-target.ts'

const params = Type.Object({ group: name('Id of the group.') })

const SORTS = ['group', 'lag', 'members'] as const

const listQuery = closed({
  sort: Type.Optional(oneOf(SORTS, { default: 'group' })),
  order: Type.Optional(
    oneOf(['ascending', 'descending'], {
      description: 'Ascending for ids, descending for everything else unless said otherwise.',
    }),
  ),
  q: Type.Optional(Type.String({ maxLength: 1_024, description: 'Part of the id, in any case.' })),
  state: Type.Optional(Type.String({ maxLength: 32, description: 'Only groups in this state.' })),
  ...pageQuery,
})

const resetOffset = closed(
  {
    topic: Type.String(),
    partition: Type.Integer(),
    before: nullable(Type.Integer({ description: 'Null when there was none.' })),
    after: nullable(Type.Integer({ description: 'Null when it is removed.' })),
  },
  { title: 'OffsetReset' },
)

/** `/v1/groups`: consumer groups, their members, offsets and lag; resetting offsets; deleting. */
export const groupsRoutes: AdminPlugin = (app, services) => {
  const { broker, authorizer } = services
  const { control, groups } = broker

  app.get(
    '/v1/groups',
    {
      config: { access: SIGNED_IN },
      schema: {
        summary: 'Groups that you may describe',
        operationId: 'listGroups',
        tags: ['Groups'],
        querystring: listQuery,
        response: { 200: closed({ groups: Type.Array(groupSchema), next: pageNext }) },
      },
    },
    async (request) => {
      const { q = '', state, sort = 'group', ...page } = request.query
      const { groups: known } = groups.list()
      const wanted = known
        .filter(
          (group) =>
            group.groupId.toLowerCase().includes(q.toLowerCase()) &&
            (state === undefined || group.state.toLowerCase() === state.toLowerCase()) &&
            mayDo(authorizer, request, 'DESCRIBE', 'GROUP', group.groupId),
        )
        .map((group) => viewGroup(group, broker))
      const order = page.order ?? (sort === 'group' ? 'ascending' : 'descending')
      const positionOf = (group: (typeof wanted)[number]): Position => [group[sort], group.group]
      const { items, next } = pageOf(wanted, positionOf, page, order)
      return { groups: [...items], next }
    },
  )

  app.get(
    '/v1/groups/:group',
    {
      config: { access: onNamed('DESCRIBE', 'GROUP', 'group') },
      schema: {
        summary: 'One group: members, committed offsets, lag',
        operationId: 'getGroup',
        tags: ['Groups'],
        params,
        response: { 200: groupDetailsSchema },
      },
    },
    async (request, reply) => {
      const { group: groupId } = request.params
      const group = await find(groupId)
      if (!group)
        throw new Problem(kafkaProblem('GROUP_ID_NOT_FOUND'), `there is no group ${groupId}`)
      setETag(reply, services.lastSeqOf({ kind: 'group-offsets', name: groupId, id: null }))
      // As in OffsetFetch: who may not see a topic does not learn from groups what is in it.
      const offsets = [...group.offsets].filter(([topic]) =>
        mayDo(authorizer, request, 'DESCRIBE', 'TOPIC', topic),
      )
      return describeGroup({ ...group, offsets: new Map(offsets) }, broker)
    },
  )

  /** As the command will: who may not is told nothing of what exists, and the record has what was asked for. */
  async function requireReset(
    request: FastifyRequest,
    groupId: string,
    target: Static<typeof offsetTargetSchema>,
    topics: Iterable<string>,
  ): Promise<void> {
    const offsets = Array.from(topics, (topic) => ({ topic, partition: 0, offset: null }))
    const command = { kind: 'group.offsets.reset', groupId, offsets } as const
    await requirePermitted(control, request, { command, asked: { groupId, ...target } })
  }

  /** The group, or null; a Problem while it cannot be known. */
  async function find(groupId: string): Promise<GroupView | null> {
    const group = await groups.describe(groupId)
    if (typeof group !== 'string') return group
    throw new Problem(kafkaProblem(group), `group ${groupId} is not known yet`)
  }

  app.delete(
    '/v1/groups/:group',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Delete a group without members, and its offsets',
        operationId: 'deleteGroup',
        tags: ['Groups'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const command = { kind: 'group.delete', groupId: request.params.group } as const
      return (await executeOne(control, request, command)).result
    },
  )

  app.put(
    '/v1/groups/:group/offsets',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Reset committed offsets of a group without members',
        description: 'The record keeps the offsets from before, so a reset can be undone.',
        operationId: 'resetGroupOffsets',
        tags: ['Groups'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: offsetTargetSchema,
        response: { 200: mutated('GroupOffsetReset', { offsets: Type.Array(resetOffset) }) },
      },
    },
    async (request, reply) => {
      const groupId = request.params.group
      const { body } = request
      const named = body.topics?.map(({ topic }) => topic)
      await requireReset(request, groupId, body, named ?? [])
      const group = await find(groupId)
      // Those that nobody named are told to nobody who may not read them.
      if (!named) await requireReset(request, groupId, body, group?.offsets.keys() ?? [])
      const before = new Map(
        [...(group?.offsets ?? [])].map(([topic, partitions]) => [topic, new Map(partitions)]),
      )
      const offsets = await targetOffsets(broker, group, body)
      const command = { kind: 'group.offsets.reset', groupId, offsets } as const
      const { result } = await executeOne(control, request, command)
      const resets = offsets.map(({ topic, partition, offset }) => ({
        ...{ topic, partition, after: offset },
        before: before.get(topic)?.get(partition)?.offset ?? null,
      }))
      return answerMutation(reply, { offsets: resets, ...result })
    },
  )
}

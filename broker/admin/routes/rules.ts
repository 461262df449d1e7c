import { Type } from 'typebox'
import type { RuleGroup } from '../../control/index.ts'
import { MAX_RULES } from '../../control/index.ts'
import { BY_COMMAND, onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { setETag } from '../http/etag.ts'
import { noSuch } from '../http/kafka-problems.ts'
import type { MutationResult } from '../http/mutation.ts'
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
import { Problem } from '../http/problem.ts'
import { closed, name, wholeNumber } from '../http/schema.ts'

const tags = ['Alarms']
const params = Type.Object({ group: name('Name of the rule group.') })

const duration = (description: string) =>
  Type.Optional(Type.String({ description: `${description} Such as 30s or 1h30m.` }))
const labels = (description: string) =>
  Type.Optional(Type.Record(Type.String(), Type.String(), { description }))

const rule = closed(
  {
    alert: Type.Optional(Type.String({ description: 'Name of the alert; either this or record.' })),
    record: Type.Optional(Type.String({ description: 'Name of the series that is recorded.' })),
    expr: Type.String({ minLength: 1, description: 'PromQL.' }),
    for: duration('How long it must be so before the alert fires.'),
    keep_firing_for: duration('How long the alert goes on once it is not so any more.'),
    labels: labels('Added to those of the expression; templates in alerts.'),
    annotations: labels('Texts for people; templates.'),
  },
  { title: 'AlarmRule' },
)

const contentMembers = {
  interval: duration('How often it is evaluated; as the monitor does it when left out.'),
  limit: Type.Optional(wholeNumber('Series or alerts that a rule may give; 0 for any number.')),
  query_offset: duration('How far back expressions look.'),
  labels: labels('Added to those of every rule.'),
  rules: Type.Array(rule, { maxItems: MAX_RULES }),
}
const groupMembers = { name: Type.String(), ...contentMembers }

// What is kept is JSON as it came; the schemas say what it looks like.
const groupSchema = Type.Unsafe<RuleGroup>(closed(groupMembers, { title: 'RuleGroup' }))
const mutatedGroup = Type.Unsafe<RuleGroup & MutationResult>(mutated('PutRuleGroup', groupMembers))

const note =
  'One group of a rule file of Prometheus, spelled as there. The broker keeps it and looks at its shape; the monitor evaluates it, and keeps the group that it had when it cannot use this one.'

/** `/v1/rules`: alarm rules, for the monitor. */
export const rulesRoutes: AdminPlugin = (app, services) => {
  const { control } = services.broker

  app.get(
    '/v1/rules',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        ...{ summary: 'Groups of alarm rules', operationId: 'listRuleGroups', tags },
        querystring: closed(pageQuery),
        response: { 200: closed({ groups: Type.Array(groupSchema), next: pageNext }) },
      },
    },
    async (request) => {
      const { ruleGroups } = control.state
      const { items, next } = pageOf(
        ruleGroups.values(),
        (group) => [group.name, ''],
        request.query,
      )
      return { groups: [...items], next }
    },
  )

  app.get(
    '/v1/rules/:group',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        ...{ summary: 'One group of alarm rules', operationId: 'getRuleGroup', tags },
        params,
        response: { 200: groupSchema },
      },
    },
    async (request, reply) => {
      const group = control.state.ruleGroups.get(request.params.group)
      if (!group) throw noSuch('rule group', request.params.group)
      setETag(reply, services.lastSeqOf({ kind: 'rule-group', name: group.name, id: null }))
      return group
    },
  )

  app.put(
    '/v1/rules/:group',
    {
      config: { access: BY_COMMAND },
      schema: {
        ...{ summary: 'Replace a group of alarm rules, or add it', tags },
        ...{ description: note, operationId: 'putRuleGroup' },
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: closed(
          {
            name: Type.Optional(Type.String({ description: 'The same as in the address.' })),
            ...contentMembers,
          },
          { title: 'RuleGroupSetting' },
        ),
        response: { 200: mutatedGroup },
      },
    },
    async (request, reply) => {
      const { body } = request
      const { group: called } = request.params
      if (body.name !== undefined && body.name !== called) {
        const where = { where: 'body/name', detail: 'is not the name in the address' }
        throw new Problem('invalid-request', 'the body has another name than the address', [where])
      }
      const group = { ...body, name: called }
      const { after, result } = await executeOne(control, request, { kind: 'rule.put', group })
      return answerMutation(reply, { ...present(after), ...result })
    },
  )

  app.delete(
    '/v1/rules/:group',
    {
      config: { access: BY_COMMAND },
      schema: {
        ...{ summary: 'Delete a group of alarm rules', operationId: 'deleteRuleGroup', tags },
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const command = { kind: 'rule.delete', name: request.params.group } as const
      return (await executeOne(control, request, command)).result
    },
  )
}

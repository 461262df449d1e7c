import { Type } from 'typebox'
import type { JsonObject } from '../../../audit/index.ts'
import { BY_COMMAND, onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { setETag } from '../http/etag.ts'
import {
  answerMutation,
  executeOne,
  ifMatchHeaders,
  mutated,
  mutationQuery,
  mutationResult,
} from '../http/mutation.ts'
import { closed } from '../http/schema.ts'

const tags = ['Alarms']

const policyMembers = Type.Object(
  { route: Type.Object({}, { additionalProperties: true }) },
  {
    additionalProperties: true,
    title: 'NotificationPolicy',
    description:
      'In the terms of Alertmanager: `route` with its `routes`, `inhibit_rules`, `time_intervals`, and `severities` and `resolve_timeout`. Every receiver is a contact point, or `console`, where nobody is told.',
  },
)
const policySchema = Type.Unsafe<JsonObject>(policyMembers)

const answerMembers = {
  policy: Type.Unsafe<JsonObject | null>({ anyOf: [policyMembers, { type: 'null' }] }),
}

/** `/v1/notification-policy`: who hears of which alerts, for the monitor. */
export const notificationPolicyRoutes: AdminPlugin = (app, services) => {
  const { control } = services.broker
  const resource = { kind: 'notification-policy', name: 'notification-policy', id: null }

  app.get(
    '/v1/notification-policy',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        ...{ summary: 'Who hears of which alerts', operationId: 'getNotificationPolicy', tags },
        description: 'Null when nobody set it: then the monitor goes by its own file.',
        response: { 200: closed(answerMembers, { title: 'NotificationPolicyInForce' }) },
      },
    },
    async (_, reply) => {
      setETag(reply, services.lastSeqOf(resource))
      return { policy: control.state.notificationPolicy }
    },
  )

  app.put(
    '/v1/notification-policy',
    {
      config: { access: BY_COMMAND },
      schema: {
        ...{ summary: 'Replace who hears of which alerts', tags },
        operationId: 'putNotificationPolicy',
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: closed({ policy: policySchema }, { title: 'NotificationPolicySetting' }),
        response: { 200: mutated('PutNotificationPolicy', answerMembers) },
      },
    },
    async (request, reply) => {
      const command = { kind: 'notification-policy.put', policy: request.body.policy } as const
      const { after, result } = await executeOne(control, request, command)
      return answerMutation(reply, { policy: after, ...result })
    },
  )

  app.delete(
    '/v1/notification-policy',
    {
      config: { access: BY_COMMAND },
      schema: {
        ...{ summary: 'Go back to what is so without a policy', tags },
        operationId: 'deleteNotificationPolicy',
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const command = { kind: 'notification-policy.put', policy: null } as const
      return (await executeOne(control, request, command)).result
    },
  )
}

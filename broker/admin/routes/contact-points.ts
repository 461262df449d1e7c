import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { JsonObject } from '../../../audit/index.ts'
import type { ContactPoint } from '../../control/index.ts'
import {
  CONTACT_SECRET_NAME,
  MAX_CONTACT_SECRET_BYTES,
  MAX_CONTACT_SECRETS,
} from '../../control/index.ts'
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
import { closed, name } from '../http/schema.ts'

const tags = ['Alarms']
const params = Type.Object({ name: name('Name of the contact point.') })

const settings = Type.Unsafe<JsonObject>(
  Type.Object(
    {},
    {
      additionalProperties: true,
      description:
        'A receiver in the terms of Alertmanager: `email_configs`, `webhook_configs`, `slack_configs`, `pagerduty_configs`, `http_configs`. Where a secret belongs stands its name: `auth_password_secret`, `url_secret`, `api_url_secret`, `routing_key_secret`, `signing_secret_secret`, `to_secret`. Files and variables of the monitor cannot be named.',
    },
  ),
)

const contactMembers = {
  name: Type.String(),
  settings,
  secrets: Type.Array(Type.String(), {
    description: 'Names of the secrets. Nobody is shown them.',
  }),
}
const contactSchema = closed(contactMembers, { title: 'ContactPoint' })

const contactSetting = closed(
  {
    settings,
    secrets: Type.Optional(
      Type.Record(
        Type.String({ pattern: CONTACT_SECRET_NAME.source }),
        Type.String({ minLength: 1, maxLength: MAX_CONTACT_SECRET_BYTES }),
        {
          maxProperties: MAX_CONTACT_SECRETS,
          description:
            'By the names that the settings have. One that is left out stays what it was; one that the settings name no more is erased.',
        },
      ),
    ),
  },
  { title: 'ContactPointSetting' },
)

/** `/v1/contact-points`: whom names of the notification policy stand for. */
export const contactPointsRoutes: AdminPlugin = (app, services) => {
  const { control } = services.broker

  app.get(
    '/v1/contact-points',
    {
      // Addresses are nobody's business who does not say where alerts go.
      config: { access: onCluster('ALTER_CONFIGS') },
      schema: {
        ...{ summary: 'Contact points', operationId: 'listContactPoints', tags },
        querystring: closed(pageQuery),
        response: { 200: closed({ contactPoints: Type.Array(contactSchema), next: pageNext }) },
      },
    },
    async (request) => {
      const { items, next } = pageOf(
        control.state.contactPoints.values(),
        (one) => [one.name, ''],
        request.query,
      )
      return { contactPoints: items.map(view), next }
    },
  )

  app.get(
    '/v1/contact-points/:name',
    {
      config: { access: onCluster('ALTER_CONFIGS') },
      schema: {
        ...{ summary: 'One contact point', operationId: 'getContactPoint', tags },
        params,
        response: { 200: contactSchema },
      },
    },
    async (request, reply) => {
      const point = control.state.contactPoints.get(request.params.name)
      if (!point) throw noSuch('contact point', request.params.name)
      setETag(reply, services.lastSeqOf({ kind: 'contact-point', name: point.name, id: null }))
      return view(point)
    },
  )

  app.put(
    '/v1/contact-points/:name',
    {
      config: { access: BY_COMMAND },
      schema: {
        ...{ summary: 'Replace a contact point, or add it', operationId: 'putContactPoint', tags },
        description:
          'Settings are kept in the history, secrets are not: they lie encrypted elsewhere, and only the monitor beside the broker gets them.',
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: contactSetting,
        response: { 200: mutated('PutContactPoint', contactMembers) },
      },
    },
    async (request, reply) => {
      const command = {
        kind: 'contact-point.put',
        name: request.params.name,
        ...request.body,
      } as const
      const { after, result } = await executeOne(control, request, command)
      return answerMutation(reply, { ...view(present(after)), ...result })
    },
  )

  app.delete(
    '/v1/contact-points/:name',
    {
      config: { access: BY_COMMAND },
      schema: {
        ...{ summary: 'Delete a contact point', operationId: 'deleteContactPoint', tags },
        description: 'Refused while the notification policy tells it.',
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const command = { kind: 'contact-point.delete', name: request.params.name } as const
      return (await executeOne(control, request, command)).result
    },
  )
}

function view({
  name: called,
  settings: its,
  secrets,
}: ContactPoint): Static<typeof contactSchema> {
  return { name: called, settings: its, secrets: Object.keys(secrets) }
}

import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { AclOperation, AclResourceType, RoleRule } from '../../control/index.ts'
import { ACL_OPERATIONS, ACL_RESOURCE_TYPES } from '../../control/index.ts'
import { builtInRoles } from '../../security/index.ts'
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
import { closed, name, oneOf } from '../http/schema.ts'

const params = Type.Object({ role: name('Name of the role.') })

const rule = closed(
  {
    resourceType: oneOf(Object.keys(ACL_RESOURCE_TYPES) as AclResourceType[]),
    resourceName: name(
      '`*` of a LITERAL pattern stands for all names; of CLUSTER it is kafka-cluster.',
    ),
    patternType: oneOf(['LITERAL', 'PREFIXED']),
    operation: oneOf(Object.keys(ACL_OPERATIONS) as AclOperation[]),
  },
  { title: 'RoleRule' },
)
const rules = Type.Array(rule, { maxItems: 1_000 })

const roleMembers = {
  name: Type.String(),
  builtIn: Type.Boolean({
    description:
      'Exists without a record and cannot be changed. The rules of `operator` for all topics are for describing `__audit` only.',
  }),
  rules,
}
const roleSchema = closed(roleMembers, { title: 'Role' })

/** `/v1/roles`: permissions under a name, for accounts. */
export const rolesRoutes: AdminPlugin = (app, services) => {
  const { control } = services.broker

  app.get(
    '/v1/roles',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'Roles, those that are built in included',
        operationId: 'listRoles',
        tags: ['Accounts'],
        querystring: closed(pageQuery),
        response: { 200: closed({ roles: Type.Array(roleSchema), next: pageNext }) },
      },
    },
    async (request) => {
      const builtIn = Object.entries(builtInRoles).map(([role, its]) => view(role, its, true))
      const own = [...control.state.roles.values()].map((role) =>
        view(role.name, role.rules, false),
      )
      const { items, next } = pageOf([...builtIn, ...own], (role) => [role.name, ''], request.query)
      return { roles: [...items], next }
    },
  )

  app.get(
    '/v1/roles/:role',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'One role',
        operationId: 'getRole',
        tags: ['Accounts'],
        params,
        response: { 200: roleSchema },
      },
    },
    async (request, reply) => {
      const { role } = request.params
      const own = control.state.roles.get(role)
      const builtIn = Object.entries(builtInRoles).find(([one]) => one === role)
      if (!own && !builtIn) {
        throw noSuch('role', role)
      }
      setETag(reply, services.lastSeqOf({ kind: 'role', name: role, id: null }))
      return own ? view(role, own.rules, false) : view(role, builtIn?.[1] ?? [], true)
    },
  )

  app.post(
    '/v1/roles',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Create a role',
        operationId: 'createRole',
        tags: ['Accounts'],
        querystring: mutationQuery,
        body: closed({ name: name('Of the role.'), rules }, { title: 'NewRole' }),
        response: {
          200: mutated('CreatedRole', roleMembers),
          201: mutated('CreatedRole', roleMembers),
        },
      },
    },
    async (request, reply) => {
      const command = { kind: 'role.create', ...request.body } as const
      const { after, result } = await executeOne(control, request, command)
      const role = present(after)
      const answer = { ...view(role.name, role.rules, false), ...result }
      return answerMutation(reply, answer, `/v1/roles/${encodeURIComponent(role.name)}`)
    },
  )

  app.put(
    '/v1/roles/:role',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Replace the permissions of a role',
        operationId: 'alterRole',
        tags: ['Accounts'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        body: closed({ rules }, { title: 'RoleRules' }),
        response: { 200: mutated('AlteredRole', roleMembers) },
      },
    },
    async (request, reply) => {
      const command = { kind: 'role.alter', name: request.params.role, ...request.body } as const
      const { after, result } = await executeOne(control, request, command)
      const role = present(after)
      return answerMutation(reply, { ...view(role.name, role.rules, false), ...result })
    },
  )

  app.delete(
    '/v1/roles/:role',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Delete a role that no account has',
        operationId: 'deleteRole',
        tags: ['Accounts'],
        params,
        headers: ifMatchHeaders,
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const command = { kind: 'role.delete', name: request.params.role } as const
      return (await executeOne(control, request, command)).result
    },
  )
}

function view(role: string, its: readonly RoleRule[], builtIn: boolean): Static<typeof roleSchema> {
  return { name: role, builtIn, rules: its.map((one) => ({ ...one })) }
}

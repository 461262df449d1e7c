import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { AclBinding, AclOperation, AclResourceType } from '../../control/index.ts'
import {
  ACL_OPERATIONS,
  ACL_RESOURCE_TYPES,
  aclId,
  CLUSTER_RESOURCE_NAME,
} from '../../control/index.ts'
import { requireAllowed } from '../access/authorization.ts'
import { BY_COMMAND, onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import {
  answerMutation,
  execute,
  executeOne,
  mutated,
  mutationQuery,
  mutationQueryWith,
  present,
} from '../http/mutation.ts'
import { pageNext, pageOf, pageQuery } from '../http/paging.ts'
import { Problem } from '../http/problem.ts'
import { closed, name, oneOf } from '../http/schema.ts'

const RESOURCE_TYPES = Object.keys(ACL_RESOURCE_TYPES) as AclResourceType[]
const OPERATIONS = Object.keys(ACL_OPERATIONS) as AclOperation[]

const bindingMembers = {
  resourceType: oneOf(RESOURCE_TYPES),
  resourceName: name(
    '`*` of a LITERAL pattern stands for all names; of CLUSTER it is kafka-cluster.',
  ),
  patternType: oneOf(['LITERAL', 'PREFIXED']),
  principal: name('`User:alice`, or `User:*` for everybody.'),
  host: Type.String({ minLength: 1, maxLength: 64, description: 'An address, or `*`.' }),
  operation: oneOf(OPERATIONS),
  permission: oneOf(['ALLOW', 'DENY']),
}

const aclMembers = {
  id: Type.String({ description: 'The same for the same rule.' }),
  ...bindingMembers,
}
const aclSchema = closed(aclMembers, { title: 'Acl' })

const newAcl = closed(
  {
    ...bindingMembers,
    patternType: Type.Optional(oneOf(['LITERAL', 'PREFIXED'], { default: 'LITERAL' })),
    host: Type.Optional(Type.String({ minLength: 1, maxLength: 64, default: '*' })),
    permission: Type.Optional(oneOf(['ALLOW', 'DENY'], { default: 'ALLOW' })),
  },
  { title: 'NewAcl' },
)

/** All that are given must be equal. */
const filterMembers = {
  id: Type.Optional(aclMembers.id),
  resourceType: Type.Optional(bindingMembers.resourceType),
  resourceName: Type.Optional(bindingMembers.resourceName),
  patternType: Type.Optional(bindingMembers.patternType),
  principal: Type.Optional(bindingMembers.principal),
  host: Type.Optional(bindingMembers.host),
  operation: Type.Optional(bindingMembers.operation),
  permission: Type.Optional(bindingMembers.permission),
}
const FILTER_NAMES = Object.keys(filterMembers) as (keyof typeof filterMembers)[]
type Filter = Static<ReturnType<typeof closed<typeof filterMembers>>>

const alterCluster = {
  operation: 'ALTER',
  resourceType: 'CLUSTER',
  name: CLUSTER_RESOURCE_NAME,
} as const

/** `/v1/acls`: the access control list of both doors. */
export const aclsRoutes: AdminPlugin = (app, services) => {
  const { control } = services.broker

  app.get(
    '/v1/acls',
    {
      config: { access: onCluster('DESCRIBE') },
      schema: {
        summary: 'Rules of the access control list',
        description: 'Those that have everything that is asked for.',
        operationId: 'listAcls',
        tags: ['ACLs'],
        querystring: closed({ ...filterMembers, ...pageQuery }),
        response: { 200: closed({ acls: Type.Array(aclSchema), next: pageNext }) },
      },
    },
    async (request) => {
      const { items, next } = pageOf(
        matching(request.query),
        ({ principal, id }) => [principal, id],
        request.query,
      )
      return { acls: [...items], next }
    },
  )

  function matching(filter: Filter): Static<typeof aclSchema>[] {
    const wanted = FILTER_NAMES.filter((key) => filter[key] !== undefined)
    return [...control.state.acls.values()]
      .map(viewAcl)
      .filter((acl) => wanted.every((key) => acl[key] === filter[key]))
  }

  app.post(
    '/v1/acls',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Add a rule',
        description: 'Adding one that is there already changes nothing.',
        operationId: 'createAcl',
        tags: ['ACLs'],
        querystring: mutationQuery,
        body: newAcl,
        response: {
          200: mutated('CreatedAcl', aclMembers),
          201: mutated('CreatedAcl', aclMembers),
        },
      },
    },
    async (request, reply) => {
      const { patternType = 'LITERAL', host = '*', permission = 'ALLOW', ...rest } = request.body
      const binding: AclBinding = { ...rest, patternType, host, permission }
      const { after, result } = await executeOne(control, request, { kind: 'acl.create', binding })
      const acl = viewAcl(present(after))
      return answerMutation(
        reply,
        { ...acl, ...result },
        `/v1/acls?id=${encodeURIComponent(acl.id)}`,
      )
    },
  )

  app.delete(
    '/v1/acls',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Take rules away',
        description:
          'Those that have everything that is asked for; something has to be. All of them, or none.',
        operationId: 'deleteAcls',
        tags: ['ACLs'],
        querystring: mutationQueryWith(filterMembers),
        response: { 200: mutated('DeletedAcls', { acls: Type.Array(aclSchema) }) },
      },
    },
    async (request) => {
      const filter = request.query
      if (FILTER_NAMES.every((key) => filter[key] === undefined)) {
        throw new Problem(
          'invalid-request',
          'say which rules: by id, principal, resource or operation',
        )
      }
      const acls = matching(filter)
      // There is no command to be denied, and whether there are such rules is not for everybody.
      if (acls.length === 0) requireAllowed(request, alterCluster, services)
      const commands = acls.map(
        ({ id: _, ...binding }) => ({ kind: 'acl.delete', binding }) as const,
      )
      const { result } = await execute(control, request, commands)
      return { acls, ...result }
    },
  )
}

function viewAcl(binding: AclBinding): Static<typeof aclSchema> {
  return { id: aclId(binding), ...binding }
}

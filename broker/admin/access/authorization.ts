import type { FastifyReply, FastifyRequest } from 'fastify'
import type {
  AclOperation,
  AclResourceType,
  Authorizer,
  ControlPlane,
} from '../../control/index.ts'
import { CLUSTER_RESOURCE_NAME, DENIED_ERRORS } from '../../control/index.ts'
import type { AdminServices } from '../admin-services.ts'
import type { AdminApp } from '../http/admin-plugin.ts'
import { Problem, sendProblem } from '../http/problem.ts'
import { isFromLoopback, unauthorized } from './authentication.ts'
import { actorOf, NOBODY, requesterOf } from './caller.ts'
import type { PermissionAccess, RouteAccess } from './route-access.ts'

/**
 * Holds every route to its `config.access`, before anything else of a request is looked at: who is
 * not signed in learns nothing about what exists, not even whether the address does.
 */
export function authorize(app: AdminApp, authorizer: Authorizer, control: ControlPlane): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === undefined)
      throw new Error(`${method} ${url} does not say who may use it`)
  })
  app.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access ?? SOMEBODY
    if (access.kind === 'open') return
    if (access.kind === 'permission' && access.openOnLoopback && isFromLoopback(request)) return
    if (request.caller === NOBODY) return unauthorized(reply, HOW_TO_SIGN_IN)
    if (access.kind === 'root-token') return requireRootToken(request, reply, control)
    if (access.kind === 'permission')
      return requirePermission(request, reply, access, authorizer, control)
    return
  })
}

/** For addresses where nothing is. */
const SOMEBODY: RouteAccess = { kind: 'signed-in' }

const HOW_TO_SIGN_IN =
  'send a token as "Authorization: Bearer TOKEN"; the one of the root account is in root.token of the data directory'

/** As `rootTokenVerifier` calls it. */
const ROOT_TOKEN = 'root-token'

function requireRootToken(
  request: FastifyRequest,
  reply: FastifyReply,
  control: ControlPlane,
): FastifyReply | undefined {
  if (request.caller.mechanism === ROOT_TOKEN) return undefined
  control.observe({
    operation: 'access',
    actor: actorOf(request),
    resource: { kind: 'cluster', name: CLUSTER_RESOURCE_NAME, id: null },
    decision: { allowed: false, rule: 'root-alone' },
    outcome: { code: DENIED_ERRORS.CLUSTER, message: `${request.method} is not allowed` },
  })
  const message = 'this is for the monitor, by the token in root.token of the data directory'
  return sendProblem(reply, new Problem('forbidden', message))
}

function requirePermission(
  request: FastifyRequest,
  reply: FastifyReply,
  { operation, resourceType, resource }: PermissionAccess,
  authorizer: Authorizer,
  control: ControlPlane,
): FastifyReply | undefined {
  const name = resource ? resourceName(request, resource) : CLUSTER_RESOURCE_NAME
  const problem = denialOf(request, { operation, resourceType, name }, authorizer, control)
  return problem ? sendProblem(reply, problem) : undefined
}

/** What somebody needs for a request that only its handler understands. */
interface NeededPermission {
  readonly operation: AclOperation
  readonly resourceType: AclResourceType
  readonly name: string
}

/** Throws a Problem, and has the attempt recorded, where `config.access` could not say what is needed. */
export function requireAllowed(
  request: FastifyRequest,
  needed: NeededPermission,
  { authorizer, broker }: Pick<AdminServices, 'authorizer' | 'broker'>,
): void {
  const problem = denialOf(request, needed, authorizer, broker.control)
  if (problem) throw problem
}

function denialOf(
  request: FastifyRequest,
  { operation, resourceType, name }: NeededPermission,
  authorizer: Authorizer,
  control: ControlPlane,
): Problem | null {
  const decision = authorizer.authorize(requesterOf(request), operation, resourceType, name)
  if (decision.allowed) return null
  const message = `${operation} on ${resourceType.toLowerCase()} ${name} is not allowed to you`
  control.observe({
    operation: 'access',
    actor: actorOf(request),
    resource: { kind: resourceType.toLowerCase(), name, id: null },
    decision,
    outcome: { code: DENIED_ERRORS[resourceType], message: `${operation} is not allowed` },
  })
  return new Problem('forbidden', message)
}

function resourceName(
  request: FastifyRequest,
  resource: NonNullable<PermissionAccess['resource']>,
): string {
  if ('name' in resource) return resource.name
  const params = request.params as Readonly<Record<string, string | undefined>>
  return params[resource.parameter] ?? ''
}

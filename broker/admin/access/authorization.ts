import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Authorizer } from '../../control/index.ts'
import type { AdminApp } from '../http/admin-plugin.ts'
import { Problem, sendProblem } from '../http/problem.ts'
import { isFromLoopback, unauthorized } from './authentication.ts'
import { mayDo, NOBODY } from './caller.ts'
import type { PermissionAccess, RouteAccess } from './route-access.ts'

/**
 * Holds every route to its `config.access`, before anything else of a request is looked at: who is
 * not signed in learns nothing about what exists, not even whether the address does.
 */
export function authorize(app: AdminApp, authorizer: Authorizer): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === undefined)
      throw new Error(`${method} ${url} does not say who may use it`)
  })
  app.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access ?? SOMEBODY
    if (access.kind === 'open') return
    if (access.kind === 'permission' && access.openOnLoopback && isFromLoopback(request)) return
    if (request.caller === NOBODY) return unauthorized(reply, HOW_TO_SIGN_IN)
    if (access.kind === 'permission') return requirePermission(request, reply, access, authorizer)
    return
  })
}

/** For addresses where nothing is. */
const SOMEBODY: RouteAccess = { kind: 'signed-in' }

const HOW_TO_SIGN_IN =
  'send a token as "Authorization: Bearer TOKEN"; the one of the root account is in root.token of the data directory'

function requirePermission(
  request: FastifyRequest,
  reply: FastifyReply,
  access: PermissionAccess,
  authorizer: Authorizer,
): FastifyReply | undefined {
  const { operation, resourceType, resource } = access
  const name = resource && resourceName(request, resource)
  if (mayDo(authorizer, request, operation, resourceType, name)) return undefined
  const what = name === undefined ? 'the cluster' : `${resourceType.toLowerCase()} ${name}`
  return sendProblem(
    reply,
    new Problem('forbidden', `${operation} on ${what} is not allowed to you`),
  )
}

function resourceName(
  request: FastifyRequest,
  resource: NonNullable<PermissionAccess['resource']>,
): string {
  if ('name' in resource) return resource.name
  const params = request.params as Readonly<Record<string, string | undefined>>
  return params[resource.parameter] ?? ''
}

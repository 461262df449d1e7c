import type { AclOperation, AclResourceType } from '../../control/index.ts'

/** Who is allowed `operation`. `openOnLoopback` lets in whoever is on the same machine. */
export interface PermissionAccess {
  readonly kind: 'permission'
  readonly operation: AclOperation
  readonly resourceType: AclResourceType
  /** The resource's name, or the path parameter that holds it. A cluster has none. */
  readonly resource?: { readonly name: string } | { readonly parameter: string }
  readonly openOnLoopback?: boolean
}

/**
 * Who may use a route. Every route says so, and a route that forgets keeps the broker from starting.
 *
 * - `open`: whoever can reach the port.
 * - `signed-in`: every account; the route shows only what the caller may see.
 * - `permission`: who is allowed the operation.
 * - `root-token`: whoever holds the token of `root.token`; no other token of the root account will do.
 * - `command`: the control plane decides, because the attempt is a record of the history.
 */
export type RouteAccess =
  | { readonly kind: 'open' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'root-token' }
  | { readonly kind: 'command' }
  | PermissionAccess

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess
  }
}

export const OPEN: RouteAccess = { kind: 'open' }
export const SIGNED_IN: RouteAccess = { kind: 'signed-in' }
export const ROOT_TOKEN_ONLY: RouteAccess = { kind: 'root-token' }
export const BY_COMMAND: RouteAccess = { kind: 'command' }

/** An operation on the cluster as a whole. */
export function onCluster(operation: AclOperation): PermissionAccess {
  return { kind: 'permission', operation, resourceType: 'CLUSTER' }
}

/** An operation on one topic, whatever the request. */
export function onTopic(operation: AclOperation, name: string): PermissionAccess {
  return { kind: 'permission', operation, resourceType: 'TOPIC', resource: { name } }
}

/** An operation on what the path parameter names. */
export function onNamed(
  operation: AclOperation,
  resourceType: AclResourceType,
  parameter: string,
): PermissionAccess {
  return { kind: 'permission', operation, resourceType, resource: { parameter } }
}

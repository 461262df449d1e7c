import type { AclOperation, AclResourceType } from '../control/index.ts'
import { CLUSTER_RESOURCE_NAME, DENIED_ERRORS } from '../control/index.ts'
import type { Access } from '../security/index.ts'
import { actorOf } from './actor.ts'
import type { RequestContext } from './handler.ts'
import type { BrokerServices } from './services.ts'

/**
 * What the client of a request may do. The connection remembers it until the rules or the client's
 * principal change, so that each check is a look-up. For what is only filtered out: nobody is told.
 */
export function accessOf({ connection }: RequestContext, { access }: BrokerServices): Access {
  const { principal, accessMemo: memo } = connection
  if (memo && memo.version === access.version && memo.principal === principal) return memo.access
  const found = access.accessOf({ principal, host: connection.address, door: 'kafka' })
  connection.accessMemo = { principal, version: access.version, access: found }
  return found
}

/** Whether the client of a request may do what it asked for by name. That it may not is for the history. */
export function isAllowed(
  context: RequestContext,
  broker: BrokerServices,
  operation: AclOperation,
  type: AclResourceType,
  name: string,
): boolean {
  if (accessOf(context, broker).may(operation, type, name)) return true
  observeDenial(context, broker, operation, type, name)
  return false
}

/** The same for the cluster as a whole. */
export function isAllowedOnCluster(
  context: RequestContext,
  broker: BrokerServices,
  operation: AclOperation,
): boolean {
  return isAllowed(context, broker, operation, 'CLUSTER', CLUSTER_RESOURCE_NAME)
}

/** Tells the history, which counts such attempts together by principal, address and minute. */
export function observeDenial(
  context: RequestContext,
  { access, control }: BrokerServices,
  operation: AclOperation,
  type: AclResourceType,
  name: string,
): void {
  const { principal, address: host } = context.connection
  access.countDenial(operation, type)
  control.observe({
    operation: 'access',
    actor: actorOf(context),
    resource: { kind: type.toLowerCase(), name, id: null },
    decision: access.authorize({ principal, host, door: 'kafka' }, operation, type, name),
    outcome: { code: DENIED_ERRORS[type], message: null },
    request: { operation },
  })
}

import type { AclResourceType } from '../control/index.ts'
import { CLUSTER_RESOURCE_NAME } from '../control/index.ts'
import { accessOf } from './authorize.ts'
import type { RequestContext } from './handler.ts'
import type { BrokerServices } from './services.ts'

/** Stands for "not asked for" (Kafka's default of the field). */
export const NOT_ASKED = -2147483648

/** What the client may do to a resource, one bit for each operation by its number in Kafka (KIP-430). */
export function authorizedOperations(
  context: RequestContext,
  broker: BrokerServices,
  type: AclResourceType,
  name: string,
): number {
  return accessOf(context, broker).operationsOn(type, name)
}

/** The same for the cluster; nothing for those who may not even see it. */
export function clusterOperations(context: RequestContext, broker: BrokerServices): number {
  const access = accessOf(context, broker)
  if (!access.may('DESCRIBE', 'CLUSTER', CLUSTER_RESOURCE_NAME)) return 0
  return access.operationsOn('CLUSTER', CLUSTER_RESOURCE_NAME)
}

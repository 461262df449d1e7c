import type { Resource } from '../../../audit/index.ts'
import type { PutNotificationPolicy } from '../commands.ts'
import { CONSOLE_RECEIVER, notificationPolicyFault } from '../documents/notification-policy.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import type { Decision } from './decision.ts'
import { refuse } from './decision.ts'

const RESOURCE: Resource = {
  kind: 'notification-policy',
  name: 'notification-policy',
  id: null,
}

/** Replaces the routing tree as a whole. Every route of it leads to a contact point that there is. */
export function decidePutNotificationPolicy(
  { tables, notificationPolicy }: FoldedState,
  { policy }: PutNotificationPolicy,
): Decision<PutNotificationPolicy> {
  const isReceiver = (name: string): boolean =>
    name === CONSOLE_RECEIVER || tables.contactPoints.get(name) !== undefined
  const fault = policy && notificationPolicyFault(policy, isReceiver)
  if (fault) return refuse('INVALID_CONFIG', fault, RESOURCE)
  return {
    error: 'NONE',
    resource: RESOURCE,
    before: notificationPolicy,
    isThere: true,
    after: policy,
    reversal: 'full',
    result: policy,
  }
}

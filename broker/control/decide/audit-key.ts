import type { Resource } from '../../../audit/index.ts'
import { AUDIT_KEY_RESOURCE, rotationFault } from '../../../audit/index.ts'
import type { RotateAuditKey } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import type { Decision } from './decision.ts'
import { refuse } from './decision.ts'

/** The old key signs the new one: who trusts the one may trust the other. */
export function decideRotateAuditKey(
  state: FoldedState,
  { verifierKey, endorsement }: RotateAuditKey,
): Decision<RotateAuditKey> {
  const resource: Resource = AUDIT_KEY_RESOURCE
  const previous = state.auditKey
  const fault = rotationFault({ verifierKey, previous, endorsement })
  if (fault !== null) return refuse('INVALID_REQUEST', fault, resource)
  return {
    error: 'NONE',
    resource,
    before: previous === null ? null : { verifierKey: previous },
    after: { verifierKey, previous, endorsement },
    reversal: 'none',
    result: { verifierKey },
  }
}

import type { Resource } from '../../../audit/index.ts'
import type { RotateAuditKey } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import type { Decision } from './decision.ts'
import { refuse } from './decision.ts'

const MAX_KEY_LENGTH = 1024

/** The record is signed over by the old key and names the new one: who trusts the one may trust the other. */
export function decideRotateAuditKey(
  state: FoldedState,
  { verifierKey }: RotateAuditKey,
): Decision<RotateAuditKey> {
  const resource: Resource = { kind: 'audit-key', name: 'checkpoint', id: null }
  if (verifierKey === '' || verifierKey.length > MAX_KEY_LENGTH || !verifierKey.isWellFormed()) {
    return refuse('INVALID_REQUEST', 'That is not a verifier key.', resource)
  }
  return {
    error: 'NONE',
    resource,
    before: state.auditKey === null ? null : { verifierKey: state.auditKey },
    after: { verifierKey },
    reversal: 'none',
    result: { verifierKey },
  }
}

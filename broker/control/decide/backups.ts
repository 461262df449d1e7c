import type { Json } from '../../../audit/index.ts'
import { LATEST_BACKUP, RESTORED_BACKUP } from '../backup-resources.ts'
import type { CreateBackup, RestoreBackup } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import type { Decision, DecisionContext } from './decision.ts'
import { refuse } from './decision.ts'

/** One at a time: each holds files that would go otherwise. */
export function decideCreateBackup(
  state: FoldedState,
  command: CreateBackup,
  { nowMs }: DecisionContext,
): Decision<CreateBackup> {
  const { backupId, phase, content, failure } = command
  const { runningBackup } = state
  const resource = LATEST_BACKUP
  if (phase === 'running' && runningBackup !== null) {
    const message = `Backup ${runningBackup} is being made; wait until it ends.`
    return refuse('DUPLICATE_RESOURCE', message, resource)
  }
  if (phase !== 'running' && runningBackup !== backupId) {
    return refuse('RESOURCE_NOT_FOUND', `Backup ${backupId} is not being made.`, resource)
  }
  return {
    error: 'NONE',
    resource,
    before: runningBackup === null ? null : { backupId, phase: 'running' },
    after: {
      ...{ backupId, phase, atMs: nowMs },
      ...(content === undefined ? {} : { content: { ...content } }),
      ...(failure === undefined ? {} : { failure }),
    },
    reversal: 'none',
    result: { backupId, phase },
  }
}

export function decideRestoreBackup(
  _state: FoldedState,
  { backupId, createdAt, historySize, historyRoot }: RestoreBackup,
  { isSystem, nowMs }: DecisionContext,
): Decision<RestoreBackup> {
  const resource = RESTORED_BACKUP
  if (!isSystem) {
    return refuse('INVALID_REQUEST', 'Only a start on restored data says so.', resource)
  }
  const after: Json = { backupId, createdAt, historySize, historyRoot, atMs: nowMs }
  return { error: 'NONE', resource, before: null, after, reversal: 'none', result: null }
}

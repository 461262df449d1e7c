import type { HistoryRecord } from '../../audit/index.ts'
import type { Command, CreateAcl, ExpireDelegationToken } from './commands.ts'
import type { FoldedState } from './fold/folded-state.ts'
import type { DelegationToken } from './identities.ts'
import type { ClusterState } from './port.ts'

/** What the broker does in the same call because a command was done, and why. */
export interface Consequences {
  readonly commands: readonly (CreateAcl | ExpireDelegationToken)[]
  readonly reason: string
}

/** `record` is the command's own; it has taken effect in this state. */
export function consequencesOf(
  command: Command,
  record: HistoryRecord,
  state: FoldedState,
): Consequences {
  if (command.kind === 'topic.restore') {
    return {
      commands: rulesOfRestored(record, state),
      reason: 'the topic came back under this name',
    }
  }
  return { commands: tokensOfRemoved(command, state), reason: 'its owner was removed' }
}

/**
 * A topic that comes back under another name is guarded as it was: whoever was allowed or denied
 * something on its old name by that name alone, is so on the new one. Rules for prefixes and for all
 * topics mean names, and stay what they are.
 */
function rulesOfRestored({ before, after }: HistoryRecord, { tables }: FoldedState): CreateAcl[] {
  const [from, to] = [nameIn(before), nameIn(after)]
  if (from === null || to === null || from === to) return []
  const rules: CreateAcl[] = []
  for (const [, binding] of tables.acls.entries()) {
    const { resourceType, patternType, resourceName } = binding
    if (resourceType !== 'TOPIC' || patternType !== 'LITERAL' || resourceName !== from) continue
    rules.push({ kind: 'acl.create', binding: { ...binding, resourceName: to } })
  }
  return rules
}

function nameIn(topic: HistoryRecord['after']): string | null {
  const { name } = (topic ?? {}) as { readonly name?: unknown }
  return typeof name === 'string' ? name : null
}

/**
 * When somebody is removed their delegation tokens end, those that they asked for on behalf of others
 * too, because they have the secret. Otherwise somebody who is gone could still log in, and would
 * again under a name that is given anew.
 */
function tokensOfRemoved(command: Command, state: FoldedState): readonly ExpireDelegationToken[] {
  const name = removedBy(command, state)
  if (name === null) return []
  const ended: ExpireDelegationToken[] = []
  for (const [id, token] of state.tables.delegationTokens.entries()) {
    if (isTokenOf(`User:${name}`, token)) {
      ended.push({ kind: 'delegation-token.expire', id, expiryPeriodMs: -1 })
    }
  }
  return ended
}

/** Whether a principal can use the token: whose it is, and who was given its secret. */
export function isTokenOf(principal: string, { owner, requester }: DelegationToken): boolean {
  return owner === principal || requester === principal
}

/** Who is not there any more after the command; it has taken effect in this state. */
function removedBy(command: Command, { tables }: FoldedState): string | null {
  if (command.kind === 'account.delete') return command.name
  if (command.kind !== 'user.scram.delete') return null
  return tables.users.get(command.name) ? null : command.name
}

/** Ids of the delegation tokens that end when these commands are carried out together. */
export function tokensEndedBy(
  commands: readonly Command[],
  { users, delegationTokens }: Pick<ClusterState, 'users' | 'delegationTokens'>,
): readonly string[] {
  const deletions = new Map<string, Set<string>>()
  const removed = new Set<string>()
  for (const command of commands) {
    if (command.kind === 'account.delete') removed.add(`User:${command.name}`)
    if (command.kind !== 'user.scram.delete') continue
    const deleted = deletions.get(command.name) ?? new Set()
    deletions.set(command.name, deleted.add(command.mechanism))
    const credentials = Object.keys(users.get(command.name)?.credentials ?? {})
    if (credentials.every((mechanism) => deleted.has(mechanism))) {
      removed.add(`User:${command.name}`)
    }
  }
  const ended = [...delegationTokens.values()].filter((token) =>
    [...removed].some((principal) => isTokenOf(principal, token)),
  )
  return ended.map(({ id }) => id)
}

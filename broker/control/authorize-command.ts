import type { ErrorName } from '../../protocol/index.ts'
import type { AccessDecision, Authorizer, Requester } from './access.ts'
import { CLUSTER_RESOURCE_NAME, DENIED_ERRORS } from './access.ts'
import type { Actor } from './actor.ts'
import type { Command } from './commands.ts'
import { ROOT_ACCOUNT } from './decide/accounts.ts'
import type { FoldedState } from './fold/folded-state.ts'
import type { Need } from './needs.ts'
import { operationOf } from './operations.ts'

export interface CommandAccess {
  readonly decision: AccessDecision
  /** What to answer when it is denied. */
  readonly error: Exclude<ErrorName, 'NONE'>
}

/** Rules that allow what everybody may ask for. */
export const NEEDS_NO_PERMISSION = 'needs-no-permission'
const OWN = 'own'
/** What nobody looked at: refused before, or nobody's attempt. */
export const NOT_ASKED = 'not-asked'

const NO_PERMISSIONS: readonly string[] = [NEEDS_NO_PERMISSION, OWN, NOT_ASKED]

/** Whether somebody had to be given a permission for this. */
export function isByPermission({ allowed, rule }: AccessDecision): boolean {
  return allowed && !NO_PERMISSIONS.includes(rule)
}

/** Whether this actor may give this command: all that its row of the operation table needs. */
export function authorizeCommand(
  command: Command,
  actor: Actor,
  state: FoldedState,
  authorizer: Authorizer,
): CommandAccess {
  const allowed = (rule: string): CommandAccess => ({
    decision: { allowed: true, rule },
    error: 'UNKNOWN_SERVER_ERROR',
  })
  if (actor.door === 'system') return allowed('system')
  const opensAccount = isLoginOfAccount(command, state)
  const isForRootAlone =
    isCredentialOfRoot(command, state) || (opensAccount && isNamesakeOfRoot(actor))
  if (isForRootAlone && !isRoot(actor)) {
    const error = opensAccount ? DENIED_ERRORS.CLUSTER : DENIED_ERRORS.USER
    return { decision: { allowed: false, rule: 'root-alone' }, error }
  }
  const door = opensAccount ? 'http' : actor.door
  const who: Requester = { principal: actor.principal, host: actor.source.ip, door }
  let rule = NEEDS_NO_PERMISSION
  for (const need of operationOf(command).needs) {
    for (const name of need.names(command, state)) {
      const access = authorizeNeed(need, name, who, authorizer)
      if (!access.decision.allowed) return access
      rule = access.decision.rule
    }
  }
  return allowed(rule)
}

const ROOT = `User:${ROOT_ACCOUNT}`

/** The root account is one of the HTTP door. */
function isRoot({ principal, door }: Actor): boolean {
  return principal === ROOT && door !== 'kafka'
}

/**
 * Whoever says who Kafka's users are, as the issuer of tokens or certificates does, may call one of
 * them root.
 */
function isNamesakeOfRoot({ principal, door }: Actor): boolean {
  return principal === ROOT && door === 'kafka'
}

/**
 * The root account may everything, also once a role is taken away: no role gives, changes or ends
 * what it logs in with.
 */
function isCredentialOfRoot(command: Command, { tables }: FoldedState): boolean {
  switch (command.kind) {
    case 'token.create':
      return command.account === ROOT_ACCOUNT
    case 'token.revoke':
      return tables.tokens.get(command.id)?.account === ROOT_ACCOUNT
    case 'user.scram.upsert':
    case 'user.scram.delete':
      return command.name === ROOT_ACCOUNT
    case 'delegation-token.create':
      return command.owner === ROOT
    default:
      return false
  }
}

/**
 * The password of an account opens the HTTP door: to change it takes what it takes there, also where
 * the Kafka door lets everybody do everything.
 */
function isLoginOfAccount(command: Command, { tables }: FoldedState): boolean {
  if (command.kind !== 'user.scram.upsert' && command.kind !== 'user.scram.delete') return false
  return command.name === ROOT_ACCOUNT || tables.accounts.get(command.name) !== undefined
}

/** The last permission of which one is enough is the one that a client is told of. */
function authorizeNeed(
  { anyOf }: Need,
  name: string,
  who: Requester,
  authorizer: Authorizer,
): CommandAccess {
  let access: CommandAccess = {
    decision: { allowed: false, rule: 'no-permission' },
    error: 'CLUSTER_AUTHORIZATION_FAILED',
  }
  for (const { operation, resourceType } of anyOf) {
    if (resourceType === 'USER' && name === who.principal) {
      return { decision: { allowed: true, rule: OWN }, error: DENIED_ERRORS.USER }
    }
    const resourceName = resourceType === 'CLUSTER' ? CLUSTER_RESOURCE_NAME : name
    const decision = authorizer.authorize(who, operation, resourceType, resourceName)
    access = { decision, error: DENIED_ERRORS[resourceType] }
    if (decision.allowed) return access
  }
  return access
}

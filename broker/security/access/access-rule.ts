import type { AclBinding, ClusterState, RoleRule } from '../../control/index.ts'
import { userPrincipal } from '../identity.ts'
import { builtInRoles, HISTORY_TOPIC, sparesHistory } from './built-in-roles.ts'

/** One rule of one table: an ACL, or a permission of a role that somebody has. */
export interface AccessRule extends AclBinding {
  /** The role that it comes from; null for an ACL. */
  readonly role: string | null
  /** The rule is for all topics but `HISTORY_TOPIC`. */
  readonly sparesHistory: boolean
}

export const EVERYBODY = 'User:*'
export const ANY_HOST = '*'
export const ANY_NAME = '*'

/** The rules of a state. Roles are expanded for the accounts that have them, and are not disabled. */
export function accessRules(state: ClusterState): readonly AccessRule[] {
  const rules: AccessRule[] = []
  for (const binding of state.acls.values())
    rules.push({ ...binding, role: null, sparesHistory: false })
  for (const { name, roles, isDisabled } of state.accounts.values()) {
    if (isDisabled) continue
    for (const role of roles) {
      for (const rule of rulesOfRole(role, state)) rules.push(expand(rule, name, role))
    }
  }
  return rules
}

function rulesOfRole(role: string, state: ClusterState): readonly RoleRule[] {
  const builtIn = Object.entries(builtInRoles).find(([name]) => name === role)
  return builtIn?.[1] ?? state.roles.get(role)?.rules ?? []
}

function expand(rule: RoleRule, account: string, role: string): AccessRule {
  const principal = userPrincipal(account)
  return {
    ...rule,
    ...{ principal, host: ANY_HOST, permission: 'ALLOW', role },
    sparesHistory: sparesHistory(role, rule),
  }
}

/** Whether a rule is about a resource, whoever it is for. */
export function isAbout(
  { resourceType, resourceName, patternType, sparesHistory }: AccessRule,
  type: AclBinding['resourceType'],
  name: string,
): boolean {
  if (resourceType !== type) return false
  if (sparesHistory && name === HISTORY_TOPIC) return false
  if (patternType === 'PREFIXED') return name.startsWith(resourceName)
  return resourceName === ANY_NAME || resourceName === name
}

/** A rule as the history names it when it decides: `acl:ALLOW User:alice READ TOPIC:orders`, or `role:viewer`. */
export function ruleText(rule: AccessRule): string {
  if (rule.role !== null) return `role:${rule.role}`
  const { permission, principal, host, operation, resourceType, resourceName, patternType } = rule
  const name = patternType === 'PREFIXED' ? `${resourceName} (prefix)` : resourceName
  const from = host === ANY_HOST ? '' : ` from ${host}`
  return `acl:${permission} ${principal} ${operation} ${resourceType}:${name}${from}`
}

import type { Resource } from '../../../audit/index.ts'
import type { RoleRule } from '../access.ts'
import { BUILT_IN_ROLES } from '../access.ts'
import type { AlterRole, CreateRole, DeleteRole } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { Role } from '../identities.ts'
import type { Decision } from './decision.ts'
import { refuse } from './decision.ts'
import { MAX_NAME_LENGTH, nameFault } from './resource-name.ts'

const MAX_RULES = 1000

function roleResource(name: string): Resource {
  return { kind: 'role', name, id: null }
}

export function decideCreateRole(state: FoldedState, command: CreateRole): Decision<CreateRole> {
  const { name, rules } = command
  const resource = roleResource(name)
  const fault = nameFault('role name', name) ?? builtInFault(name) ?? rulesFault(rules)
  if (fault !== null) return refuse('INVALID_REQUEST', fault, resource)
  if (state.tables.roles.get(name)) {
    return refuse('DUPLICATE_RESOURCE', `The role ${name} exists.`, resource)
  }
  const after: Role = { name, rules }
  return {
    error: 'NONE',
    resource,
    before: null,
    after: resourceToJson(after),
    reversal: 'full',
    result: after,
  }
}

export function decideAlterRole(state: FoldedState, command: AlterRole): Decision<AlterRole> {
  const { name, rules } = command
  const resource = roleResource(name)
  const fault = builtInFault(name) ?? rulesFault(rules)
  if (fault !== null) return refuse('INVALID_REQUEST', fault, resource)
  const role = state.tables.roles.get(name)
  if (!role) return refuse('RESOURCE_NOT_FOUND', `There is no role ${name}.`, resource)
  const after: Role = { name, rules }
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(role),
    after: resourceToJson(after),
    reversal: 'full',
    result: after,
  }
}

export function decideDeleteRole(state: FoldedState, { name }: DeleteRole): Decision<DeleteRole> {
  const resource = roleResource(name)
  const fault = builtInFault(name)
  if (fault !== null) return refuse('INVALID_REQUEST', fault, resource)
  const role = state.tables.roles.get(name)
  if (!role) return refuse('RESOURCE_NOT_FOUND', `There is no role ${name}.`, resource)
  for (const [, account] of state.tables.accounts.entries()) {
    if (!account.roles.includes(name)) continue
    const message = `The role ${name} is in use by the account ${account.name}.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(role),
    after: null,
    reversal: 'full',
    result: null,
  }
}

function builtInFault(name: string): string | null {
  const builtIn: readonly string[] = BUILT_IN_ROLES
  return builtIn.includes(name) ? `The role ${name} is built in.` : null
}

function rulesFault(rules: readonly RoleRule[]): string | null {
  if (rules.length > MAX_RULES) return `A role has at most ${MAX_RULES} rules.`
  const wrong = rules.some(
    ({ resourceName }) =>
      resourceName === '' || resourceName.length > MAX_NAME_LENGTH || !resourceName.isWellFormed(),
  )
  return wrong ? `Names in rules have 1 to ${MAX_NAME_LENGTH} characters.` : null
}

import type { Resource } from '../../../audit/index.ts'
import type { DeleteRuleGroup, PutRuleGroup } from '../commands.ts'
import { MAX_RULE_GROUPS, ruleGroupFault } from '../documents/rule-group.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import type { Decision } from './decision.ts'
import { refuse } from './decision.ts'
import { nameFault } from './resource-name.ts'

function groupResource(name: string): Resource {
  return { kind: 'rule-group', name, id: null }
}

/** Replaces a group of alarm rules as a whole, or adds it. */
export function decidePutRuleGroup(
  { tables }: FoldedState,
  { group }: PutRuleGroup,
): Decision<PutRuleGroup> {
  const resource = groupResource(group.name)
  const fault = nameFault('name of a rule group', group.name) ?? ruleGroupFault(group)
  if (fault !== null) return refuse('INVALID_CONFIG', fault, resource)
  const before = tables.ruleGroups.get(group.name) ?? null
  if (before === null && tables.ruleGroups.size >= MAX_RULE_GROUPS) {
    return refuse('POLICY_VIOLATION', `There are ${MAX_RULE_GROUPS} rule groups.`, resource)
  }
  return { error: 'NONE', resource, before, after: group, reversal: 'full', result: group }
}

export function decideDeleteRuleGroup(
  { tables }: FoldedState,
  { name }: DeleteRuleGroup,
): Decision<DeleteRuleGroup> {
  const resource = groupResource(name)
  const before = tables.ruleGroups.get(name)
  if (!before) return refuse('RESOURCE_NOT_FOUND', `There is no rule group ${name}.`, resource)
  return { error: 'NONE', resource, before, after: null, reversal: 'full', result: null }
}

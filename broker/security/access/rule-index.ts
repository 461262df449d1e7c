import type { AclOperation, AclResourceType } from '../../control/index.ts'
import { EVENTS_TOPIC } from '../../control/index.ts'
import type { AccessRule } from './access-rule.ts'
import { ANY_HOST, ANY_NAME, EVERYBODY, isAbout } from './access-rule.ts'
import { HISTORY_TOPIC } from './built-in-roles.ts'
import type { OperationBits } from './operation-bits.ts'
import { allowedBy, bitOf, deniedBy } from './operation-bits.ts'

/** What rules of one resource say, to one requester or at all. */
interface Verdict {
  allow: OperationBits
  deny: OperationBits
}

/** The rules of one resource type. */
class PatternIndex {
  readonly #literal = new Map<string, Verdict>()
  readonly #prefixed = new Map<string, Verdict>()
  #allowedButOnHistory: OperationBits = 0

  add({ patternType, resourceName, operation, permission, sparesHistory }: AccessRule): void {
    const patterns = patternType === 'PREFIXED' ? this.#prefixed : this.#literal
    const verdict = patterns.get(resourceName) ?? { allow: 0, deny: 0 }
    patterns.set(resourceName, verdict)
    if (sparesHistory) this.#allowedButOnHistory |= bitOf(operation)
    else if (permission === 'ALLOW') verdict.allow |= bitOf(operation)
    else verdict.deny |= bitOf(operation)
  }

  /** Null when no rule is about the name. */
  verdictOn(name: string): Verdict | null {
    let verdict = merge(null, this.#literal.get(name))
    verdict = merge(verdict, this.#literal.get(ANY_NAME))
    if (verdict && name !== HISTORY_TOPIC) verdict.allow |= this.#allowedButOnHistory
    // A prefix of the name is one of its beginnings: as many look-ups as the name has characters,
    // or as many comparisons as there are prefixes, whichever is less.
    if (this.#prefixed.size <= name.length) {
      for (const [prefix, found] of this.#prefixed) {
        if (name.startsWith(prefix)) verdict = merge(verdict, found)
      }
    } else {
      for (let length = 1; length <= name.length; length++) {
        verdict = merge(verdict, this.#prefixed.get(name.slice(0, length)))
      }
    }
    return verdict
  }
}

function merge(verdict: Verdict | null, found: Verdict | undefined): Verdict | null {
  if (!found) return verdict
  if (!verdict) return { ...found }
  verdict.allow |= found.allow
  verdict.deny |= found.deny
  return verdict
}

function indexByType(rules: readonly AccessRule[]): ReadonlyMap<AclResourceType, PatternIndex> {
  const byType = new Map<AclResourceType, PatternIndex>()
  for (const rule of rules) {
    const index = byType.get(rule.resourceType) ?? new PatternIndex()
    byType.set(rule.resourceType, index)
    index.add(rule)
  }
  return byType
}

/** What the broker says of everybody is read by nobody without a rule. */
const CLOSED_TOPICS: ReadonlySet<string> = new Set([HISTORY_TOPIC, EVENTS_TOPIC.name])

/** All rules of a state, in the forms in which they are asked. */
export class RuleIndex {
  readonly #rules: readonly AccessRule[]
  readonly #byPrincipal = new Map<string, AccessRule[]>()
  /** ACLs alone: an account that gets a role closes no resource to those who have none. */
  readonly #acls: ReadonlyMap<AclResourceType, PatternIndex>

  constructor(rules: readonly AccessRule[]) {
    this.#rules = rules
    this.#acls = indexByType(rules.filter(({ role }) => role === null))
    for (const rule of rules) {
      const own = this.#byPrincipal.get(rule.principal) ?? []
      this.#byPrincipal.set(rule.principal, own)
      own.push(rule)
    }
  }

  /** The rules that speak of a requester. */
  rulesFor(principal: string, host: string): readonly AccessRule[] {
    const own = this.#byPrincipal.get(principal) ?? []
    const all = principal === EVERYBODY ? [] : (this.#byPrincipal.get(EVERYBODY) ?? [])
    return [...own, ...all].filter((rule) => rule.host === ANY_HOST || rule.host === host)
  }

  /** Whether any ACL is about the resource, whoever it is for. Topics that are never open by default count as such that have some. */
  knows(type: AclResourceType, name: string): boolean {
    if (type === 'TOPIC' && CLOSED_TOPICS.has(name)) return true
    return this.#acls.get(type)?.verdictOn(name) != null
  }

  /** The rule that decides; null when none does. For the history: it looks at all of them. */
  decidingRule(
    principal: string,
    host: string,
    operation: AclOperation,
    type: AclResourceType,
    name: string,
  ): AccessRule | null {
    if (this.#rules.length === 0) return null
    const about = this.rulesFor(principal, host).filter((rule) => isAbout(rule, type, name))
    const denying = about.find((rule) => {
      return rule.permission === 'DENY' && hasBit(deniedBy(bitOf(rule.operation)), operation)
    })
    if (denying) return denying
    const allowing = about.find((rule) => {
      return rule.permission === 'ALLOW' && hasBit(allowedBy(bitOf(rule.operation)), operation)
    })
    return allowing ?? null
  }
}

/** What one requester may do, compiled from the rules that speak of it. */
export class RequesterRules {
  readonly #rules: readonly AccessRule[]
  readonly #index: ReadonlyMap<AclResourceType, PatternIndex>

  constructor(rules: readonly AccessRule[]) {
    this.#rules = rules
    this.#index = indexByType(rules)
  }

  operationsOn(type: AclResourceType, name: string): OperationBits {
    const verdict = this.#index.get(type)?.verdictOn(name)
    return verdict ? allowedBy(verdict.allow) & ~deniedBy(verdict.deny) : 0
  }

  /**
   * Whether there can be a resource of the type on which the operation is allowed (KIP-679): a rule
   * allows it, and no other one denies it on all that this one is for.
   */
  mayOnAny(operation: AclOperation, type: AclResourceType): boolean {
    const concerns = (rule: AccessRule): boolean =>
      rule.resourceType === type && (rule.operation === operation || rule.operation === 'ALL')
    const about = this.#rules.filter(concerns)
    const denials = about.filter(({ permission }) => permission === 'DENY')
    if (denials.some(isForAllNames)) return false
    return about.some(
      (rule) => rule.permission === 'ALLOW' && !denials.some((denial) => covers(denial, rule)),
    )
  }
}

function isForAllNames({ patternType, resourceName }: AccessRule): boolean {
  return patternType === 'LITERAL' && resourceName === ANY_NAME
}

function covers(denial: AccessRule, rule: AccessRule): boolean {
  if (isForAllNames(rule)) return false
  if (denial.patternType === 'PREFIXED') return rule.resourceName.startsWith(denial.resourceName)
  return rule.patternType === 'LITERAL' && rule.resourceName === denial.resourceName
}

export function hasBit(bits: OperationBits, operation: AclOperation): boolean {
  return (bits & bitOf(operation)) !== 0
}

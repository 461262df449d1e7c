import type {
  AccessDecision,
  AclOperation,
  AclResourceType,
  Authorizer,
  ClusterState,
  Requester,
} from '../../control/index.ts'
import { userName } from '../identity.ts'
import type { Access } from './access.ts'
import { fullAccess, noAccess, RuledAccess } from './access.ts'
import { accessRules, ruleText } from './access-rule.ts'
import { RequesterRules, RuleIndex } from './rule-index.ts'

export interface AccessSettings {
  /** `glasslog.authorizer`. */
  readonly glasslogAuthorizer: 'none' | 'acl'
  /** `allow.everyone.if.no.acl.found`. */
  readonly allowEveryoneIfNoAclFound: boolean
  /** `super.users`: principals, with semicolons between. */
  readonly superUsers: string
}

export interface DenialCount {
  readonly operation: AclOperation
  readonly resource: AclResourceType
  count: number
}

/** The account that exists without a record may do everything, over the door that has accounts. */
const ROOT = 'User:root'

/** Requesters whose access is remembered; addresses are as many as there are clients. */
const MAX_REQUESTERS = 10_000

/**
 * Decides who may do what, for both doors, by ACLs (KIP-11, KIP-290) and roles. What a requester may
 * do is compiled when it first asks and remembered until a record changes ACLs, accounts or roles.
 * Until the state is there nobody but super users may do anything.
 *
 * `glasslog.authorizer=none` opens the Kafka door to everybody. Who comes over HTTP has an account, so
 * there roles and ACLs hold in any case.
 */
export class AccessControl implements Authorizer {
  readonly #settings: AccessSettings
  readonly #superUsers: ReadonlySet<string>
  #state: ClusterState | undefined
  #rulesOfSeq = Number.NaN
  #rules = new RuleIndex([])
  readonly #requesters = new Map<string, RuledAccess>()
  readonly #denials = new Map<string, DenialCount>()

  constructor(settings: AccessSettings) {
    this.#settings = settings
    const names = settings.superUsers.split(';').map((name) => name.trim())
    this.#superUsers = new Set(names.filter((name) => name !== ''))
  }

  /** From now on the rules are those of this state, as it changes. */
  follow(state: ClusterState): this {
    this.#state = state
    return this
  }

  /** Grows whenever an `Access` that was handed out may have become wrong. */
  get version(): number {
    return this.#state?.accessSeq ?? Number.NaN
  }

  accessOf(who: Requester): Access {
    const freePass = this.#freePassOf(who)
    if (freePass !== null) return fullAccess
    if (!this.#state || this.#isDisabled(who)) return noAccess
    this.#refresh(this.#state)
    const key = `${who.door} ${who.host} ${who.principal}`
    let access = this.#requesters.get(key)
    if (!access) {
      const own = new RequesterRules(this.#rules.rulesFor(who.principal, who.host))
      access = new RuledAccess(own, this.#rules, this.#isOpenByDefault(who))
      if (this.#requesters.size >= MAX_REQUESTERS) this.#requesters.clear()
      this.#requesters.set(key, access)
    }
    return access
  }

  /** How often clients were told no, by what was asked: two closed sets. */
  get denials(): Iterable<DenialCount> {
    return this.#denials.values()
  }

  /** A client was told that it may not. */
  countDenial(operation: AclOperation, resource: AclResourceType): void {
    const key = `${operation} ${resource}`
    const count = this.#denials.get(key)
    if (count) count.count++
    else this.#denials.set(key, { operation, resource, count: 1 })
  }

  authorize(
    who: Requester,
    operation: AclOperation,
    type: AclResourceType,
    name: string,
  ): AccessDecision {
    const freePass = this.#freePassOf(who)
    if (freePass !== null) return { allowed: true, rule: freePass }
    if (this.#isDisabled(who)) return { allowed: false, rule: 'account-disabled' }
    const allowed = this.accessOf(who).may(operation, type, name)
    const { principal, host } = who
    const rule = this.#rules.decidingRule(principal, host, operation, type, name)
    if (rule) return { allowed, rule: ruleText(rule) }
    if (allowed) return { allowed, rule: 'allow.everyone.if.no.acl.found' }
    return { allowed, rule: this.#state ? 'no-rule' : 'no-state' }
  }

  /** Why somebody may do everything; null when rules decide. */
  #freePassOf({ principal, door }: Requester): string | null {
    if (door === 'system') return 'system'
    if (door !== 'kafka' && principal === ROOT) return 'root'
    if (this.#superUsers.has(principal)) return 'super-user'
    if (door === 'kafka' && this.#settings.glasslogAuthorizer === 'none') return 'no-authorizer'
    return null
  }

  /** A disabled account may nothing at either door, whatever ACLs say, also on connections that are open. */
  #isDisabled({ principal }: Requester): boolean {
    return this.#state?.accounts.get(userName(principal))?.isDisabled === true
  }

  /** Who has an account has roles: nothing is open to them because nobody wrote a rule for it. */
  #isOpenByDefault({ door }: Requester): boolean {
    return door === 'kafka' && this.#settings.allowEveryoneIfNoAclFound
  }

  #refresh(state: ClusterState): void {
    if (this.#rulesOfSeq === state.accessSeq) return
    this.#rulesOfSeq = state.accessSeq
    this.#rules = new RuleIndex(accessRules(state))
    this.#requesters.clear()
  }
}

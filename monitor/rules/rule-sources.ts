import type { RuleGroup } from './rule-file.ts'
import type { RuleManager } from './rule-manager.ts'

/** Where groups of rules come from, from the one that gives way to the one that decides. */
export const RULE_SOURCES = ['defaults', 'files', 'broker'] as const
export type RuleSource = (typeof RULE_SOURCES)[number]

/**
 * Puts the groups of all sources in force together. A group whose name a later source has too gives way to that one as a
 * whole: so a default group is replaced, or with a group without rules switched off, by its name.
 */
export class RuleSources {
  readonly #manager: Pick<RuleManager, 'replace'>
  readonly #groups = new Map<RuleSource, readonly RuleGroup[]>()
  #inForce = ''

  constructor(manager: Pick<RuleManager, 'replace'>) {
    this.#manager = manager
  }

  set(source: RuleSource, groups: readonly RuleGroup[]): void {
    this.#groups.set(source, groups)
    const merged = this.#merged()
    const text = JSON.stringify(merged)
    if (text === this.#inForce) return
    this.#inForce = text
    this.#manager.replace(merged)
  }

  #merged(): RuleGroup[] {
    return RULE_SOURCES.flatMap((source, at) => {
      const later = RULE_SOURCES.slice(at + 1).flatMap((other) => this.#groups.get(other) ?? [])
      const taken = new Set(later.map(({ name }) => name))
      return (this.#groups.get(source) ?? []).filter(({ name }) => !taken.has(name))
    })
  }
}

import { isUserName } from '../identity.ts'

/**
 * From the distinguished name of a client's certificate to a principal's name
 * (`ssl.principal.mapping.rules`, KIP-371): `RULE:pattern/replacement/` with an `L` or `U` behind it
 * for lower or upper case, or DEFAULT for the name as it is. The first rule whose pattern is the
 * whole name decides; a name without one is nobody's.
 */
export interface PrincipalMapper {
  /** Null when no rule is for that name, or gives one that nobody can have. */
  map(distinguishedName: string): string | null
}

interface Rule {
  /** Null for DEFAULT. */
  readonly pattern: RegExp | null
  readonly replacement: string
  readonly letterCase: '' | 'L' | 'U'
}

const RULE = /DEFAULT|RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\/([LU]?)/y
const SEPARATOR = /\s*,?\s*/y

/** A name that is longer is refused: patterns are matched against what a stranger chose. */
const MAX_NAME_LENGTH = 1024

/** Answers what is wrong with the rules, or the mapper. */
export function parsePrincipalRules(text: string): PrincipalMapper | { readonly fault: string } {
  const rules: Rule[] = []
  const trimmed = text.trim()
  let position = 0
  while (position < trimmed.length) {
    RULE.lastIndex = position
    const match = RULE.exec(trimmed)
    if (!match) return { fault: `not a rule: ${trimmed.slice(position, position + 80)}` }
    const rule = ruleOf(match)
    if ('fault' in rule) return rule
    rules.push(rule)
    SEPARATOR.lastIndex = RULE.lastIndex
    SEPARATOR.exec(trimmed)
    position = SEPARATOR.lastIndex
  }
  if (rules.length === 0) rules.push({ pattern: null, replacement: '', letterCase: '' })
  return {
    map(name) {
      const mapped = mapBy(rules, name)
      return mapped !== null && isUserName(mapped) ? mapped : null
    },
  }
}

function ruleOf([text, pattern = '', replacement = '', letterCase = '']: RegExpExecArray):
  | Rule
  | { readonly fault: string } {
  if (text === 'DEFAULT') return { pattern: null, replacement: '', letterCase: '' }
  try {
    return {
      pattern: new RegExp(`^(?:${pattern})$`, 'u'),
      replacement,
      letterCase: letterCase as Rule['letterCase'],
    }
  } catch (cause) {
    return { fault: cause instanceof Error ? cause.message : String(cause) }
  }
}

function mapBy(rules: readonly Rule[], name: string): string | null {
  if (name.length > MAX_NAME_LENGTH) return null
  for (const { pattern, replacement, letterCase } of rules) {
    if (pattern === null) return name
    if (!pattern.test(name)) continue
    const mapped = name.replace(pattern, replacement)
    if (letterCase === 'L') return mapped.toLowerCase()
    return letterCase === 'U' ? mapped.toUpperCase() : mapped
  }
  return null
}

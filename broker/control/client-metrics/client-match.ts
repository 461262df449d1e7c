import { createRequire } from 'node:module'
import type { RE2JS } from 're2js'
import type { ClientAttribute } from './client-metrics-configs.ts'
import { CLIENT_ATTRIBUTES } from './client-metrics-configs.ts'

const load = createRequire(import.meta.url)

/** Whether a client with these attributes is meant; one that it has not never matches. */
export type ClientMatch = (
  attributes: Readonly<Partial<Record<ClientAttribute, string>>>,
) => boolean

/**
 * The items of `match`. Patterns are written for Java; those of RE2 are nearly the same and take
 * time in proportion to what clients say of themselves. The last item counts of two about one
 * attribute, as in Kafka. Answers the item that is wrong when there is one.
 */
export function compileClientMatch(
  items: readonly string[],
): ClientMatch | { readonly illegal: string } {
  const patterns = new Map<ClientAttribute, RE2JS>()
  for (const item of items) {
    const [name, text, ...more] = item.split('=').map((part) => part.trim())
    const attribute = CLIENT_ATTRIBUTES.find((one) => one === name)
    const pattern = text === undefined ? null : compile(text)
    if (!attribute || !pattern || more.length > 0) return { illegal: item }
    patterns.set(attribute, pattern)
  }
  return (attributes) =>
    [...patterns].every(([attribute, pattern]) => {
      const value = attributes[attribute]
      return value !== undefined && pattern.matches(value)
    })
}

/** Null for what is no pattern. The library is loaded with the first subscription that has one. */
function compile(text: string): RE2JS | null {
  if (text === '') return null
  const { RE2JS: library } = load('re2js') as typeof import('re2js')
  try {
    return library.compile(text)
  } catch {
    return null
  }
}

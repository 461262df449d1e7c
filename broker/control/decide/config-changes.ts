import type { ConfigRow } from '../../../kit/index.ts'
import type { AlterMode, ConfigChange } from '../commands.ts'

type Texts = Readonly<Record<string, string>>

/** Longest value of one key: Kafka's bound, which also bounds what the history keeps. */
const MAX_VALUE_LENGTH = 32_767

export type ConfigChangeResult =
  | { readonly kind: 'changed'; readonly configs: Texts }
  | {
      readonly kind: 'refused'
      readonly error: 'INVALID_CONFIG' | 'INVALID_REQUEST'
      readonly message: string
    }

/**
 * What is set after these changes. `rowOf` knows the types; `inEffect` gives the text that a list
 * grows from or shrinks from when the resource itself does not set it.
 */
export function changeConfigs(
  current: Texts,
  mode: AlterMode,
  changes: readonly ConfigChange[],
  rowOf: (name: string) => ConfigRow | undefined,
  inEffect: (name: string) => string | null,
): ConfigChangeResult {
  const malformed = requestFault(changes)
  if (malformed !== null) return { kind: 'refused', error: 'INVALID_REQUEST', message: malformed }
  const texts = new Map(Object.entries(mode === 'replace' ? {} : current))
  for (const change of changes) {
    const { name } = change
    if (change.op === 'delete') {
      texts.delete(name)
      continue
    }
    const value = change.value ?? ''
    const fault = valueFault(name, value)
    if (fault !== null) return { kind: 'refused', error: 'INVALID_CONFIG', message: fault }
    if (change.op === 'set') {
      texts.set(name, value)
      continue
    }
    if (rowOf(name)?.type !== 'list') {
      const message = `Can't ${change.op.toUpperCase()} to key ${name} because its type is not LIST.`
      return { kind: 'refused', error: 'INVALID_CONFIG', message }
    }
    const items = splitList(texts.get(name) ?? inEffect(name) ?? '')
    texts.set(name, editList(items, change.op, splitList(value)).join(','))
  }
  return { kind: 'changed', configs: Object.fromEntries(texts) }
}

/** What is wrong with any value of a key, or null. A record cannot hold half a surrogate pair, which JSON can spell. */
export function valueFault(name: string, value: string): string | null {
  if (!value.isWellFormed()) return `The value of ${name} is not well-formed Unicode`
  if (value.length <= MAX_VALUE_LENGTH) return null
  return `The value of ${name} is longer than the ${MAX_VALUE_LENGTH} characters that a value may have`
}

function requestFault(changes: readonly ConfigChange[]): string | null {
  const names = changes.map(({ name }) => name)
  if (new Set(names).size !== names.length) return 'Error due to duplicate config keys'
  const nulls = changes.filter((change) => change.op !== 'delete' && change.value === null)
  if (nulls.length === 0) return null
  return `Null value not supported for : ${nulls.map(({ name }) => name).join(', ')}`
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function editList(
  items: readonly string[],
  op: 'append' | 'subtract',
  others: readonly string[],
): readonly string[] {
  if (op === 'append') return [...new Set([...items, ...others])]
  return items.filter((item) => !others.includes(item))
}

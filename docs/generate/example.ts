import type { Schema } from './openapi.ts'

const TEXTS: Readonly<Record<string, string>> = {
  name: 'orders',
  topic: 'orders',
  password: 'correct horse battery',
  account: 'alice',
  label: 'deploy',
  principal: 'User:alice',
  resourceName: 'orders',
}

/** A body that the schema accepts: what it requires, or its first member when it requires nothing. */
export function exampleOf(
  schema: Schema,
  schemas: Readonly<Record<string, Schema>>,
  name = '',
): unknown {
  const { $ref, type, anyOf, items, properties, required = [] } = schema
  if ($ref !== undefined)
    return exampleOf(schemas[$ref.split('/').at(-1) ?? ''] ?? {}, schemas, name)
  if (schema.examples) return schema.examples[0]
  if (schema.enum) return schema.enum[0]
  if (anyOf) return exampleOf(anyOf[0] ?? {}, schemas, name)
  if (properties) {
    const names = required.length > 0 ? required : Object.keys(properties).slice(0, 1)
    return Object.fromEntries(
      names.map((member) => [member, exampleOf(properties[member] ?? {}, schemas, member)]),
    )
  }
  if (items) return [exampleOf(items, schemas, name)]
  switch ([type].flat()[0]) {
    case 'integer':
    case 'number':
      return 1
    case 'boolean':
      return true
    case 'object':
      return { 'retention.ms': '86400000' }
    case 'string':
      return schema.format === 'date-time' ? '2026-12-31T00:00:00Z' : (TEXTS[name] ?? name)
    default:
      return name
  }
}

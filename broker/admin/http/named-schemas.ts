/** A JSON document in the making. */
type Node = { [key: string]: unknown }

interface Document {
  components?: { schemas?: object }
}

/**
 * Moves every schema that has a title to `components/schemas` and leaves a reference, so that what
 * is one type in the code is one type in generated clients. Two different schemas of one title are
 * a mistake in the code.
 */
export function namedSchemas<Doc extends Document>(document: Doc): Doc {
  const named = new Map<string, Node>()
  // A title elsewhere, as in `info`, is only that.
  const { components, paths, ...rest } = document as Doc & { paths?: unknown }
  const newPaths = replaceNamed(paths, named)
  const schemas = Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1)))
  return { ...rest, paths: newPaths, components: { ...components, schemas } } as unknown as Doc
}

function replaceNamed(value: unknown, named: Map<string, Node>): unknown {
  if (Array.isArray(value)) return value.map((item) => replaceNamed(item, named))
  if (typeof value !== 'object' || value === null) return value
  const node = Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, replaceNamed(member, named)]),
  )
  const { title } = node
  if (typeof title !== 'string') return node
  const { title: _, ...schema } = node
  const known = named.get(title)
  if (known && JSON.stringify(known) !== JSON.stringify(schema)) {
    throw new Error(`two schemas are called ${title}`)
  }
  named.set(title, schema)
  return { $ref: `#/components/schemas/${title}` }
}

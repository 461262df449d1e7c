import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { ConfigChange, ConfigEntry } from '../../control/index.ts'
import { closed, nullable, oneOf } from '../http/schema.ts'

const CONFIG_SOURCES = [
  'topic',
  'client-metrics',
  'broker',
  'cluster-wide',
  'static',
  'default',
] as const
const CONFIG_TYPES = [
  'boolean',
  'string',
  'int',
  'long',
  'bytes',
  'duration',
  'double',
  'list',
] as const

const source = oneOf(CONFIG_SOURCES, {
  description: 'Where the value comes from, strongest first; `default` is the program’s own.',
})

export const configEntrySchema = closed(
  {
    name: Type.String(),
    value: nullable(Type.String({ description: 'Null when it is not set, or secret.' })),
    source,
    type: oneOf(CONFIG_TYPES),
    readOnly: Type.Boolean({
      description: 'Cannot be changed while the broker runs, or not at all.',
    }),
    secret: Type.Boolean(),
    doc: Type.String({
      description: 'Says so when the configuration has no effect here, and why.',
    }),
    synonyms: Type.Array(closed({ name: Type.String(), value: nullable(Type.String()), source }), {
      description: 'All that could give the value, in order: the first does.',
    }),
  },
  { title: 'ConfigEntry' },
)

/** One configuration of a resource as the API shows it; a secret one without its values. */
export function viewConfigEntry(entry: ConfigEntry): Static<typeof configEntrySchema> {
  const { name, value, type, readOnly, secret, doc, synonyms } = entry
  return {
    ...{ name, source: entry.source, type, readOnly, secret, doc },
    value: secret ? null : value,
    synonyms: synonyms.map((synonym) => ({ ...synonym, value: secret ? null : synonym.value })),
  }
}

/** What a map of configurations asks for: null goes back to the default. */
export function configChangesOf(
  configs: Readonly<Record<string, string | null>>,
): readonly ConfigChange[] {
  return Object.entries(configs).map(([name, value]) =>
    value === null ? { op: 'delete', name } : { op: 'set', name, value },
  )
}

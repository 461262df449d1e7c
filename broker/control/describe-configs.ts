import type { ConfigRow } from '../../kit/index.ts'
import { formatConfigText } from '../../kit/index.ts'
import type { BrokerConfig, BrokerConfigLayers } from './broker-config.ts'
import { brokerConfigs } from './broker-configs.ts'
import { clientMetricsConfigs } from './client-metrics/client-metrics-configs.ts'
import { configSynonyms } from './config-synonyms.ts'
import { scale } from './effective-topic-config.ts'
import type { Topic } from './port.ts'
import { topicConfigs } from './topic-configs.ts'

/** Where a value comes from, strongest first. `default` is the program's own. */
export type ConfigSource =
  | 'topic'
  | 'client-metrics'
  | 'broker'
  | 'cluster-wide'
  | 'static'
  | 'default'

export interface ConfigSynonymEntry {
  readonly name: string
  readonly value: string | null
  readonly source: ConfigSource
}

/** One configuration of a resource as DescribeConfigs and the admin API show it. */
export interface ConfigEntry {
  readonly name: string
  /** Null when it is not set, or secret. */
  readonly value: string | null
  readonly source: ConfigSource
  readonly type: ConfigRow['type']
  /** Cannot be changed while the broker runs, or not at all. */
  readonly readOnly: boolean
  readonly secret: boolean
  /** Says so when the key has no effect here, and why. */
  readonly doc: string
  /** All that could give the value, in order: the first does. */
  readonly synonyms: readonly ConfigSynonymEntry[]
}

const LAYERS = [
  ['broker', 'perBroker'],
  ['cluster-wide', 'clusterWide'],
  ['static', 'fixed'],
] as const

/** Every configuration of a topic, by name. `wanted` narrows it down. */
export function describeTopicConfigs(
  topic: Pick<Topic, 'configs'>,
  layers: BrokerConfigLayers,
  wanted: readonly string[] | null,
): readonly ConfigEntry[] {
  const own = topicConfigs.sound(topic.configs)
  return pick(defaultEntries(layers), wanted).map((entry) => {
    const value = own[entry.name]
    if (value === undefined) return entry
    const synonym = { name: entry.name, value, source: 'topic' } as const
    return {
      ...entry,
      value: canonicalText(topicConfigs.row(entry.name), value),
      source: 'topic',
      synonyms: [synonym, ...entry.synonyms],
    }
  })
}

/** Layers are never changed but replaced, so what follows from them is worked out once. */
const defaultsByLayers = new WeakMap<BrokerConfigLayers, readonly ConfigEntry[]>()

/** What a topic has that sets nothing. */
function defaultEntries(layers: BrokerConfigLayers): readonly ConfigEntry[] {
  let entries = defaultsByLayers.get(layers)
  if (!entries) {
    entries = topicConfigs.names.map((name) => defaultEntry(name, topicConfigs.rows[name], layers))
    defaultsByLayers.set(layers, entries)
  }
  return entries
}

function defaultEntry(name: string, row: ConfigRow, layers: BrokerConfigLayers): ConfigEntry {
  const broker = configSynonyms.get(name) ?? []
  const counting = broker.find((synonym) => textOf(synonym.name, layers) !== null)
  const places = layered(
    broker.map((synonym) => synonym.name),
    layers,
  )
  // Stable: the name that counts comes first, each name's strongest layer before the others.
  const synonyms = places.sort(
    (a, b) => Number(b.name === counting?.name) - Number(a.name === counting?.name),
  )
  const text = counting && textOf(counting.name, layers)
  return entryOf(name, row, {
    value: counting && text ? scale(text, counting.factor) : row.default,
    source: synonyms[0]?.source ?? 'default',
    readOnly: row.status === 'inert',
    synonyms,
  })
}

/** Every configuration of this broker, by name, with what the process decided by other means. */
export function describeBrokerConfigs(
  config: BrokerConfig,
  wanted: readonly string[] | null,
): readonly ConfigEntry[] {
  const { layers, facts } = config
  const entries = brokerConfigs.names.map((name) => {
    const row: ConfigRow = brokerConfigs.rows[name]
    const synonyms = layered(unitSynonyms(name), layers)
    if (synonyms[0]?.name !== name) synonyms.length = 0
    return entryOf(name, row, {
      value: textOf(name, layers),
      source: synonyms[0]?.source ?? 'default',
      readOnly: row.status === 'inert' || row.dynamic !== true,
      synonyms,
    })
  })
  const decided = facts.map(({ name, value, doc }): ConfigEntry => {
    const synonyms = [{ name, value, source: 'static' }] as const
    return {
      ...{ name, value, doc, synonyms },
      ...{ source: 'static', type: 'string', readOnly: true, secret: false },
    }
  })
  return pick([...entries, ...decided], wanted)
}

/** The dynamic defaults of all brokers: only what is set. */
export function describeClusterWideConfigs(
  config: BrokerConfig,
  wanted: readonly string[] | null,
): readonly ConfigEntry[] {
  const { clusterWide } = config.layers
  const entries = Object.entries(clusterWide).flatMap(([name, value]) => {
    const row = brokerConfigs.row(name)
    const synonyms: ConfigSynonymEntry[] = [{ name, value, source: 'cluster-wide' }]
    return row
      ? [entryOf(name, row, { value, source: 'cluster-wide', readOnly: false, synonyms })]
      : []
  })
  return pick(entries, wanted)
}

/** Every configuration of a subscription of client metrics; one that nobody made has the defaults. */
export function describeClientMetricsConfigs(
  set: Readonly<Record<string, string>>,
  wanted: readonly string[] | null,
): readonly ConfigEntry[] {
  const entries = clientMetricsConfigs.names.map((name) => {
    const row: ConfigRow = clientMetricsConfigs.rows[name]
    const synonyms: ConfigSynonymEntry[] = []
    const value = set[name]
    if (value !== undefined) synonyms.push({ name, value, source: 'client-metrics' })
    if (row.default !== null) synonyms.push({ name, value: row.default, source: 'default' })
    const source = synonyms[0]?.source ?? 'default'
    return entryOf(name, row, { value: value ?? row.default, source, readOnly: false, synonyms })
  })
  return pick(entries, wanted)
}

function pick(
  entries: readonly ConfigEntry[],
  wanted: readonly string[] | null,
): readonly ConfigEntry[] {
  if (wanted === null) return entries
  const names = new Set(wanted)
  return entries.filter(({ name }) => names.has(name))
}

/** The names that stand for one setting in several units (`log.retention.ms`, `.minutes`, `.hours`). */
function unitSynonyms(name: string): readonly string[] {
  for (const synonyms of configSynonyms.values()) {
    const names = synonyms.map((synonym) => synonym.name)
    if (names.length > 1 && names.includes(name)) return names.slice(names.indexOf(name))
  }
  return [name]
}

/** All places where these names have a value, the strongest layer first. */
function layered(names: readonly string[], layers: BrokerConfigLayers): ConfigSynonymEntry[] {
  const entries: ConfigSynonymEntry[] = []
  for (const [source, layer] of LAYERS) {
    for (const name of names) {
      const value = layers[layer][name]
      if (value !== undefined) entries.push({ name, value, source })
    }
  }
  for (const name of names) {
    const value = brokerConfigs.row(name)?.default ?? null
    if (value !== null) entries.push({ name, value, source: 'default' })
  }
  return entries
}

function textOf(name: string, layers: BrokerConfigLayers): string | null {
  const { fixed, clusterWide, perBroker } = layers
  return (
    perBroker[name] ?? clusterWide[name] ?? fixed[name] ?? brokerConfigs.row(name)?.default ?? null
  )
}

function canonicalText(row: ConfigRow | undefined, text: string): string {
  return row ? formatConfigText(row, text) : text
}

function entryOf(
  name: string,
  row: ConfigRow,
  found: Pick<ConfigEntry, 'value' | 'source' | 'readOnly' | 'synonyms'>,
): ConfigEntry {
  const secret = row.secret === true
  return {
    ...found,
    name,
    value: secret || found.value === null ? null : formatConfigText(row, found.value),
    type: row.type,
    secret,
    doc: row.status === 'inert' ? `${row.doc} Has no effect here: ${row.because}.` : row.doc,
    synonyms: secret
      ? found.synonyms.map((synonym) => ({ ...synonym, value: null }))
      : found.synonyms,
  }
}

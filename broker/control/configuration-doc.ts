import type { ConfigRow, ConfigSchema } from '../../kit/index.ts'
import { brokerConfigs } from './broker-configs.ts'
import { clientMetricsConfigs } from './client-metrics/client-metrics-configs.ts'
import { configSynonyms } from './config-synonyms.ts'
import { topicConfigs } from './topic-configs.ts'

/**
 * The part of docs/configuration.md (Markdown, from second-level headings on) that the tables tell:
 * which configurations of topics and of the broker have an effect, and which are known but have none.
 */
export function renderConfigurationDoc(): string {
  const sections = [
    '## Topics and broker',
    'A configuration is **active** when it has an effect, which the test beside it shows. It is **inert** when Kafka knows it and it has no effect here: it can be left at its default and set to nothing else (INVALID_CONFIG), and DescribeConfigs lists it as read-only, with the reason.',
    '### Topics',
    'Set when a topic is created, or later by any tool that alters configurations (`kafka-configs --entity-type topics`).',
    activeTable(topicConfigs, topicColumns),
    '#### Topics: inert',
    inertTable(topicConfigs),
    '### Client metrics',
    'Set for a subscription, which is made by setting anything of it and gone when nothing is set any more (`kafka-client-metrics.sh`, `kafka-configs --entity-type client-metrics`).',
    activeTable(clientMetricsConfigs, clientMetricsColumns),
    '### Broker',
    'Set in the configuration file of the process under `broker:`. Those that are dynamic can also be changed while the broker runs, for this broker or cluster-wide (`kafka-configs --entity-type brokers`, `--entity-default`); a dynamic value is stronger than the file.',
    activeTable(brokerConfigs, brokerColumns),
    '#### Broker: inert',
    inertTable(brokerConfigs),
  ]
  return sections.join('\n\n')
}

interface Column {
  readonly title: string
  readonly cell: (name: string, row: ConfigRow) => string
}

const nameColumn: Column = { title: 'name', cell: (name) => `\`${name}\`` }
const typeColumn: Column = { title: 'type', cell: (_, row) => `${row.type}${rangeOf(row)}` }
const defaultColumn: Column = { title: 'default', cell: (_, row) => defaultOf(row) }
const docColumn: Column = { title: 'what it does', cell: (_, row) => row.doc }
const shownColumn: Column = {
  title: 'shown by',
  cell: (_, row) => (row.status === 'active' ? `\`${row.shownBy}\`` : ''),
}

const topicColumns: readonly Column[] = [
  nameColumn,
  typeColumn,
  defaultColumn,
  {
    title: "broker's default",
    cell: (name) => (configSynonyms.get(name) ?? []).map((one) => `\`${one.name}\``).join(', '),
  },
  docColumn,
  shownColumn,
]

const clientMetricsColumns: readonly Column[] = [
  nameColumn,
  typeColumn,
  defaultColumn,
  docColumn,
  shownColumn,
]

const brokerColumns: readonly Column[] = [
  nameColumn,
  typeColumn,
  defaultColumn,
  { title: 'dynamic', cell: (_, row) => (row.dynamic ? 'yes' : '') },
  docColumn,
  shownColumn,
]

function activeTable(table: ConfigSchema, columns: readonly Column[]): string {
  return markdownTable(table, columns, (row) => row.status === 'active')
}

function inertTable(table: ConfigSchema): string {
  const why: Column = {
    title: 'why it has no effect',
    cell: (_, row) => (row.status === 'inert' ? row.because : ''),
  }
  const columns = [nameColumn, defaultColumn, { ...docColumn, title: 'what it does in Kafka' }, why]
  return markdownTable(table, columns, (row) => row.status === 'inert')
}

function markdownTable(
  table: ConfigSchema,
  columns: readonly Column[],
  belongs: (row: ConfigRow) => boolean,
): string {
  const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rows = table.names.flatMap((name) => {
    const row = table.row(name)
    if (!row || !belongs(row)) return []
    return [lineOf(columns.map(({ cell }) => cell(name, row).replaceAll('|', '\\|')))]
  })
  const head = [lineOf(columns.map(({ title }) => title)), lineOf(columns.map(() => '---'))]
  return [...head, ...rows].join('\n')
}

function defaultOf(row: ConfigRow): string {
  if (row.default === null) return 'not set'
  return row.default === '' ? 'empty' : `\`${row.default}\``
}

function rangeOf(row: ConfigRow): string {
  if ('oneOf' in row && row.oneOf) return `: ${row.oneOf.join(', ')}`
  const min = 'min' in row ? row.min : undefined
  const max = 'max' in row ? row.max : undefined
  if (min !== undefined && max !== undefined) return `, ${min} to ${max}`
  if (min !== undefined) return `, at least ${min}`
  return max === undefined ? '' : `, at most ${max}`
}

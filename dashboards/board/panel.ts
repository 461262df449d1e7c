/** Units of our panels, by Grafana's names. One for each kind of quantity, so that boards agree with each other. */
export const UNIT = {
  count: 'short',
  records: 'short',
  recordsPerSecond: 'recps',
  requestsPerSecond: 'reqps',
  perSecond: 'cps',
  bytes: 'bytes',
  bytesPerSecond: 'binBps',
  seconds: 's',
  duration: 'dtdurations',
  ratio: 'percentunit',
  /** A UNIX time in milliseconds. */
  time: 'dateTimeFromNow',
  none: 'none',
} as const

export type Unit = (typeof UNIT)[keyof typeof UNIT]

/** The three colours by which a board judges. Whatever does not judge takes its colour from the palette. */
export const COLOUR = { good: 'green', warning: 'orange', bad: 'red', neutral: 'text' } as const

/** From which value on something wants attention. Descending limits judge what should be high. */
export interface Limits {
  readonly warning?: number
  readonly bad?: number
  readonly descending?: boolean
}

export interface Query {
  readonly expr: string
  /** Name of each series, `{{label}}` for a label's value. In tables the name of the column. */
  readonly legend: string
  /** Shows the traces behind the values; only histograms of requests have them. */
  readonly exemplars?: boolean
}

/** Where a click on a value leads: another of our boards, about what the value is of. */
export interface DrillDown {
  readonly title: string
  readonly board: string
  /** Variable of that board, and the label of the value that it is set to. */
  readonly variable?: string
  readonly label?: string
}

interface PanelText {
  readonly title: string
  /** What it shows, and what to think of when it looks odd. */
  readonly description: string
  readonly unit: Unit
  /** Of 24 columns. */
  readonly width: number
  readonly drillDown?: DrillDown
}

/** One number, judged by its limits. */
export interface StatPanel extends PanelText {
  readonly kind: 'stat'
  readonly query: Query
  readonly limits?: Limits
  /** Words for values, where a number says little. */
  readonly words?: Readonly<Record<string, string>>
}

/** Lines over time. */
export interface GraphPanel extends PanelText {
  readonly kind: 'graph'
  readonly queries: readonly Query[]
  readonly limits?: Limits
  readonly isStacked?: boolean
}

/** One row for each set of labels, one column for each query. */
export interface TablePanel extends PanelText {
  readonly kind: 'table'
  readonly queries: readonly (Query & { readonly unit: Unit; readonly limits?: Limits })[]
  /** The labels that are shown, in order, under these names. */
  readonly labels: Readonly<Record<string, string>>
  /** Legend of the query whose greatest value comes first. */
  readonly sortBy: string
}

export type Panel = StatPanel | GraphPanel | TablePanel

export const stat = (panel: Omit<StatPanel, 'kind'>): StatPanel => ({ kind: 'stat', ...panel })
export const graph = (panel: Omit<GraphPanel, 'kind'>): GraphPanel => ({ kind: 'graph', ...panel })
export const table = (panel: Omit<TablePanel, 'kind'>): TablePanel => ({ kind: 'table', ...panel })

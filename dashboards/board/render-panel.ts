import type * as common from '@grafana/grafana-foundation-sdk/common'
import type * as sdk from '@grafana/grafana-foundation-sdk/dashboard'
import {
  DashboardLinkBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import type { DrillDown, Limits, Query } from './panel.ts'
import { COLOUR } from './panel.ts'

// What panels of all kinds have in common.

/** A place in a text where Grafana puts the value of a variable. */
export function placeholder(variable: string): string {
  return `\${${variable}}`
}

export const DATA_SOURCE: common.DataSourceRef = {
  type: 'prometheus',
  uid: placeholder('datasource'),
}

/** A query over time, as lines show it. */
export function rangeQuery({ expr, legend, exemplars }: Query, at: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .datasource(DATA_SOURCE)
    .refId(refIdOf(at))
    .expr(expr)
    .legendFormat(legend)
    .range()
    .exemplar(exemplars === true)
}

/** A, B, C ..., by which transformations and overrides name a query. */
export function refIdOf(at: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + at)
}

export function thresholdsOf(limits: Limits): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(stepsOf(limits))
}

export function stepsOf({ warning, bad, descending }: Limits): sdk.Threshold[] {
  const from = (value: number | undefined, color: string): sdk.Threshold[] =>
    value === undefined ? [] : [{ value, color }]
  if (descending !== true) {
    return [
      { value: null, color: COLOUR.good },
      ...from(warning, COLOUR.warning),
      ...from(bad, COLOUR.bad),
    ]
  }
  const lowest = bad === undefined ? COLOUR.warning : COLOUR.bad
  return [
    { value: null, color: lowest },
    ...(bad === undefined ? [] : from(bad, warning === undefined ? COLOUR.good : COLOUR.warning)),
    ...from(warning, COLOUR.good),
  ]
}

/** To another board with the same brokers and the same time, about what was clicked. */
export function drillDownLink({ title, board, variable, label }: DrillDown): DashboardLinkBuilder {
  const isAbout = variable !== undefined && label !== undefined
  const choice = isAbout ? { [variable]: placeholder(`__field.labels.${label}`) } : {}
  return new DashboardLinkBuilder(title).url(boardUrl(board, choice))
}

/** The address of a board that keeps brokers, data source and time, and sets other variables. */
export function boardUrl(board: string, choice: Readonly<Record<string, string>>): string {
  const kept = ['instance:queryparam', 'datasource:queryparam', '__url_time_range']
  const set = Object.entries(choice).map(([variable, value]) => `var-${variable}=${value}`)
  return `/d/${board}?${[...set, ...kept.map(placeholder)].join('&')}`
}

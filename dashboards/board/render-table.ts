import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import type * as sdk from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import type { DrillDown, Limits, TablePanel } from './panel.ts'
import { boardUrl, DATA_SOURCE, placeholder, refIdOf, stepsOf } from './render-panel.ts'

const HEIGHT = 10

/** The values of this moment: queries are joined by their labels. */
export function renderTable(panel: TablePanel): PanelBuilder {
  const { title, description, unit, width, queries, labels, sortBy, drillDown } = panel
  const builder = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .span(width)
    .height(HEIGHT)
    .unit(unit)
    .filterable(true)
    .targets(
      queries.map(({ expr }, at) =>
        new DataqueryBuilder()
          .datasource(DATA_SOURCE)
          .refId(refIdOf(at))
          .expr(expr)
          .format(PromQueryFormat.Table)
          .instant(),
      ),
    )
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: columnsOf(panel) })
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)])
  for (const { legend, unit: columnUnit, limits } of queries) {
    builder.overrideByName(legend, [
      { id: 'unit', value: columnUnit },
      ...(limits === undefined ? [] : colouring(limits)),
    ])
  }
  const linked = drillDown?.label
  const column = linked === undefined ? undefined : labels[linked]
  if (drillDown !== undefined && column !== undefined) {
    builder.overrideByName(column, [{ id: 'links', value: [cellLink(drillDown)] }])
  }
  return builder
}

/** What the labels and values are called, in which order, and what is not shown. */
function columnsOf({ queries, labels }: TablePanel): object {
  const names = Object.keys(labels)
  const values = queries.map(({ legend }, at) => [
    queries.length === 1 ? 'Value' : `Value #${refIdOf(at)}`,
    legend,
  ])
  const order = [...names, ...values.map(([name]) => name)]
  return {
    excludeByName: { Time: true },
    indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
    renameByName: { ...labels, ...Object.fromEntries(values) },
  }
}

function colouring(limits: Limits): sdk.DynamicConfigValue[] {
  return [
    { id: 'thresholds', value: { mode: 'absolute', steps: stepsOf(limits) } },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
  ]
}

function cellLink({ title, board, variable = 'instance' }: DrillDown): object {
  return { title, url: boardUrl(board, { [variable]: placeholder('__value.raw') }) }
}

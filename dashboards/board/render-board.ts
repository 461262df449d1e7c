import type * as cog from '@grafana/grafana-foundation-sdk/cog'
import type * as sdk from '@grafana/grafana-foundation-sdk/dashboard'
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Board, Variable } from './board.ts'
import type { Panel } from './panel.ts'
import { renderGraph } from './render-graph.ts'
import { DATA_SOURCE } from './render-panel.ts'
import { renderStat } from './render-stat.ts'
import { renderTable } from './render-table.ts'

const TAG = 'glasslog'

/** A board as Grafana's JSON: the same for the same board, whenever and wherever it is made. */
export function renderBoard(board: Board): sdk.Dashboard {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags([TAG])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .link(boardsLink())
    .withVariable(
      new DatasourceVariableBuilder('datasource')
        .label('Data source')
        .description("Prometheus, or Glasslog's own monitor: both hold the same series.")
        .type('prometheus'),
    )
  for (const variable of board.variables) builder.withVariable(renderVariable(variable))
  for (const { title, panels, isCollapsed } of board.rows) {
    const row = new RowBuilder(title)
    if (isCollapsed !== true) builder.withRow(row)
    for (const panel of panels) {
      if (isCollapsed === true) row.withPanel(renderPanel(panel))
      else builder.withPanel(renderPanel(panel))
    }
    if (isCollapsed === true) builder.withRow(row.collapsed(true))
  }
  return builder.build()
}

function renderPanel(panel: Panel): cog.Builder<sdk.Panel> {
  switch (panel.kind) {
    case 'stat':
      return renderStat(panel)
    case 'graph':
      return renderGraph(panel)
    case 'table':
      return renderTable(panel)
  }
}

/** From each board to all others, which keep the choices and the time. */
function boardsLink(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Glasslog')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true)
}

function renderVariable(variable: Variable): QueryVariableBuilder {
  const { name, label, description, family, valuesOf, within, isLong } = variable
  const selector = within === undefined ? family : `${family}{${within}}`
  const builder = new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(DATA_SOURCE)
    .query(`label_values(${selector}, ${valuesOf})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: ['All'], value: ['$__all'] })
  return isLong === true ? builder.allValue('.*') : builder
}

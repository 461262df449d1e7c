import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { GraphPanel } from './panel.ts'
import { DATA_SOURCE, drillDownLink, rangeQuery, thresholdsOf } from './render-panel.ts'

const HEIGHT = 8
const FILL_OF_AREAS = 30
const FILL_OF_LINES = 5

/** Lines over time with a legend that says mean and greatest value. */
export function renderGraph(panel: GraphPanel): PanelBuilder {
  const { title, description, unit, width, queries, limits, isStacked, drillDown } = panel
  const builder = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .span(width)
    .height(HEIGHT)
    .unit(unit)
    .min(0)
    .targets(queries.map(rangeQuery))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .showPoints(VisibilityMode.Never)
    .fillOpacity(isStacked === true ? FILL_OF_AREAS : FILL_OF_LINES)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['mean', 'max']),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    )
  if (isStacked === true) {
    builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
  }
  if (limits !== undefined) {
    builder
      .thresholds(thresholdsOf(limits))
      .thresholdsStyle(
        new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed),
      )
  }
  if (drillDown !== undefined) builder.dataLinks([drillDownLink(drillDown)])
  return builder
}

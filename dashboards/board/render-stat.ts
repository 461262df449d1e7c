import {
  BigValueColorMode,
  BigValueGraphMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import type * as sdk from '@grafana/grafana-foundation-sdk/dashboard'
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat'
import type { StatPanel } from './panel.ts'
import { COLOUR } from './panel.ts'
import { DATA_SOURCE, drillDownLink, rangeQuery, thresholdsOf } from './render-panel.ts'

const HEIGHT = 4

/** A tile: the last value, its course behind it. */
export function renderStat(panel: StatPanel): PanelBuilder {
  const { title, description, unit, width, query, limits, words, drillDown } = panel
  const isJudged = limits !== undefined
  const builder = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .span(width)
    .height(HEIGHT)
    .unit(unit)
    .withTarget(rangeQuery(query, 0))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .graphMode(words === undefined ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .colorMode(isJudged ? BigValueColorMode.Background : BigValueColorMode.Value)
    .colorScheme(
      isJudged
        ? new FieldColorBuilder().mode(FieldColorModeId.Thresholds)
        : new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(COLOUR.neutral),
    )
  if (limits !== undefined) builder.thresholds(thresholdsOf(limits))
  if (words !== undefined) builder.mappings([mappingOf(words)])
  if (drillDown !== undefined) builder.dataLinks([drillDownLink(drillDown)])
  return builder
}

function mappingOf(words: Readonly<Record<string, string>>): sdk.ValueMapping {
  const options = Object.entries(words).map(([value, text], index) => [value, { text, index }])
  return { type: MappingType.ValueToText, options: Object.fromEntries(options) }
}

import { listFamilies } from '../../broker/telemetry/index.ts'
import { listMonitorFamilies } from '../../monitor/index.ts'
import { page, table } from './markdown.ts'

/** docs/metrics.md: every family that `/metrics` serves of the broker's own. */
export function renderMetrics(): string {
  const rows = listFamilies().map(rowOf)
  return page(
    'Metrics',
    'Families at `/metrics` of the admin port, as Prometheus text or OpenMetrics. Besides these there are the usual `process_*` and `nodejs_*` families of the process. Names that begin with `kafka_` are those that public dashboards of kafka_exporter and jmx_exporter read.',
    table(['Family', 'Type', 'Labels', 'Meaning'], rows),
    '## The monitor',
    'Families at `/metrics` of the console port, which the monitor scrapes as well, as job `glasslog-monitor`. Besides these there are `process_*` and `nodejs_*` of its process.',
    table(['Family', 'Type', 'Labels', 'Meaning'], listMonitorFamilies().map(rowOf)),
  )
}

function rowOf(family: {
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
  readonly help: string
}): readonly string[] {
  return [`\`${family.name}\``, family.type, family.labels.join(', '), family.help]
}

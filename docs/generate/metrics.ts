import type { Dialect } from '../../broker/telemetry/index.ts'
import { listFamilies } from '../../broker/telemetry/index.ts'
import { listMonitorFamilies } from '../../monitor/index.ts'
import { page, table } from './markdown.ts'

/** docs/metrics.md: every family that `/metrics` serves of the broker's own. */
export function renderMetrics(): string {
  const families = listFamilies()
  const of = (dialect: Dialect): string => {
    const rows = families.filter((family) => (family.dialect ?? 'own') === dialect).map(rowOf)
    return table(['Family', 'Type', 'Labels', 'Meaning'], rows)
  }
  return page(
    'Metrics',
    'Families at `/metrics` of the admin port, as Prometheus text, or as OpenMetrics (with exemplars that name traces) for a scraper that asks for it. Besides these there are the usual `process_*` and `nodejs_*` families of the process. Labels are bounded by `metrics-max-...` ([configuration](configuration.md)); what is beyond a bound is counted together under `_other`, and `glasslog_label_overflows` says how much that is.',
    of('own'),
    '## Names that public dashboards read',
    "What kafka_exporter shows, and what jmx_exporter makes of Kafka's own metrics (counters that end in `_total`, percentiles as gauges with a label `quantile`, times in milliseconds). On by default: `metrics-dialects: total`. Labels such as a namespace or a cluster are the scraper's to add.",
    of('total'),
    '## Names that end in persec',
    'The same counters as other packaged dashboards know them: `metrics-dialects: total,persec`.',
    of('persec'),
    '## Names of kminion',
    '`metrics-dialects: total,kminion`.',
    of('kminion'),
    '## What is always the same',
    'On one broker these never change. They are there so that dashboards of clusters have what they ask for.',
    table(
      ['Family', 'Why'],
      families.flatMap(({ name, constant }) => (constant ? [[`\`${name}\``, constant]] : [])),
    ),
    '## What promtool says of the names',
    '`promtool check metrics` has nothing to say about `glasslog_*`. It complains about names that others have fixed: `kafka_consumergroup_lag_sum`, `kafka_consumergroup_current_offset_sum`, `kminion_kafka_topic_low_water_mark_sum`, `kminion_kafka_topic_high_water_mark_sum` and `kminion_kafka_consumer_group_topic_offset_sum` (gauges that end in `_sum`), `kafka_server_socket_server_metrics_connection_count` (one that ends in `_count`), the percentiles `kafka_network_requestmetrics_...ms` (gauges with a label `quantile`), and `nodejs_active_handles_total`, `nodejs_active_requests_total` and `nodejs_active_resources_total` (gauges that end in `_total`).',
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

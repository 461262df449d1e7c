import type { Board, Variable } from '../board/board.ts'
import { alerts, orZero } from '../board/expressions.ts'
import { graph, stat, table, UNIT } from '../board/panel.ts'
import { INSTANCE } from '../board/variables.ts'
import { BOARD } from './uids.ts'

/** The monitor is a process of its own with an address of its own. */
const MONITOR: Variable = {
  name: 'monitor',
  label: 'Monitor',
  description: 'Host and port of the monitor.',
  family: 'glasslog_monitor_series',
  valuesOf: 'instance',
}

function of(family: string, ...matchers: readonly string[]): string {
  return `${family}{${['instance=~"$monitor"', ...matchers].join(',')}}`
}

function rate(family: string): string {
  return `rate(${of(family)}[$__rate_interval])`
}

function quantile(q: number, labels: string, family: string): string {
  const by = labels === '' ? 'le' : `${labels}, le`
  return `histogram_quantile(${q}, sum by (${by}) (${rate(`${family}_bucket`)}))`
}

/** Which alerts fire, whether people hear of them, whether the probe gets through, and whether the monitor keeps up. */
export const monitor: Board = {
  uid: BOARD.monitor,
  title: 'Glasslog / Monitor and alerts',
  description:
    'Which alerts fire, whether people hear of them, whether the probe gets through, and whether the monitor keeps up.',
  variables: [INSTANCE, MONITOR],
  rows: [
    {
      title: 'Alerts',
      panels: [
        stat({
          title: 'Firing',
          description: 'Alerts that fire now, without the Watchdog, which always does.',
          unit: UNIT.count,
          width: 4,
          query: { expr: orZero(alerts('firing')), legend: 'firing' },
          limits: { bad: 1 },
        }),
        stat({
          title: 'Pending',
          description: 'Alerts whose expression holds, but not for long enough yet.',
          unit: UNIT.count,
          width: 4,
          query: { expr: orZero(alerts('pending')), legend: 'pending' },
          limits: { warning: 1 },
        }),
        stat({
          title: 'Probe',
          description:
            'Whether the last record that the probe sent through the broker came back in time.',
          unit: UNIT.none,
          width: 4,
          query: { expr: `min(${of('glasslog_probe_up')})`, legend: 'probe' },
          limits: { bad: 1, descending: true },
          words: { '0': 'failed', '1': 'gets through' },
        }),
        stat({
          title: 'Availability, last hour',
          description: 'Share of probe records that were acknowledged and came back in time.',
          unit: UNIT.ratio,
          width: 4,
          query: {
            expr: `1 - (sum(increase(${of('glasslog_probe_messages_failed_total')}[1h])) + sum(increase(${of('glasslog_probe_messages_lost_total')}[1h]))) / sum(increase(${of('glasslog_probe_messages_produced_total')}[1h]))`,
            legend: 'availability',
          },
          limits: { warning: 0.999, bad: 0.99, descending: true },
        }),
        stat({
          title: 'Notifications waiting',
          description:
            'Notifications that are due and not delivered yet. They are kept over restarts.',
          unit: UNIT.count,
          width: 4,
          query: { expr: `sum(${of('glasslog_monitor_notifications_waiting')})`, legend: 'due' },
          limits: { warning: 10, bad: 100 },
        }),
        stat({
          title: 'Rules loaded',
          description:
            'Whether the rules and the alerting settings that are there now could be read. If not, the old ones hold.',
          unit: UNIT.none,
          width: 4,
          query: {
            expr: `min(${of('glasslog_monitor_rules_last_load_successful')})`,
            legend: 'loaded',
          },
          limits: { bad: 1, descending: true },
          words: { '0': 'failed', '1': 'loaded' },
        }),
        table({
          title: 'Alerts',
          description: 'Alerts that are pending or fire, with how severe they are.',
          unit: UNIT.count,
          width: 24,
          labels: { alertname: 'Alert', severity: 'Severity', alertstate: 'State' },
          sortBy: 'Instances',
          queries: [
            {
              legend: 'Instances',
              unit: UNIT.count,
              expr: 'count by (alertname, severity, alertstate) (ALERTS)',
            },
          ],
        }),
      ],
    },
    {
      title: 'Notifications',
      panels: [
        graph({
          title: 'Deliveries',
          description: 'Attempts to tell people, by integration and result.',
          unit: UNIT.perSecond,
          width: 12,
          queries: [
            {
              expr: `sum by (integration, result) (${rate('glasslog_monitor_notifications_total')})`,
              legend: '{{integration}} {{result}}',
            },
          ],
        }),
        graph({
          title: 'From due to delivered',
          description: 'How long a notification took, retries included.',
          unit: UNIT.seconds,
          width: 12,
          queries: [
            {
              expr: quantile(0.99, 'integration', 'glasslog_monitor_notification_delay_seconds'),
              legend: 'p99 {{integration}}',
            },
          ],
        }),
      ],
    },
    {
      title: 'Probe',
      panels: [
        graph({
          title: 'Probe, end to end',
          description:
            'A record through the broker and back: what a producer and a consumer beside each other see.',
          unit: UNIT.seconds,
          width: 12,
          queries: [
            {
              expr: quantile(0.99, '', 'glasslog_probe_produce_duration_seconds'),
              legend: 'acknowledged p99',
            },
            {
              expr: quantile(0.99, '', 'glasslog_probe_roundtrip_duration_seconds'),
              legend: 'read p99',
            },
          ],
        }),
        graph({
          title: 'Probe records',
          description: 'Records of the probe that were sent, failed and lost.',
          unit: UNIT.recordsPerSecond,
          width: 12,
          queries: ['produced', 'received', 'failed', 'lost'].map((name) => ({
            expr: `sum(${rate(`glasslog_probe_messages_${name}_total`)})`,
            legend: name,
          })),
        }),
      ],
    },
    {
      title: 'Monitor',
      panels: [
        graph({
          title: 'Scrapes',
          description: 'Scrapes by result. One that fails is seen in up, too.',
          unit: UNIT.perSecond,
          width: 8,
          queries: [
            {
              expr: `sum by (job, result) (${rate('glasslog_monitor_scrapes_total')})`,
              legend: '{{job}} {{result}}',
            },
          ],
        }),
        graph({
          title: 'Evaluation of rules',
          description:
            'Time that each group of rules took. Above its interval evaluations are left out.',
          unit: UNIT.seconds,
          width: 8,
          queries: [
            {
              expr: `max by (group) (${of('glasslog_monitor_rule_group_duration_seconds')})`,
              legend: '{{group}}',
            },
          ],
        }),
        graph({
          title: 'Rules that failed or were missed',
          description:
            'Evaluations that failed, and those that were due while the one before still ran.',
          unit: UNIT.perSecond,
          width: 8,
          queries: [
            {
              expr: `sum(${rate('glasslog_monitor_rule_evaluation_failures_total')})`,
              legend: 'failed',
            },
            { expr: `sum(${rate('glasslog_monitor_rule_group_missed_total')})`, legend: 'missed' },
          ],
          limits: { warning: 0.01 },
        }),
        graph({
          title: 'Queries',
          description: 'Time that queries took, ninety-nine of a hundred.',
          unit: UNIT.seconds,
          width: 8,
          queries: [
            { expr: quantile(0.99, '', 'glasslog_monitor_query_duration_seconds'), legend: 'p99' },
          ],
        }),
        graph({
          title: 'Series',
          description: 'Series that the monitor keeps, and those it had no room for.',
          unit: UNIT.count,
          width: 8,
          queries: [
            { expr: of('glasslog_monitor_series'), legend: 'kept {{instance}}' },
            { expr: of('glasslog_monitor_series_refused_total'), legend: 'refused {{instance}}' },
          ],
        }),
        graph({
          title: 'Memory',
          description: "Resident memory of the monitor's process.",
          unit: UNIT.bytes,
          width: 8,
          queries: [{ expr: of('process_resident_memory_bytes'), legend: '{{instance}}' }],
        }),
      ],
    },
  ],
}

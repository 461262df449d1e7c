import type { Board } from '../board/board.ts'
import { of, orZero, quantile, rate, sumBy } from '../board/expressions.ts'
import { graph, stat, table, UNIT } from '../board/panel.ts'
import { GROUP, INSTANCE } from '../board/variables.ts'
import { BOARD } from './uids.ts'

const CHOSEN = 'group=~"$group"'
/** The families that dashboards of kafka_exporter read call a group so. */
const CHOSEN_OLD = 'consumergroup=~"$group"'

/** How late each group is, in records, bytes and seconds, and why. */
export const groups: Board = {
  uid: BOARD.groups,
  title: 'Glasslog / Consumer groups',
  description:
    'How late each group is, in records, bytes and seconds; how near it is to losing data; and why.',
  variables: [INSTANCE, GROUP],
  rows: [
    {
      title: 'Groups',
      panels: [
        stat({
          title: 'Groups',
          description: 'Groups that the coordinator knows.',
          unit: UNIT.count,
          width: 4,
          query: { expr: sumBy('', of('glasslog_groups')), legend: 'groups' },
        }),
        stat({
          title: 'Stable',
          description: 'Groups whose members all have their partitions.',
          unit: UNIT.count,
          width: 4,
          query: {
            expr: orZero(sumBy('', of('glasslog_groups', 'state="Stable"'))),
            legend: 'stable',
          },
        }),
        stat({
          title: 'Rebalancing',
          description: 'Groups that hand out partitions now. One that stays here reads nothing.',
          unit: UNIT.count,
          width: 4,
          query: {
            expr: orZero(sumBy('', of('glasslog_groups', 'state=~".*Rebalance"'))),
            legend: 'rebalancing',
          },
          limits: { warning: 1 },
        }),
        stat({
          title: 'Lag',
          description: 'Records that the chosen groups have not committed.',
          unit: UNIT.records,
          width: 4,
          query: { expr: sumBy('', of('kafka_consumergroup_lag', CHOSEN_OLD)), legend: 'lag' },
        }),
        stat({
          title: 'Oldest record not committed',
          description: 'Its age, by the time of its append.',
          unit: UNIT.duration,
          width: 4,
          query: { expr: `max(${of('glasslog_group_lag_seconds', CHOSEN)})`, legend: 'age' },
          limits: { warning: 60, bad: 600 },
        }),
        stat({
          title: 'Retention left',
          description:
            'Until retention takes a record that a group has not committed: the group that is nearest to losing data.',
          unit: UNIT.duration,
          width: 4,
          query: {
            expr: `min(${of('glasslog_group_retention_left_seconds', CHOSEN)})`,
            legend: 'left',
          },
          limits: { warning: 86_400, bad: 3_600, descending: true },
        }),
        table({
          title: 'By group and topic',
          description: 'The largest lag first. A click on a group narrows the board to it.',
          unit: UNIT.count,
          width: 24,
          labels: { group: 'Group', topic: 'Topic' },
          sortBy: 'Lag in seconds',
          queries: [
            {
              legend: 'Lag in seconds',
              unit: UNIT.duration,
              limits: { warning: 60, bad: 600 },
              expr: `max by (group, topic) (${of('glasslog_group_lag_seconds', CHOSEN)})`,
            },
            {
              legend: 'Lag in bytes',
              unit: UNIT.bytes,
              expr: sumBy('group, topic', of('glasslog_group_lag_bytes', CHOSEN)),
            },
            {
              legend: 'Lag in records',
              unit: UNIT.records,
              expr: sumBy(
                'group, topic',
                `label_replace(${of('kafka_consumergroup_lag', CHOSEN_OLD)}, "group", "$1", "consumergroup", "(.*)")`,
              ),
            },
            {
              legend: 'Retention left',
              unit: UNIT.duration,
              limits: { warning: 86_400, bad: 3_600, descending: true },
              expr: `min by (group, topic) (${of('glasslog_group_retention_left_seconds', CHOSEN)})`,
            },
          ],
          drillDown: {
            title: 'This group',
            board: BOARD.groups,
            variable: 'group',
            label: 'group',
          },
        }),
      ],
    },
    {
      title: 'Lag',
      panels: [
        graph({
          title: 'Lag in seconds',
          description: 'Age of the oldest record that is not committed, by group and topic.',
          unit: UNIT.duration,
          width: 8,
          queries: [
            {
              expr: `max by (group, topic) (${of('glasslog_group_lag_seconds', CHOSEN)})`,
              legend: '{{group}} {{topic}}',
            },
          ],
          limits: { warning: 60, bad: 600 },
        }),
        graph({
          title: 'Lag in records',
          description: 'Records between what is committed and the end.',
          unit: UNIT.records,
          width: 8,
          queries: [
            {
              expr: sumBy('consumergroup, topic', of('kafka_consumergroup_lag', CHOSEN_OLD)),
              legend: '{{consumergroup}} {{topic}}',
            },
          ],
          drillDown: {
            title: 'This topic',
            board: BOARD.topics,
            variable: 'topic',
            label: 'topic',
          },
        }),
        graph({
          title: 'Lag in bytes',
          description: 'What still has to be read from the broker, compressed as it is.',
          unit: UNIT.bytes,
          width: 8,
          queries: [
            {
              expr: sumBy('group, topic', of('glasslog_group_lag_bytes', CHOSEN)),
              legend: '{{group}} {{topic}}',
            },
          ],
        }),
        graph({
          title: 'Time to commit',
          description:
            'From the append of the last record that a commit covers to that commit: how fresh what the group has done is.',
          unit: UNIT.seconds,
          width: 8,
          queries: [0.5, 0.99].map((q) => ({
            expr: quantile(q, 'group', 'glasslog_group_tail_latency_seconds', CHOSEN),
            legend: `p${q * 100} {{group}}`,
          })),
        }),
        graph({
          title: 'Records committed',
          description:
            'How fast a group gets on. Less than what comes in: the lag grows. Offsets that are set back count as nothing.',
          unit: UNIT.recordsPerSecond,
          width: 8,
          queries: [
            {
              expr: sumBy(
                'consumergroup',
                `clamp_min(deriv(${of('kafka_consumergroup_current_offset', CHOSEN_OLD)}[$__rate_interval]), 0)`,
              ),
              legend: '{{consumergroup}}',
            },
          ],
        }),
        graph({
          title: 'Share of retention left',
          description:
            'One: nothing is near. Zero: the next record that retention takes is one that the group has not read.',
          unit: UNIT.ratio,
          width: 8,
          queries: [
            {
              expr: `min by (group, topic) (${of('glasslog_group_retention_left_ratio', CHOSEN)})`,
              legend: '{{group}} {{topic}}',
            },
          ],
          limits: { warning: 0.5, bad: 0.2, descending: true },
        }),
      ],
    },
    {
      title: 'Members',
      panels: [
        graph({
          title: 'Members',
          description:
            'Members of each group. A saw-tooth: members come and go, look at max.poll.interval.ms and at their restarts.',
          unit: UNIT.count,
          width: 8,
          queries: [
            { expr: sumBy('group', of('glasslog_group_members', CHOSEN)), legend: '{{group}}' },
          ],
        }),
        graph({
          title: 'Rebalances',
          description:
            'How often partitions were handed out anew. The events log has the reason of each.',
          unit: UNIT.perSecond,
          width: 8,
          queries: [
            {
              expr: sumBy('group', rate('glasslog_group_rebalances_total', CHOSEN)),
              legend: '{{group}}',
            },
          ],
          limits: { warning: 0.05 },
        }),
        graph({
          title: 'Commits',
          description: "Partitions' offsets that were committed.",
          unit: UNIT.perSecond,
          width: 8,
          queries: [
            {
              expr: sumBy('group', rate('glasslog_group_offset_commits_total', CHOSEN)),
              legend: '{{group}}',
            },
          ],
        }),
      ],
    },
    {
      title: 'Coordinator',
      isCollapsed: true,
      panels: [
        graph({
          title: 'Requests of members',
          description:
            'Joins, heartbeats and departures over all groups. Members that expire did not say goodbye.',
          unit: UNIT.perSecond,
          width: 12,
          queries: ['joins', 'heartbeats', 'leaves', 'expired_members'].map((name) => ({
            expr: sumBy('', rate(`glasslog_coordinator_${name}_total`)),
            legend: name.replace('_', ' '),
          })),
        }),
        graph({
          title: 'Writes of the coordinator',
          description:
            'Records that the coordinator writes to __consumer_offsets, and writes that failed.',
          unit: UNIT.perSecond,
          width: 12,
          queries: [
            {
              expr: sumBy('', rate('glasslog_coordinator_appended_records_total')),
              legend: 'records',
            },
            {
              expr: sumBy('', rate('glasslog_coordinator_failed_appends_total')),
              legend: 'failed writes',
            },
          ],
        }),
      ],
    },
  ],
}

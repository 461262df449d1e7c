import type { Board } from '../board/board.ts'
import { alerts, DISK_FREE_RATIO, of, orZero, quantile, rate, sumBy } from '../board/expressions.ts'
import { graph, stat, UNIT } from '../board/panel.ts'
import { INSTANCE } from '../board/variables.ts'
import { BOARD } from './uids.ts'

const REQUESTS = 'glasslog_request_duration_seconds'
const STAGES = 'glasslog_request_stage_duration_seconds'

/** Where one looks first: is it well, what goes through, how fast, how late, how full. */
export const overview: Board = {
  uid: BOARD.overview,
  title: 'Glasslog / Overview',
  description:
    'Whether the broker is well, what goes through it, how fast, how late its readers are and how full its disk is.',
  variables: [INSTANCE],
  rows: [
    {
      title: 'Health',
      panels: [
        stat({
          title: 'Brokers up',
          description:
            'Brokers whose metrics could be scraped. Zero: look at the process and its log first.',
          unit: UNIT.count,
          width: 3,
          query: { expr: sumBy('', of('up')), legend: 'up' },
          limits: { warning: 1, descending: true },
        }),
        stat({
          title: 'Alerts firing',
          description:
            'Alerts that fire now, without the Watchdog, which always does. The board of alerts says which.',
          unit: UNIT.count,
          width: 3,
          query: { expr: orZero(alerts('firing')), legend: 'firing' },
          limits: { bad: 1 },
          drillDown: { title: 'Alerts', board: BOARD.monitor },
        }),
        stat({
          title: 'Produce p99',
          description:
            'Ninety-nine of a hundred writes were answered within this time, from the last byte of the request to the last byte of the response.',
          unit: UNIT.seconds,
          width: 3,
          query: {
            expr: quantile(0.99, '', REQUESTS, 'api="Produce"'),
            legend: 'p99',
            exemplars: true,
          },
          limits: { warning: 0.1, bad: 1 },
        }),
        stat({
          title: 'Errors answered',
          description:
            'Share of requests that were answered with an error or ended with the connection. Retriable errors at a rebalance are normal; a share that stays is not.',
          unit: UNIT.ratio,
          width: 3,
          query: {
            expr: `((${orZero(sumBy('', rate('glasslog_response_errors_total')))}) + (${orZero(sumBy('', rate('glasslog_request_failures_total')))})) / ${sumBy('', rate(`${REQUESTS}_count`))}`,
            legend: 'errors',
          },
          limits: { warning: 0.01, bad: 0.05 },
        }),
        stat({
          title: 'Latest reader',
          description: 'Age of the oldest record that some consumer group has not committed yet.',
          unit: UNIT.duration,
          width: 3,
          query: { expr: `max(${of('glasslog_group_lag_seconds')})`, legend: 'lag' },
          limits: { warning: 60, bad: 600 },
          drillDown: { title: 'Consumer groups', board: BOARD.groups },
        }),
        stat({
          title: 'Disk free',
          description:
            'Free part of the file system that holds the data, or of what the broker may use of it, whichever is less. Below its floor the broker refuses writes, with an error that clients retry.',
          unit: UNIT.ratio,
          width: 3,
          query: { expr: DISK_FREE_RATIO, legend: 'free' },
          limits: { warning: 0.2, bad: 0.1, descending: true },
          drillDown: { title: 'Storage', board: BOARD.storage },
        }),
        stat({
          title: 'Journal in use',
          description:
            'Part of the journal that segments have not caught up with. Near one, writes wait for the disk.',
          unit: UNIT.ratio,
          width: 3,
          query: { expr: `max(${of('glasslog_journal_pressure_ratio')})`, legend: 'in use' },
          limits: { warning: 0.7, bad: 0.9 },
          drillDown: { title: 'Storage', board: BOARD.storage },
        }),
        stat({
          title: 'History unsigned',
          description:
            'Time for which there have been control operations that no signed checkpoint covers.',
          unit: UNIT.duration,
          width: 3,
          query: { expr: `max(${of('glasslog_history_unsigned_seconds')})`, legend: 'unsigned' },
          limits: { warning: 60, bad: 600 },
          drillDown: { title: 'Security and audit', board: BOARD.security },
        }),
      ],
    },
    {
      title: 'Throughput',
      panels: [
        graph({
          title: 'Bytes in and out',
          description:
            'Record batches as producers sent them and as consumers got them, compressed as they are.',
          unit: UNIT.bytesPerSecond,
          width: 8,
          queries: [
            {
              expr: sumBy('', rate('kafka_server_brokertopicmetrics_bytesin_total')),
              legend: 'in',
            },
            {
              expr: sumBy('', rate('kafka_server_brokertopicmetrics_bytesout_total')),
              legend: 'out',
            },
          ],
          drillDown: { title: 'Topics', board: BOARD.topics },
        }),
        graph({
          title: 'Records in, busiest topics',
          description: 'Records appended by producers, for the ten topics that get most.',
          unit: UNIT.recordsPerSecond,
          width: 8,
          isStacked: true,
          queries: [
            {
              expr: `topk(10, ${sumBy('topic', rate('kafka_server_brokertopicmetrics_messagesin_total'))})`,
              legend: '{{topic}}',
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
          title: 'Requests by API',
          description:
            'What clients ask for. A rise in Metadata or JoinGroup says that they keep starting over.',
          unit: UNIT.requestsPerSecond,
          width: 8,
          isStacked: true,
          queries: [{ expr: sumBy('api', rate(`${REQUESTS}_count`)), legend: '{{api}}' }],
          drillDown: { title: 'Clients', board: BOARD.clients },
        }),
      ],
    },
    {
      title: 'Latency',
      panels: [
        graph({
          title: 'Produce',
          description:
            'Time of a write at the broker. Dots are traces of single requests: click one to see its stages.',
          unit: UNIT.seconds,
          width: 8,
          queries: [0.5, 0.99, 0.999].map((q) => ({
            expr: quantile(q, '', REQUESTS, 'api="Produce"'),
            legend: `p${q * 100}`,
            exemplars: true,
          })),
        }),
        graph({
          title: 'Produce, mean by stage',
          description:
            'queue: behind earlier requests of the connection; append: checks and copying; wait: fdatasync of the journal; send: until the socket took the response. Throttling comes after the answer.',
          unit: UNIT.seconds,
          width: 8,
          isStacked: true,
          queries: [meanByStage('Produce')],
        }),
        graph({
          title: 'Fetch, mean by stage',
          description:
            'wait is mostly a consumer that asked to wait for new records; read is the time in the storage engine, send a consumer that takes its time.',
          unit: UNIT.seconds,
          width: 8,
          isStacked: true,
          queries: [meanByStage('Fetch')],
        }),
      ],
    },
    {
      title: 'Readers',
      panels: [
        graph({
          title: 'Lag in seconds, latest groups',
          description:
            'Age of the oldest record that a group has not committed, by the time of its append. The ten groups that are furthest behind.',
          unit: UNIT.duration,
          width: 12,
          queries: [
            {
              expr: `topk(10, max by (group) (${of('glasslog_group_lag_seconds')}))`,
              legend: '{{group}}',
            },
          ],
          limits: { warning: 60, bad: 600 },
          drillDown: {
            title: 'This group',
            board: BOARD.groups,
            variable: 'group',
            label: 'group',
          },
        }),
        graph({
          title: 'Lag in records, latest groups',
          description: 'Records between what a group committed and the end of its partitions.',
          unit: UNIT.records,
          width: 12,
          queries: [
            {
              expr: `topk(10, ${sumBy('consumergroup', of('kafka_consumergroup_lag'))})`,
              legend: '{{consumergroup}}',
            },
          ],
          drillDown: {
            title: 'This group',
            board: BOARD.groups,
            variable: 'group',
            label: 'consumergroup',
          },
        }),
      ],
    },
    {
      title: 'Process',
      panels: [
        graph({
          title: 'CPU and event loop',
          description:
            'Cores in use by the process, its threads included, and the part of time that the event loop works. A loop near one answers late.',
          unit: UNIT.ratio,
          width: 8,
          queries: [
            {
              expr: sumBy('instance', rate('process_cpu_seconds_total')),
              legend: 'CPU {{instance}}',
            },
            {
              expr: rate('glasslog_event_loop_active_seconds_total'),
              legend: 'event loop {{instance}}',
            },
          ],
        }),
        graph({
          title: 'Event loop lag',
          description: 'How late timers come: everything that the process does waits so long.',
          unit: UNIT.seconds,
          width: 8,
          queries: [
            { expr: of('nodejs_eventloop_lag_p50_seconds'), legend: 'p50 {{instance}}' },
            { expr: of('nodejs_eventloop_lag_p99_seconds'), legend: 'p99 {{instance}}' },
          ],
          limits: { warning: 0.1, bad: 0.5 },
        }),
        graph({
          title: 'Memory',
          description:
            'Resident memory, with the heap and the window of recent batches that are part of it.',
          unit: UNIT.bytes,
          width: 8,
          queries: [
            { expr: of('process_resident_memory_bytes'), legend: 'resident {{instance}}' },
            { expr: of('nodejs_heap_size_used_bytes'), legend: 'heap {{instance}}' },
            { expr: of('glasslog_hot_window_bytes'), legend: 'recent batches {{instance}}' },
          ],
        }),
      ],
    },
  ],
}

function meanByStage(api: string) {
  const matcher = `api="${api}"`
  return {
    expr: `${sumBy('stage', rate(`${STAGES}_sum`, matcher))} / on () group_left ${sumBy('', rate(`${REQUESTS}_count`, matcher))}`,
    legend: '{{stage}}',
  }
}

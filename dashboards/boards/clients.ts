import type { Board } from '../board/board.ts'
import { of, rate, sumBy } from '../board/expressions.ts'
import { graph, stat, table, UNIT } from '../board/panel.ts'
import { INSTANCE } from '../board/variables.ts'
import { BOARD } from './uids.ts'

/** Who is connected, with what software, what they ask for, and who is held back. */
export const clients: Board = {
  uid: BOARD.clients,
  title: 'Glasslog / Clients',
  description:
    'Who is connected and with what software, what clients ask for and get, and who is held back.',
  variables: [INSTANCE],
  rows: [
    {
      title: 'Connections',
      panels: [
        stat({
          title: 'Connections',
          description: 'Open connections of Kafka clients.',
          unit: UNIT.count,
          width: 6,
          query: { expr: sumBy('', of('glasslog_connections')), legend: 'connections' },
        }),
        stat({
          title: 'Accepted',
          description:
            'New connections each second. A rate that stays high: clients do not keep their connections.',
          unit: UNIT.perSecond,
          width: 6,
          query: {
            expr: sumBy('', rate('glasslog_connections_accepted_total')),
            legend: 'accepted',
          },
          limits: { warning: 50 },
        }),
        stat({
          title: 'Requests in flight',
          description:
            'Requests that were read and are not answered yet; consumers that wait for records are among them.',
          unit: UNIT.count,
          width: 6,
          query: { expr: sumBy('', of('glasslog_requests_in_flight')), legend: 'in flight' },
        }),
        stat({
          title: 'Held by quotas',
          description: 'How often a client was told to wait, each second.',
          unit: UNIT.perSecond,
          width: 6,
          query: { expr: sumBy('', rate('glasslog_quota_throttled_total')), legend: 'throttled' },
          limits: { warning: 0.1 },
        }),
        graph({
          title: 'By listener',
          description: 'Open connections by the listener they came by.',
          unit: UNIT.count,
          width: 8,
          isStacked: true,
          queries: [
            {
              expr: sumBy('listener', of('glasslog_listener_connections')),
              legend: '{{listener}}',
            },
          ],
        }),
        graph({
          title: 'By software',
          description:
            'Open connections by what the client calls itself. Clients older than Kafka 2.4 do not say.',
          unit: UNIT.count,
          width: 8,
          isStacked: true,
          queries: [
            {
              expr: sumBy('software, version', of('glasslog_client_software_connections')),
              legend: '{{software}} {{version}}',
            },
          ],
        }),
        graph({
          title: 'Ended, by reason',
          description: 'Why connections ended. Anything but a client that left deserves a look.',
          unit: UNIT.perSecond,
          width: 8,
          isStacked: true,
          queries: [
            {
              expr: sumBy('reason', rate('glasslog_connections_closed_total')),
              legend: '{{reason}}',
            },
          ],
          drillDown: { title: 'Security and audit', board: BOARD.security },
        }),
      ],
    },
    {
      title: 'By client id',
      panels: [
        table({
          title: 'Client ids',
          description:
            'What each client id does. Beyond the limit of metrics-max-client-ids clients share one row, _other.',
          unit: UNIT.count,
          width: 24,
          labels: { client_id: 'Client id' },
          sortBy: 'Bytes sent by it',
          queries: [
            {
              legend: 'Connections',
              unit: UNIT.count,
              expr: sumBy('client_id', of('glasslog_client_connections')),
            },
            {
              legend: 'Requests',
              unit: UNIT.requestsPerSecond,
              expr: sumBy('client_id', rate('glasslog_client_requests_total')),
            },
            {
              legend: 'Bytes sent by it',
              unit: UNIT.bytesPerSecond,
              expr: sumBy('client_id', rate('glasslog_client_received_bytes_total')),
            },
            {
              legend: 'Bytes sent to it',
              unit: UNIT.bytesPerSecond,
              expr: sumBy('client_id', rate('glasslog_client_sent_bytes_total')),
            },
          ],
        }),
      ],
    },
    {
      title: 'Requests',
      panels: [
        graph({
          title: 'p99 by API',
          description:
            'Ninety-nine of a hundred requests were answered within this time. Fetch and JoinGroup wait on purpose. Dots are traces.',
          unit: UNIT.seconds,
          width: 12,
          queries: [
            {
              expr: `topk(10, histogram_quantile(0.99, sum by (api, le) (${rate('glasslog_request_duration_seconds_bucket')})))`,
              legend: '{{api}}',
              exemplars: true,
            },
          ],
        }),
        graph({
          title: 'Errors by API',
          description: "Errors that were answered, by Kafka's name of the error.",
          unit: UNIT.perSecond,
          width: 12,
          isStacked: true,
          queries: [
            {
              expr: sumBy('api, error', rate('glasslog_response_errors_total')),
              legend: '{{api}} {{error}}',
            },
          ],
        }),
        graph({
          title: 'Bytes by API',
          description: 'Bytes of requests and of responses.',
          unit: UNIT.bytesPerSecond,
          width: 12,
          queries: [
            {
              expr: sumBy('api', rate('glasslog_request_bytes_total')),
              legend: 'requests {{api}}',
            },
            {
              expr: sumBy('api', rate('glasslog_response_bytes_total')),
              legend: 'responses {{api}}',
            },
          ],
        }),
        table({
          title: 'Versions in use',
          description:
            'Requests by API and version: shows who still speaks an old one before it is taken away.',
          unit: UNIT.count,
          width: 12,
          labels: { request: 'API', version: 'Version' },
          sortBy: 'Requests',
          queries: [
            {
              legend: 'Requests',
              unit: UNIT.requestsPerSecond,
              expr: sumBy('request, version', rate('kafka_network_requestmetrics_requests_total')),
            },
          ],
        }),
      ],
    },
    {
      title: 'What clients report',
      panels: [
        graph({
          title: 'Request latency, as clients see it',
          description:
            'What clients measure from sending to the answer, network included. Clients report when a CLIENT_METRICS subscription asks them (KIP-714). Far above the latency here: look at the network, or at the client.',
          unit: UNIT.seconds,
          width: 8,
          queries: [
            {
              expr: `max by (client_id, role) (${of('glasslog_client_request_latency_avg_seconds')})`,
              legend: '{{client_id}} {{role}}',
            },
          ],
        }),
        graph({
          title: 'Time in the queue of producers',
          description:
            'How long records wait in the producer before they are sent. It grows when the producer sends more than it gets rid of.',
          unit: UNIT.seconds,
          width: 8,
          queries: [
            {
              expr: `max by (client_id) (${of('glasslog_client_record_queue_time_avg_seconds')})`,
              legend: '{{client_id}}',
            },
          ],
        }),
        graph({
          title: 'Rebalances, as consumers see them',
          description: 'Time that consumers spent in rebalances, of each second.',
          unit: UNIT.ratio,
          width: 8,
          queries: [
            {
              expr: sumBy('client_id', rate('glasslog_client_rebalance_seconds_total')),
              legend: '{{client_id}}',
            },
          ],
        }),
        graph({
          title: 'Reports',
          description:
            'Reports of clients by what they were answered. Anything but NONE is refused.',
          unit: UNIT.perSecond,
          width: 12,
          queries: [
            {
              expr: sumBy('result', rate('glasslog_client_metrics_pushes_total')),
              legend: '{{result}}',
            },
          ],
        }),
        graph({
          title: 'Clients that report',
          description: 'Clients whose reports are held now.',
          unit: UNIT.count,
          width: 12,
          queries: [{ expr: of('glasslog_client_metrics_instances'), legend: '{{instance}}' }],
        }),
      ],
    },
    {
      title: 'Quotas',
      panels: [
        graph({
          title: 'Time held, by quota',
          description:
            'Seconds each second that clients were told to wait. One: a client is held all the time.',
          unit: UNIT.ratio,
          width: 12,
          queries: [
            {
              expr: sumBy('quota, entity', rate('glasslog_quota_throttle_seconds_total')),
              legend: '{{quota}} {{entity}}',
            },
          ],
          limits: { warning: 0.5 },
        }),
        graph({
          title: 'Time held, by topic',
          description: 'The same for throttles of topics.',
          unit: UNIT.ratio,
          width: 12,
          queries: [
            {
              expr: sumBy('quota, topic', rate('glasslog_topic_quota_throttle_seconds_total')),
              legend: '{{quota}} {{topic}}',
            },
          ],
          drillDown: {
            title: 'This topic',
            board: BOARD.topics,
            variable: 'topic',
            label: 'topic',
          },
        }),
      ],
    },
  ],
}

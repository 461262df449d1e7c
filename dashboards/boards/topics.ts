import type { Board } from '../board/board.ts'
import { of, rate, sumBy } from '../board/expressions.ts'
import { graph, stat, table, UNIT } from '../board/panel.ts'
import { INSTANCE, TOPIC } from '../board/variables.ts'
import { BOARD } from './uids.ts'

const CHOSEN = 'topic=~"$topic"'
const TRAFFIC = 'kafka_server_brokertopicmetrics'

/** What goes through each topic, what it keeps, and how it is written. */
export const topics: Board = {
  uid: BOARD.topics,
  title: 'Glasslog / Topics',
  description: 'What goes through each topic, what it keeps, and how it is written.',
  variables: [INSTANCE, TOPIC],
  rows: [
    {
      title: 'Topics',
      panels: [
        stat({
          title: 'Topics',
          description: 'Topics that were chosen above.',
          unit: UNIT.count,
          width: 4,
          query: { expr: `count(${of('kafka_topic_partitions', CHOSEN)})`, legend: 'topics' },
        }),
        stat({
          title: 'Partitions',
          description: 'Their partitions.',
          unit: UNIT.count,
          width: 4,
          query: { expr: sumBy('', of('kafka_topic_partitions', CHOSEN)), legend: 'partitions' },
        }),
        stat({
          title: 'Kept',
          description: 'Bytes of record batches that they keep, compressed as they are.',
          unit: UNIT.bytes,
          width: 4,
          query: { expr: sumBy('', of('kafka_log_log_size', CHOSEN)), legend: 'kept' },
        }),
        stat({
          title: 'Records in',
          description: 'Records appended each second.',
          unit: UNIT.recordsPerSecond,
          width: 4,
          query: {
            expr: sumBy('', rate(`${TRAFFIC}_messagesin_total`, CHOSEN)),
            legend: 'records',
          },
        }),
        stat({
          title: 'Writes refused',
          description: 'Bytes of batches that were refused: damaged, too large, or not allowed.',
          unit: UNIT.bytesPerSecond,
          width: 4,
          query: {
            expr: sumBy('', rate(`${TRAFFIC}_bytesrejected_total`, CHOSEN)),
            legend: 'refused',
          },
          limits: { warning: 1 },
        }),
        stat({
          title: 'Deleted, restorable',
          description:
            'Bytes of deleted topics that can still be brought back, and that a purge would give free.',
          unit: UNIT.bytes,
          width: 4,
          query: { expr: sumBy('', of('glasslog_deleted_topics_bytes')), legend: 'deleted' },
        }),
        table({
          title: 'By topic',
          description:
            'All that were chosen, by what comes in. A click on a name narrows the board to it.',
          unit: UNIT.count,
          width: 24,
          labels: { topic: 'Topic' },
          sortBy: 'Bytes in',
          queries: [
            {
              legend: 'Partitions',
              unit: UNIT.count,
              expr: sumBy('topic', of('kafka_topic_partitions', CHOSEN)),
            },
            {
              legend: 'Kept',
              unit: UNIT.bytes,
              expr: sumBy('topic', of('kafka_log_log_size', CHOSEN)),
            },
            {
              legend: 'Records in',
              unit: UNIT.recordsPerSecond,
              expr: sumBy('topic', rate(`${TRAFFIC}_messagesin_total`, CHOSEN)),
            },
            {
              legend: 'Bytes in',
              unit: UNIT.bytesPerSecond,
              expr: sumBy('topic', rate(`${TRAFFIC}_bytesin_total`, CHOSEN)),
            },
            {
              legend: 'Bytes out',
              unit: UNIT.bytesPerSecond,
              expr: sumBy('topic', rate(`${TRAFFIC}_bytesout_total`, CHOSEN)),
            },
            {
              legend: 'Compression',
              unit: UNIT.count,
              expr: `max by (topic) (${of('glasslog_topic_compression_ratio', CHOSEN)})`,
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
    {
      title: 'Traffic',
      panels: [
        traffic(
          'Bytes in by topic',
          'Batches as producers sent them.',
          'bytesin',
          UNIT.bytesPerSecond,
        ),
        traffic(
          'Bytes out by topic',
          'Batches sent to consumers: with several groups, several times what came in.',
          'bytesout',
          UNIT.bytesPerSecond,
        ),
        traffic(
          'Records in by topic',
          'Records appended by producers.',
          'messagesin',
          UNIT.recordsPerSecond,
        ),
        graph({
          title: 'Requests',
          description:
            'Produce and Fetch requests that named the topic. Many requests with few records: batches are too small, look at linger.ms.',
          unit: UNIT.requestsPerSecond,
          width: 12,
          queries: [
            {
              expr: sumBy('topic', rate(`${TRAFFIC}_totalproducerequests_total`, CHOSEN)),
              legend: 'produce {{topic}}',
            },
            {
              expr: sumBy('topic', rate(`${TRAFFIC}_totalfetchrequests_total`, CHOSEN)),
              legend: 'fetch {{topic}}',
            },
          ],
        }),
        graph({
          title: 'Requests that failed',
          description: 'Produce and Fetch requests of the topic that were answered with an error.',
          unit: UNIT.requestsPerSecond,
          width: 12,
          queries: [
            {
              expr: sumBy('topic', rate(`${TRAFFIC}_failedproducerequests_total`, CHOSEN)),
              legend: 'produce {{topic}}',
            },
            {
              expr: sumBy('topic', rate(`${TRAFFIC}_failedfetchrequests_total`, CHOSEN)),
              legend: 'fetch {{topic}}',
            },
          ],
          limits: { warning: 1 },
        }),
      ],
    },
    {
      title: 'Batches',
      panels: [
        graph({
          title: 'Batches by compression',
          description: 'Who compresses, and with what.',
          unit: UNIT.perSecond,
          width: 8,
          isStacked: true,
          queries: [
            {
              expr: sumBy('compression', rate('glasslog_topic_batches_total', CHOSEN)),
              legend: '{{compression}}',
            },
          ],
        }),
        graph({
          title: 'Records in a batch',
          description: 'Mean number of records in a batch. Below ten a broker works for headers.',
          unit: UNIT.records,
          width: 8,
          queries: [
            {
              expr: `${sumBy('topic', rate(`${TRAFFIC}_messagesin_total`, CHOSEN))} / ${sumBy('topic', rate('glasslog_topic_batches_total', CHOSEN))}`,
              legend: '{{topic}}',
            },
          ],
        }),
        graph({
          title: 'Conversions of old formats',
          description:
            'Records that were converted from or to the message formats of clients before 0.11. They cost memory and time: find these clients on the clients board.',
          unit: UNIT.recordsPerSecond,
          width: 8,
          queries: [
            {
              expr: sumBy('topic', rate(`${TRAFFIC}_producemessageconversions_total`, CHOSEN)),
              legend: 'produce {{topic}}',
            },
            {
              expr: sumBy('topic', rate(`${TRAFFIC}_fetchmessageconversions_total`, CHOSEN)),
              legend: 'fetch {{topic}}',
            },
          ],
          drillDown: { title: 'Clients', board: BOARD.clients },
        }),
      ],
    },
    {
      title: 'Partitions',
      panels: [
        graph({
          title: 'Kept by partition',
          description:
            'Bytes that each partition keeps. One that is much larger than its neighbours: keys are not spread evenly.',
          unit: UNIT.bytes,
          width: 12,
          queries: [
            {
              expr: `topk(20, ${sumBy('topic, partition', of('kafka_log_log_size', CHOSEN))})`,
              legend: '{{topic}}-{{partition}}',
            },
          ],
        }),
        graph({
          title: 'Records that can be read',
          description: 'From the first offset to the high watermark.',
          unit: UNIT.records,
          width: 12,
          queries: [
            {
              expr: `topk(20, ${sumBy('topic, partition', `${of('kafka_topic_partition_current_offset', CHOSEN)} - ${of('kafka_topic_partition_oldest_offset', CHOSEN)}`)})`,
              legend: '{{topic}}-{{partition}}',
            },
          ],
        }),
      ],
    },
  ],
}

function traffic(title: string, description: string, name: string, unit: 'binBps' | 'recps') {
  return graph({
    title,
    description: `${description} The twenty busiest topics.`,
    unit,
    width: 8,
    isStacked: true,
    queries: [
      {
        expr: `topk(20, ${sumBy('topic', rate(`${TRAFFIC}_${name}_total`, CHOSEN))})`,
        legend: '{{topic}}',
      },
    ],
  })
}

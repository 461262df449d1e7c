import type { Board } from '../board/board.ts'
import { of, orZero, rate, sumBy } from '../board/expressions.ts'
import { graph, stat, UNIT } from '../board/panel.ts'
import { INSTANCE } from '../board/variables.ts'
import { BOARD } from './uids.ts'

/** Who tried to get in, what was refused, and whether the history of control operations is sound. */
export const security: Board = {
  uid: BOARD.security,
  title: 'Glasslog / Security and audit',
  description:
    'Who tried to get in, what was refused, and whether the history of control operations is signed and published.',
  variables: [INSTANCE],
  rows: [
    {
      title: 'Now',
      panels: [
        stat({
          title: 'Logins failed, last hour',
          description:
            'Logins that failed, of Kafka clients and at the admin port. The history has one record a minute for each address, with the name if somebody has it.',
          unit: UNIT.count,
          width: 4,
          query: {
            expr: orZero(
              sumBy('', `increase(${of('glasslog_logins_total', 'result!="success"')}[1h])`),
            ),
            legend: 'failed',
          },
          limits: { warning: 1, bad: 100 },
        }),
        stat({
          title: 'Access refused, last hour',
          description: 'Requests that the authorizer refused.',
          unit: UNIT.count,
          width: 4,
          query: {
            expr: orZero(sumBy('', `increase(${of('glasslog_denials_total')}[1h])`)),
            legend: 'refused',
          },
          limits: { warning: 1, bad: 1_000 },
        }),
        stat({
          title: 'Next certificate expires in',
          description:
            'The certificate of a listener that ends first. New ones are read without a restart.',
          unit: UNIT.duration,
          width: 4,
          query: {
            expr: `min(${of('glasslog_tls_certificate_expiry_timestamp_seconds')}) - time()`,
            legend: 'left',
          },
          limits: { warning: 2_592_000, bad: 604_800, descending: true },
        }),
        stat({
          title: 'Records of the history',
          description:
            'Control operations since the first start, refused ones too. It never shrinks.',
          unit: UNIT.records,
          width: 4,
          query: { expr: sumBy('', of('glasslog_history_records')), legend: 'records' },
        }),
        stat({
          title: 'Newest checkpoint',
          description:
            'Age of the newest signed checkpoint. It may be old where nothing has happened since.',
          unit: UNIT.duration,
          width: 4,
          query: {
            expr: `time() - max(${of('glasslog_history_checkpoint_timestamp_seconds')})`,
            legend: 'age',
          },
        }),
        stat({
          title: 'Unsigned for',
          description: 'Time for which there have been records that no checkpoint covers.',
          unit: UNIT.duration,
          width: 4,
          query: { expr: `max(${of('glasslog_history_unsigned_seconds')})`, legend: 'unsigned' },
          limits: { warning: 60, bad: 600 },
        }),
      ],
    },
    {
      title: 'Getting in',
      panels: [
        graph({
          title: 'Logins',
          description:
            'Logins by mechanism and result, re-authentications included; http-token and http-password are at the admin port.',
          unit: UNIT.perSecond,
          width: 8,
          queries: [
            {
              expr: sumBy('mechanism, result', rate('glasslog_logins_total')),
              legend: '{{mechanism}} {{result}}',
            },
          ],
        }),
        graph({
          title: 'Refused by the authorizer',
          description: 'By what was asked for and of what.',
          unit: UNIT.perSecond,
          width: 8,
          isStacked: true,
          queries: [
            {
              expr: sumBy('operation, resource', rate('glasslog_denials_total')),
              legend: '{{operation}} {{resource}}',
            },
          ],
        }),
        graph({
          title: 'Connections ended, by reason',
          description:
            'Failed logins, limits and frames that no client of Kafka sends end a connection.',
          unit: UNIT.perSecond,
          width: 8,
          isStacked: true,
          queries: [
            {
              expr: sumBy('reason', rate('glasslog_connections_closed_total')),
              legend: '{{reason}}',
            },
          ],
          drillDown: { title: 'Clients', board: BOARD.clients },
        }),
      ],
    },
    {
      title: 'History',
      panels: [
        graph({
          title: 'Records, signed and published',
          description:
            'The lines lie on each other when everything is well: every record is signed, and every signed one is known outside.',
          unit: UNIT.records,
          width: 8,
          queries: [
            { expr: of('glasslog_history_records'), legend: 'records {{instance}}' },
            { expr: of('glasslog_history_signed_records'), legend: 'signed {{instance}}' },
            { expr: of('glasslog_history_published_records'), legend: 'published to {{target}}' },
          ],
        }),
        graph({
          title: 'Failures of signing and publishing',
          description:
            'Checkpoints that could not be written or published, and records that could not be pushed.',
          unit: UNIT.perSecond,
          width: 8,
          queries: [
            { expr: sumBy('', rate('glasslog_history_sign_failures_total')), legend: 'signing' },
            {
              expr: sumBy('target', rate('glasslog_history_publish_failures_total')),
              legend: 'publishing to {{target}}',
            },
            { expr: sumBy('', rate('glasslog_history_push_failures_total')), legend: 'pushing' },
          ],
          limits: { warning: 0.01 },
        }),
        graph({
          title: 'Records not pushed yet',
          description: 'Records that the other system (SIEM, syslog) does not have yet.',
          unit: UNIT.records,
          width: 8,
          queries: [{ expr: of('glasslog_history_push_queue_records'), legend: '{{instance}}' }],
        }),
      ],
    },
    {
      title: 'Events',
      panels: [
        graph({
          title: 'Events by kind',
          description:
            'What an operator may ask about: limits, damage, rebalances, certificates. GET /v1/events has each with what to do.',
          unit: UNIT.perSecond,
          width: 24,
          isStacked: true,
          queries: [{ expr: sumBy('kind', rate('glasslog_events_total')), legend: '{{kind}}' }],
        }),
      ],
    },
  ],
}

import type { LimitKind } from '../../quotas/index.ts'
import type { Family, Sample } from '../family.ts'
import type { QuotaRow, QuotaView } from '../view/quota-view.ts'

const MOVED_BY = 'broker/telemetry/families/kafka-quotas.test.ts'

/** Tokens of a request quota are milliseconds in a second; Kafka shows a percentage of one thread. */
const MS_PER_PERCENT = 10

/** Kafka's names of what a quota is on, in its beans `kafka.server:type=NAME,user=...,client-id=...`. */
const RESOURCES: readonly (readonly [LimitKind, resource: string])[] = [
  ['producer_byte_rate', 'Produce'],
  ['consumer_byte_rate', 'Fetch'],
  ['request_percentage', 'Request'],
  ['controller_mutation_rate', 'ControllerMutation'],
]

interface QuotaSources {
  readonly quotaView: QuotaView
}

type Read = (row: QuotaRow) => number

const perSecond: Read = (row) => row.perSecond
const percent: Read = (row) => row.perSecond / MS_PER_PERCENT
const throttleMs: Read = (row) => (row.holds === 0 ? 0 : row.heldMs / row.holds)

const BYTE_RATE = 'Bytes a second of clients under a quota, over the last seconds'
const REQUEST_TIME =
  'Percentage of the thread that serves requests, of clients under a quota, over the last seconds'
const THROTTLE_TIME =
  'For how many milliseconds clients were held when they were, on average over the last seconds; 0 when they were not'

/**
 * What clients take of their quotas, as jmx_exporter shows Kafka's beans: as `kafka_server_quota_*` by its example
 * configuration, and with the kind of the quota in the name by Confluent's, which its Kafka Quotas board reads.
 */
export function kafkaQuotaFamilies(sources: QuotaSources): readonly Family[] {
  const everywhere = RESOURCES.map(([kind]) => kind)
  return [
    byResource(sources, 'byte_rate', `${BYTE_RATE}.`, perSecond, [
      'producer_byte_rate',
      'consumer_byte_rate',
    ]),
    byResource(sources, 'request_time', `${REQUEST_TIME}.`, percent, ['request_percentage']),
    byResource(
      sources,
      'mutation_rate',
      'Partitions created and deleted a second by clients under a quota, over the last seconds.',
      perSecond,
      ['controller_mutation_rate'],
    ),
    byResource(
      sources,
      'tokens',
      'Partitions that may be created or deleted without being held; negative for a debt.',
      ({ tokens }) => tokens,
      ['controller_mutation_rate'],
    ),
    byResource(sources, 'throttle_time', `${THROTTLE_TIME}.`, throttleMs, everywhere),
    ofKind(
      sources,
      'produce_byte_rate',
      `${BYTE_RATE} (Produce).`,
      perSecond,
      'producer_byte_rate',
    ),
    ofKind(sources, 'fetch_byte_rate', `${BYTE_RATE} (Fetch).`, perSecond, 'consumer_byte_rate'),
    ofKind(sources, 'request_request_time', `${REQUEST_TIME}.`, percent, 'request_percentage'),
    ofKind(
      sources,
      'produce_throttle_time',
      `${THROTTLE_TIME} (Produce).`,
      throttleMs,
      'producer_byte_rate',
    ),
    ofKind(
      sources,
      'fetch_throttle_time',
      `${THROTTLE_TIME} (Fetch).`,
      throttleMs,
      'consumer_byte_rate',
    ),
    ofKind(
      sources,
      'request_throttle_time',
      `${THROTTLE_TIME} (all requests).`,
      throttleMs,
      'request_percentage',
    ),
  ]
}

/** The kind of the quota is the label `resource`. */
function byResource(
  sources: QuotaSources,
  name: string,
  help: string,
  read: Read,
  kinds: readonly LimitKind[],
): Family {
  return {
    ...{ name: `kafka_server_quota_${name}`, type: 'gauge', help, dialect: 'total' },
    ...{ labels: ['resource', 'user', 'clientId'], movedBy: MOVED_BY },
    *samples(): Iterable<Sample> {
      for (const [kind, resource] of RESOURCES) {
        if (!kinds.includes(kind)) continue
        for (const row of sources.quotaView.rows(kind)) {
          const { user, clientId } = row
          yield { labels: { resource, user, clientId }, value: read(row) }
        }
      }
    },
  }
}

/** The kind of the quota is in the name. */
function ofKind(
  sources: QuotaSources,
  name: string,
  help: string,
  read: Read,
  kind: LimitKind,
): Family {
  return {
    ...{ name: `kafka_server_${name}`, type: 'gauge', help, dialect: 'total' },
    ...{ labels: ['user', 'client_id'], movedBy: MOVED_BY },
    *samples(): Iterable<Sample> {
      for (const row of sources.quotaView.rows(kind)) {
        yield { labels: { user: row.user, client_id: row.clientId }, value: read(row) }
      }
    },
  }
}

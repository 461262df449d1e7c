import type { Quota } from '../../cluster/index.ts'
import { brokerNumber, onlyValue } from '../../cluster/index.ts'
import type { Check, InspectedCluster, Observation } from '../check.ts'
import { capacityOf, usedRatio } from '../disk-usage.ts'
import { bandOf, connectionsRatio } from '../health.ts'
import { bytes, fact, pathOf, percent, rounded } from './words.ts'

const NO_LIMIT = 2_147_483_647
/** A client that is held up that often within the time looked at is held up as a rule. */
const MANY_HOLDS = 20

export const CAPACITY_CHECKS: readonly Check[] = [
  {
    id: 'connections-near-limit',
    title: 'Connections near their limit',
    area: 'capacity',
    severity: 'important',
    looksAt:
      'Open connections against max.connections and the files that the process may open: Alarm above 80 %, Abnormal above 95 %.',
    verify: 'The indicator "connections" of the health is Healthy again.',
    *inspect(cluster) {
      const ratio = connectionsRatio(cluster)
      if (ratio === null || bandOf(ratio, 'full') === 'Healthy') return
      const limit = brokerNumber(cluster.configs, 'max.connections') ?? NO_LIMIT
      const open = onlyValue(cluster.readings.connections) ?? 0
      const roomy = Math.ceil((limit * 1.5) / 10) * 10
      yield {
        resource: { kind: 'cluster', name: 'connections' },
        severity: bandOf(ratio, 'full') === 'Abnormal' ? 'critical' : 'important',
        summary: `${open} connections are open: ${percent(ratio)} of what there may be.`,
        facts: [fact('connections', open), fact('used', ratio * 100, 'percent')],
        chart: {
          ...{ title: 'Open connections', unit: 'connections', reading: 'connections', labels: {} },
        },
        cause:
          'More clients than planned, or clients that open a connection for each task and do not close it.',
        remedy: {
          steps: [
            'See who holds connections: GET /v1/connections, and glasslog_client_connections by client id.',
            'Let applications share one producer and close what they do not need.',
            'If all of them are needed, raise max.connections, or the files that the process may open (ulimit -n) where those are what is short.',
          ],
          action:
            limit >= NO_LIMIT || bandOf(open / limit, 'full') === 'Healthy'
              ? null
              : {
                  description: `Raise max.connections from ${limit} to ${roomy}.`,
                  ...{ method: 'PATCH', path: '/v1/configs' },
                  body: { configs: { 'max.connections': String(roomy) } },
                  reversible: true,
                },
        },
      }
    },
  },
  {
    id: 'disk-usage',
    title: 'The disk is filling',
    area: 'disk',
    severity: 'important',
    looksAt: 'What is in use of the capacity: Alarm above 80 %, Abnormal above 95 %.',
    verify: 'The indicator "disk" of the health is Healthy again.',
    *inspect({ disk }) {
      const ratio = usedRatio(disk)
      const capacity = capacityOf(disk)
      if (ratio === null || capacity === null || bandOf(ratio, 'full') === 'Healthy') return
      const grown = grownCapacity(disk)
      yield {
        resource: { kind: 'disk', name: 'data' },
        severity: bandOf(ratio, 'full') === 'Abnormal' ? 'critical' : 'important',
        summary: `${bytes(disk.usedBytes)} of ${bytes(capacity)} are in use: ${percent(ratio)}.`,
        facts: [
          fact('used', ratio * 100, 'percent'),
          fact('usedBytes', disk.usedBytes, 'bytes'),
          fact('capacityBytes', capacity, 'bytes'),
        ],
        chart: null,
        cause: 'Topics keep more than the disk was planned for; those with most bytes come first.',
        remedy: {
          steps: [
            'See which topics are large: GET /v1/topics?sort=size.',
            'Keep their records for less time (retention.ms, retention.bytes), or delete what nobody uses.',
            'Let the disk policy do it (PUT /v1/disk-policy), or give the broker more room.',
          ],
          action:
            grown === null
              ? null
              : {
                  description: `Let the broker use ${bytes(grown)} of its volume.`,
                  ...{ method: 'PUT', path: '/v1/disk-capacity', body: { capacityBytes: grown } },
                  reversible: true,
                },
        },
      }
    },
  },
  {
    id: 'produce-bandwidth',
    title: 'Producers near what the machine is meant to take',
    area: 'capacity',
    severity: 'important',
    looksAt:
      'The busiest minute of producing against monitor-capacity-produce-bytes-per-second: Alarm above 80 %, Abnormal above 100 %.',
    verify: 'The indicator "produce-bandwidth" of the health is Healthy again.',
    inspect: (cluster) =>
      bandwidth(cluster, {
        ...{ name: 'produce', reading: 'peakProduceBytes', quota: 'producer_byte_rate' },
        limit: cluster.settings.produceBytesPerSecond,
      }),
  },
  {
    id: 'consume-bandwidth',
    title: 'Consumers near what the machine is meant to give',
    area: 'capacity',
    severity: 'important',
    looksAt:
      'The busiest minute of consuming against monitor-capacity-consume-bytes-per-second: Alarm above 80 %, Abnormal above 100 %.',
    verify: 'The indicator "consume-bandwidth" of the health is Healthy again.',
    inspect: (cluster) =>
      bandwidth(cluster, {
        ...{ name: 'consume', reading: 'peakConsumeBytes', quota: 'consumer_byte_rate' },
        limit: cluster.settings.consumeBytesPerSecond,
      }),
  },
  {
    id: 'clients-throttled',
    title: 'A client is held up by its quota',
    area: 'capacity',
    severity: 'important',
    looksAt: `Clients that their quota held up at least ${MANY_HOLDS} times.`,
    verify: 'glasslog_quota_throttled_total of the client stands still.',
    *inspect({ readings, quotas }) {
      for (const { labels, value } of readings.throttled) {
        const { quota = '', entity = '' } = labels
        if (value < MANY_HOLDS) continue
        const held = readings.throttledSeconds.find((one) => one.labels.entity === entity)?.value
        const own = quotaOf(quotas, entity, quota)
        yield {
          resource: { kind: 'quota', name: `${entity} ${quota}` },
          summary: `${entity} was held up ${rounded(value)} times by ${quota}.`,
          facts: [fact('holds', value), fact('heldSeconds', held ?? 0, 'seconds')],
          chart: {
            ...{ title: `Holds of ${entity}`, unit: 'holds', reading: 'throttled' },
            labels: { entity, quota },
          },
          cause: 'The client sends or fetches more than its quota lets it.',
          remedy: {
            steps: [
              'Decide whether the client may have more: others share the machine with it.',
              'If it may, raise the quota by half and look again; else let it send in larger, compressed batches.',
            ],
            action:
              own === undefined
                ? null
                : {
                    description: `Raise ${quota} of ${own.id} to ${Math.ceil((own.limits[quota] ?? 0) * 1.5)}.`,
                    ...{ method: 'PUT', path: '/v1/quotas', reversible: true },
                    body: {
                      entity: own.entity,
                      limits: {
                        ...own.limits,
                        [quota]: Math.ceil((own.limits[quota] ?? 0) * 1.5),
                      },
                    },
                  },
          },
        }
      }
    },
  },
  {
    id: 'topic-throttled',
    title: 'A topic is held up by its throttle',
    area: 'capacity',
    severity: 'important',
    looksAt: `Topics whose throttle held clients up at least ${MANY_HOLDS} times.`,
    verify: 'glasslog_topic_quota_throttled_total of the topic stands still.',
    *inspect({ readings, topics }) {
      for (const { labels, value } of readings.topicThrottled) {
        const topic = topics.find(({ name }) => name === labels.topic)
        if (value < MANY_HOLDS || topic === undefined) continue
        const { producerByteRate, consumerByteRate } = topic.quota
        const wider = {
          producerByteRate: producerByteRate === null ? null : Math.ceil(producerByteRate * 2),
          consumerByteRate: consumerByteRate === null ? null : Math.ceil(consumerByteRate * 2),
        }
        yield {
          resource: { kind: 'topic', name: topic.name },
          summary: `Clients of ${topic.name} were held up ${rounded(value)} times by the throttle of the topic.`,
          facts: [fact('holds', value)],
          chart: {
            ...{ title: `Holds of ${topic.name}`, unit: 'holds', reading: 'topicThrottled' },
            labels: { topic: topic.name },
          },
          cause: 'All clients of the topic together want more than its throttle lets through.',
          remedy: {
            steps: [
              'See whether the throttle is meant to hold what comes now.',
              'If not, double it, or remove it: PUT /v1/topics/{topic}/quota.',
            ],
            action: {
              description: `Double the throttle of ${topic.name}.`,
              ...{ method: 'PUT', path: pathOf('topics', topic.name, '/quota'), body: wider },
              reversible: true,
            },
          },
        }
      }
    },
  },
  {
    id: 'partitions-near-limit',
    title: 'Partitions near their limit',
    area: 'capacity',
    severity: 'important',
    looksAt: 'Partitions of all topics against glasslog.partitions.max: from 80 %.',
    verify: 'GET /v1/cluster tells fewer partitions than 80 % of glasslog.partitions.max.',
    *inspect({ cluster, configs }) {
      const limit = brokerNumber(configs, 'glasslog.partitions.max')
      if (limit === null || cluster.partitions <= limit * 0.8) return
      const wider = Math.ceil(limit * 1.5)
      yield {
        resource: { kind: 'cluster', name: 'partitions' },
        summary: `There are ${cluster.partitions} of at most ${limit} partitions: creating topics will soon be refused.`,
        facts: [fact('partitions', cluster.partitions), fact('limit', limit)],
        chart: null,
        cause: 'Topics with more partitions than they need, or topics that nobody uses any more.',
        remedy: {
          steps: [
            'Delete topics that nobody uses: see the findings of unused-topic.',
            'If all are needed, raise glasslog.partitions.max; each partition takes memory and a file.',
          ],
          action: {
            description: `Raise glasslog.partitions.max from ${limit} to ${wider}.`,
            ...{ method: 'PATCH', path: '/v1/configs', reversible: true },
            body: { configs: { 'glasslog.partitions.max': String(wider) } },
          },
        },
      }
    },
  },
]

/** The quota that holds a user: their own, or the only one that has such a limit. */
function quotaOf(quotas: readonly Quota[], user: string, limit: string): Quota | undefined {
  const having = quotas.filter(({ limits }) => limits[limit] !== undefined)
  const own = having.find(({ entity }) => entity.user === user && entity.clientId === undefined)
  return own ?? (having.length === 1 ? having[0] : undefined)
}

interface Bandwidth {
  readonly name: 'produce' | 'consume'
  readonly reading: 'peakProduceBytes' | 'peakConsumeBytes'
  readonly quota: string
  /** 0 where nobody has said what the machine is meant for. */
  readonly limit: number
}

function* bandwidth(
  { readings }: InspectedCluster,
  { name, reading, quota, limit }: Bandwidth,
): Iterable<Observation> {
  const peak = onlyValue(readings[reading])
  if (peak === null || limit <= 0 || bandOf(peak / limit, 'traffic') === 'Healthy') return
  const share = peak / limit
  yield {
    resource: { kind: 'cluster', name: `${name}-bandwidth` },
    severity: bandOf(share, 'traffic') === 'Abnormal' ? 'critical' : 'important',
    summary: `The busiest minute was ${bytes(peak)} a second: ${percent(share)} of what is planned.`,
    facts: [
      fact('peakBytesPerSecond', peak, 'bytes/s'),
      fact('plannedBytesPerSecond', limit, 'bytes/s'),
    ],
    chart: { title: 'Busiest minute', unit: 'bytes/s', reading, labels: {} },
    cause:
      'Traffic has grown beyond what the machine was planned for, or a client replays much at once.',
    remedy: {
      steps: [
        'See which topics and clients it is: GET /v1/topics?sort=bytesIn, glasslog_client_received_bytes_total.',
        `Hold the greediest by a quota (${quota}), let producers compress, or plan a larger machine.`,
      ],
      action: null,
    },
  }
}

/** Half as much again, where the volume has that; null where it has not, or where there is no limit of ours. */
function grownCapacity({
  capacityBytes,
  usedBytes,
  freeBytes,
}: InspectedCluster['disk']): number | null {
  if (capacityBytes === null || freeBytes === null) return null
  const grown = Math.min(Math.ceil(capacityBytes * 1.5), usedBytes + freeBytes)
  return grown > capacityBytes * 1.1 ? grown : null
}

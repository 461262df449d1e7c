import type { GroupDetails } from '../../cluster/index.ts'
import { sumOf, sumsBy } from '../../cluster/index.ts'
import type { Check } from '../check.ts'
import { isBehind, OLDEST_GOOD_SOFTWARE } from './client-software.ts'
import { REFUSED_CLIENT_CHECKS } from './refused-clients.ts'
import { bytes, fact, ofTopic, percent, rounded } from './words.ts'

/** Below that many in the time looked at, five a second, nothing is said: it costs nobody anything, and no batch would form. */
const MANY_REQUESTS = 3_000
const FEW_RECORDS = 3
const SMALL_REQUEST_BYTES = 4_096
const MANY_BATCHES = 100
const COMPRESSIBLE_BYTES = 1024 * 1024
const CHURN = 100
const EMPTY_FETCH_BYTES = 16
/** A consumer with nothing to read asks twice a second, as most clients come; some four times. */
const IDLE_FETCHES_PER_SECOND = 5
const FAILED_REQUESTS = 10
const CONVERTED_RECORDS = 100
const COMMITS = 300
const RECORDS_PER_COMMIT = 5

/** Oldest version of a request that clients of the last years speak; what is below costs the broker more, and clients features. */
const OLD_REQUESTS: Readonly<Record<string, number>> = { Produce: 7, Fetch: 10 }

export const CLIENT_CHECKS: readonly Check[] = [
  {
    id: 'tiny-batches',
    title: 'Producers send tiny batches',
    area: 'clients',
    severity: 'important',
    looksAt: `Topics with at least ${MANY_REQUESTS} produce requests of fewer than ${FEW_RECORDS} records and ${bytes(SMALL_REQUEST_BYTES)} each.`,
    verify: 'Records for each produce request of the topic go up, requests go down.',
    *inspect({ readings }) {
      const records = sumsBy(readings.messagesIn, 'topic')
      const sent = sumsBy(readings.bytesIn, 'topic')
      for (const [topic, requests] of sumsBy(readings.produceRequests, 'topic')) {
        const perRequest = (records.get(topic) ?? 0) / requests
        const bytesPerRequest = (sent.get(topic) ?? 0) / requests
        if (requests < MANY_REQUESTS || perRequest >= FEW_RECORDS) continue
        if (bytesPerRequest >= SMALL_REQUEST_BYTES || perRequest === 0) continue
        yield {
          resource: ofTopic(topic),
          summary: `Producers of ${topic} send ${rounded(perRequest)} records and ${bytes(bytesPerRequest)} in each of ${rounded(requests)} requests.`,
          facts: [
            fact('requests', requests),
            fact('recordsPerRequest', perRequest),
            fact('bytesPerRequest', bytesPerRequest, 'bytes'),
          ],
          chart: {
            ...{ title: `Produce requests of ${topic}`, unit: 'requests' },
            ...{ reading: 'produceRequests', labels: { topic } },
          },
          cause:
            'linger.ms is 0 or a producer flushes after each record, so each record pays for a whole request.',
          remedy: {
            steps: [
              'Set linger.ms to 5 to 20 and batch.size to 64 KiB or more in the producers of the topic.',
              'Do not wait for each send, and do not flush after each record.',
              'With many keys and partitions, use the sticky partitioner (default since 2.4).',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'uncompressed-batches',
    title: 'Producers do not compress',
    area: 'clients',
    severity: 'advice',
    looksAt: `Topics that took at least ${bytes(COMPRESSIBLE_BYTES)} in at least ${MANY_BATCHES} batches, most of them uncompressed.`,
    verify: 'glasslog_topic_batches_total of the topic grows under another compression than none.',
    *inspect({ readings, topics }) {
      const sent = sumsBy(readings.bytesIn, 'topic')
      for (const [topic, batches] of sumsBy(readings.batches, 'topic')) {
        const plain = sumOf(readings.batches, { topic, compression: 'none' })
        const bytesIn = sent.get(topic) ?? 0
        const storedAs = topics.find(({ name }) => name === topic)?.configs['compression.type']
        if (batches < MANY_BATCHES || plain < batches / 2 || bytesIn < COMPRESSIBLE_BYTES) continue
        if (storedAs !== undefined && storedAs !== 'producer' && storedAs !== 'uncompressed')
          continue
        yield {
          resource: ofTopic(topic),
          summary: `${percent(plain / batches)} of ${rounded(batches)} batches of ${topic} are not compressed.`,
          facts: [
            fact('batches', batches),
            fact('uncompressed', (plain / batches) * 100, 'percent'),
            fact('bytesIn', bytesIn, 'bytes'),
          ],
          chart: {
            ...{ title: `Uncompressed batches of ${topic}`, unit: 'batches', reading: 'batches' },
            labels: { topic, compression: 'none' },
          },
          cause: 'compression.type of the producers is none, the default of most clients.',
          remedy: {
            steps: [
              'Set compression.type=zstd (or lz4 where processor time is short) in the producers: disk, network and memory shrink alike.',
              'Leave it where records are compressed already, as images are.',
              'Where producers cannot be changed, let the broker compress: compression.type of the topic.',
            ],
            action: {
              description: `Let the broker store ${topic} compressed by zstd.`,
              ...{ method: 'PATCH', path: `/v1/topics/${encodeURIComponent(topic)}` },
              ...{ body: { configs: { 'compression.type': 'zstd' } }, reversible: true },
            },
          },
        }
      }
    },
  },
  {
    id: 'old-protocol-versions',
    title: 'Clients speak old versions of the protocol',
    area: 'clients',
    severity: 'advice',
    looksAt: `Produce requests below version ${OLD_REQUESTS.Produce} and Fetch requests below version ${OLD_REQUESTS.Fetch}.`,
    verify: 'kafka_network_requestmetrics_requests_total of the old versions stands still.',
    *inspect({ readings }) {
      for (const [request, oldestGood] of Object.entries(OLD_REQUESTS)) {
        const old = readings.requestsByVersion.filter(
          ({ labels, value }) =>
            labels.request === request && Number(labels.version) < oldestGood && value >= 1,
        )
        const count = sumOf(old)
        if (count < 10) continue
        const versions = old.map(({ labels }) => labels.version).sort()
        yield {
          resource: { kind: 'client', name: `${request} v${versions.join(', v')}` },
          summary: `${rounded(count)} ${request} requests came in version ${versions.join(', ')}; clients since 2.1 speak ${oldestGood} or newer.`,
          facts: [fact('requests', count)],
          chart: {
            ...{ title: `Old ${request} requests`, unit: 'requests' },
            ...{ reading: 'requestsByVersion', labels: { request, version: versions[0] ?? '' } },
          },
          cause: 'An application was built with a client library of many years ago.',
          remedy: {
            steps: [
              'Find it: GET /v1/connections shows client ids and their software.',
              'Update its library: older versions convert messages, lack zstd, and miss fixes.',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'old-client-software',
    title: 'Outdated client libraries',
    area: 'clients',
    severity: 'advice',
    looksAt: `Connections of ${Object.entries(OLDEST_GOOD_SOFTWARE)
      .map(([name, version]) => `${name} below ${version}`)
      .join(', ')}.`,
    verify: 'glasslog_client_software_connections no longer has the old version.',
    *inspect({ readings }) {
      for (const { labels, value } of readings.softwareConnections) {
        const { software = '', version = '' } = labels
        const oldestGood = OLDEST_GOOD_SOFTWARE[software]
        if (value < 1 || oldestGood === undefined || !isBehind(version, oldestGood)) continue
        yield {
          resource: { kind: 'client', name: `${software} ${version}` },
          summary: `${value} connections are of ${software} ${version}, older than ${oldestGood}.`,
          facts: [fact('connections', value)],
          chart: {
            ...{ title: `Connections of ${software} ${version}`, unit: 'connections' },
            ...{ reading: 'softwareConnections', labels: { software, version } },
          },
          cause: 'The application has not been built anew for long.',
          remedy: {
            steps: [
              'Find the application by its client id: GET /v1/connections.',
              `Update ${software} to ${oldestGood} or newer and start it anew.`,
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'connection-churn',
    title: 'Clients connect again and again',
    area: 'clients',
    severity: 'important',
    looksAt: `At least ${CHURN} new connections, and five times as many as were ever open at once.`,
    verify: 'glasslog_connections_accepted_total grows slowly.',
    *inspect({ readings }) {
      const accepted = sumOf(readings.connectionsAccepted)
      const atOnce = Math.max(1, sumOf(readings.connectionsAtOnce))
      if (accepted < CHURN || accepted < atOnce * 5) return
      yield {
        resource: { kind: 'cluster', name: 'connections' },
        summary: `${rounded(accepted)} connections were made, and at most ${atOnce} were open at once.`,
        facts: [fact('accepted', accepted), fact('openAtOnce', atOnce)],
        chart: {
          ...{ title: 'Connections accepted', unit: 'connections' },
          ...{ reading: 'connectionsAccepted', labels: {} },
        },
        cause:
          'A client that is made for each message or request, a health check that speaks to the Kafka port, or a login that fails and is tried again.',
        remedy: {
          steps: [
            'Find the address: GET /v1/connections and GET /v1/events show who connects.',
            'Make one producer and one consumer for the life of the application.',
            'Hold what cannot be changed by connection_creation_rate of its address (PUT /v1/quotas).',
          ],
          action: null,
        },
      }
    },
  },
  {
    id: 'synchronous-sends',
    title: 'Producers wait for each record',
    area: 'clients',
    severity: 'advice',
    looksAt: `Topics with at least ${MANY_REQUESTS} produce requests, nearly all of exactly one record.`,
    verify: 'Records for each produce request of the topic go above one.',
    *inspect({ readings }) {
      const records = sumsBy(readings.messagesIn, 'topic')
      for (const [topic, requests] of sumsBy(readings.produceRequests, 'topic')) {
        const perRequest = (records.get(topic) ?? 0) / requests
        if (requests < MANY_REQUESTS || perRequest < 0.9 || perRequest > 1.05) continue
        yield {
          resource: ofTopic(topic),
          summary: `${rounded(requests)} requests to ${topic} carried one record each.`,
          facts: [fact('requests', requests), fact('recordsPerRequest', perRequest)],
          chart: {
            ...{ title: `Produce requests of ${topic}`, unit: 'requests' },
            ...{ reading: 'produceRequests', labels: { topic } },
          },
          cause:
            'The application calls send and waits for its answer before the next one (send().get(), a flush after each), so a record takes a whole round and no batch ever forms.',
          remedy: {
            steps: [
              'Send without waiting and look at results in a callback.',
              'Where order and errors matter, wait once for many sends; idempotence keeps the order with five requests in flight.',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'busy-polling',
    title: 'Consumers ask without end for nothing',
    area: 'clients',
    severity: 'advice',
    looksAt: `Topics with more than ${IDLE_FETCHES_PER_SECOND} fetch requests a second for each member of a group that reads them, which got less than ${EMPTY_FETCH_BYTES} bytes each.`,
    verify: 'Fetch requests of the topic go down.',
    *inspect({ readings, groups, windowMs }) {
      const given = sumsBy(readings.bytesOut, 'topic')
      const readers = readersOf(groups)
      const usual = (windowMs / 1000) * IDLE_FETCHES_PER_SECOND
      for (const [topic, requests] of sumsBy(readings.fetchRequests, 'topic')) {
        const each = (given.get(topic) ?? 0) / requests
        // Who reads without a group is not seen: one at least there must be.
        if (requests <= usual * (readers.get(topic) ?? 1) || each >= EMPTY_FETCH_BYTES) continue
        yield {
          resource: ofTopic(topic),
          summary: `${rounded(requests)} fetches of ${topic} brought ${rounded(each)} bytes each.`,
          facts: [fact('requests', requests), fact('bytesPerRequest', each, 'bytes')],
          chart: {
            ...{ title: `Fetch requests of ${topic}`, unit: 'requests' },
            ...{ reading: 'fetchRequests', labels: { topic } },
          },
          cause: 'fetch.max.wait.ms is near 0, or fetch.min.bytes is 1 with very many consumers.',
          remedy: {
            steps: [
              'Set fetch.max.wait.ms to 500, the default: the broker answers as soon as something comes.',
              'For throughput raise fetch.min.bytes.',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'failing-produce',
    title: 'Produce requests fail',
    area: 'clients',
    severity: 'important',
    looksAt: `Topics with at least ${FAILED_REQUESTS} failed produce requests, and at least 1 % of all.`,
    verify: 'kafka_server_brokertopicmetrics_failedproducerequests_total stands still.',
    *inspect({ readings }) {
      const all = sumsBy(readings.produceRequests, 'topic')
      for (const [topic, failed] of sumsBy(readings.failedProduceRequests, 'topic')) {
        const requests = Math.max(failed, all.get(topic) ?? 0)
        if (failed < FAILED_REQUESTS || failed < requests / 100) continue
        yield {
          resource: ofTopic(topic),
          summary: `${rounded(failed)} of ${rounded(requests)} produce requests to ${topic} failed.`,
          facts: [fact('failed', failed), fact('requests', requests)],
          chart: {
            ...{ title: `Failed produce requests of ${topic}`, unit: 'requests' },
            ...{ reading: 'failedProduceRequests', labels: { topic } },
          },
          cause:
            'Records larger than max.message.bytes, records without a key to a compacted topic, timestamps out of bounds, or a disk that takes no more.',
          remedy: {
            steps: [
              'See which error it is: glasslog_response_errors_total by api and error.',
              'MESSAGE_TOO_LARGE: lower max.request.size of the producer, or raise max.message.bytes of the topic.',
              'INVALID_RECORD: give records of compacted topics a key. CORRUPT_MESSAGE: look at the client and the network.',
            ],
            action: null,
          },
        }
      }
    },
  },
  ...REFUSED_CLIENT_CHECKS,
  {
    id: 'message-conversion',
    title: 'Messages are converted between old formats',
    area: 'clients',
    severity: 'advice',
    looksAt: `Topics with at least ${CONVERTED_RECORDS} records that were converted from or to message format 0 or 1.`,
    verify: 'kafka_server_brokertopicmetrics_producemessageconversions_total stands still.',
    *inspect({ readings }) {
      for (const [topic, records] of sumsBy(readings.conversions, 'topic')) {
        if (records < CONVERTED_RECORDS) continue
        yield {
          resource: ofTopic(topic),
          summary: `${rounded(records)} records of ${topic} were converted.`,
          facts: [fact('records', records)],
          chart: {
            ...{ title: `Converted records of ${topic}`, unit: 'records' },
            ...{ reading: 'conversions', labels: { topic } },
          },
          cause:
            'A client from before 0.11 produces or consumes: the broker decodes and writes anew what it else passes on.',
          remedy: {
            steps: [
              'Find the client: GET /v1/connections shows client ids and their software.',
              'Update its library to one that knows message format 2 (0.11 or newer).',
            ],
            action: null,
          },
        }
      }
    },
  },
  {
    id: 'frequent-commits',
    title: 'A consumer commits nearly every record',
    area: 'clients',
    severity: 'advice',
    looksAt: `Groups that committed at least ${COMMITS} times, for fewer than ${RECORDS_PER_COMMIT} records each.`,
    verify: 'glasslog_group_offset_commits_total of the group grows slowly.',
    *inspect({ readings, lags, windowMs }) {
      for (const [group, commits] of sumsBy(readings.commits, 'group')) {
        const lag = lags.find((one) => one.group === group)
        if (commits < COMMITS || lag === undefined) continue
        const consumed =
          lag.partitions.reduce((sum, { consumedPerSecond }) => sum + (consumedPerSecond ?? 0), 0) *
          (windowMs / 1000)
        const each = consumed / commits
        if (each >= RECORDS_PER_COMMIT) continue
        yield {
          resource: { kind: 'group', name: group },
          summary: `${group} committed ${rounded(commits)} times, about once for ${rounded(Math.max(1, each))} records.`,
          facts: [fact('commits', commits), fact('recordsPerCommit', each)],
          chart: {
            ...{ title: `Commits of ${group}`, unit: 'commits', reading: 'commits' },
            labels: { group },
          },
          cause:
            'The application commits after each record: every commit is a durable write and a round trip.',
          remedy: {
            steps: [
              'Commit once for each poll, or by time (auto.commit.interval.ms is 5000 by default).',
              'Where each record counts, make processing idempotent instead: a commit does not make it so.',
            ],
            action: null,
          },
        }
      }
    },
  },
]

/** Members of groups that have partitions of a topic, by the topic. */
function readersOf(groups: readonly GroupDetails[]): ReadonlyMap<string, number> {
  const readers = new Map<string, number>()
  for (const { memberList } of groups)
    for (const { assignment } of memberList)
      for (const { topic } of assignment) readers.set(topic, (readers.get(topic) ?? 0) + 1)
  return readers
}

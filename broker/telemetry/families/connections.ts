import type { ClientStats, ClientTable, ConnectionInfo } from '../../network/index.ts'
import type { Family, Sample } from '../family.ts'
import { OTHER } from '../settings.ts'

interface ConnectionSources {
  readonly connections: () => Iterable<ConnectionInfo>
  readonly clients: ClientTable
  /** Kinds of client software with a series of their own. */
  readonly maxClientSoftware: number
}

const MOVED_BY = 'test/e2e/metrics.test.ts'

/** Who is connected: by listener, by the software that clients name, by client id. */
export function connectionFamilies(sources: ConnectionSources): readonly Family[] {
  return [
    byListener(sources, 'glasslog_listener_connections', 'own'),
    byListener(sources, 'kafka_server_socket_server_metrics_connection_count', 'total'),
    {
      name: 'glasslog_client_software_connections',
      type: 'gauge',
      help: 'Open connections by the software that clients name (KIP-511); those that name none are unknown.',
      labels: ['software', 'version'],
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        yield* softwareOf(sources)
      },
    },
    {
      ...{ name: 'glasslog_client_connections', type: 'gauge', labels: ['client_id'] },
      help: 'Open connections by client id.',
      movedBy: MOVED_BY,
      samples: () => byClient(sources, ({ connections }) => connections),
    },
    byClientId(sources, 'requests', 'Requests by client id.', ({ requests }) => requests),
    byClientId(
      sources,
      'received_bytes',
      'Bytes of requests by client id.',
      ({ receivedBytes }) => receivedBytes,
    ),
    byClientId(
      sources,
      'sent_bytes',
      'Bytes of responses by client id.',
      ({ sentBytes }) => sentBytes,
    ),
  ]
}

/** Open connections whose client software has no series of its own. */
export function otherSoftwareConnections(sources: ConnectionSources): number {
  for (const { labels, value } of softwareOf(sources)) {
    if (typeof labels === 'object' && labels.software === OTHER) return value
  }
  return 0
}

function byListener(
  { connections }: ConnectionSources,
  name: string,
  dialect: 'own' | 'total',
): Family {
  return {
    ...{ name, type: 'gauge', labels: ['listener'], movedBy: MOVED_BY, dialect },
    help: 'Open connections by listener.',
    *samples(): Iterable<Sample> {
      const counts = new Map<string, number>()
      for (const { listener } of connections())
        counts.set(listener, (counts.get(listener) ?? 0) + 1)
      for (const [listener, value] of counts) yield { labels: { listener }, value }
    },
  }
}

/** The kinds with most connections; the others together. */
function* softwareOf({ connections, maxClientSoftware }: ConnectionSources): Iterable<Sample> {
  const counts = new Map<string, number>()
  for (const { softwareName, softwareVersion } of connections()) {
    const key = `${softwareName}\n${softwareVersion}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const most = [...counts].sort(([, a], [, b]) => b - a)
  for (const [key, value] of most.slice(0, maxClientSoftware)) {
    const [software = '', version = ''] = key.split('\n')
    yield { labels: { software, version }, value }
  }
  let others = 0
  for (const [, count] of most.slice(maxClientSoftware)) others += count
  if (others > 0) yield { labels: { software: OTHER, version: OTHER }, value: others }
}

function byClientId(
  sources: ConnectionSources,
  what: string,
  help: string,
  read: (client: ClientStats) => number,
): Family {
  return {
    name: `glasslog_client_${what}_total`,
    type: 'counter',
    help,
    labels: ['client_id'],
    movedBy: MOVED_BY,
    samples: () => byClient(sources, read),
  }
}

function* byClient(
  { clients }: ConnectionSources,
  read: (client: ClientStats) => number,
): Iterable<Sample> {
  for (const client of clients.all()) {
    yield { labels: { client_id: client.clientId }, value: read(client) }
  }
}

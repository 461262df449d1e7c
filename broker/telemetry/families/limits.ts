import type { Family, Sample } from '../family.ts'

interface LimitSources {
  /** `max.connections` as it is now, or what there are files for. */
  readonly maxConnections: () => number
  /** When the certificate of each listener with TLS ends, Unix time in ms. */
  readonly certificateEnds: () => ReadonlyMap<string, number>
}

const MOVED_BY = 'broker/telemetry/families/limits.test.ts'
/** Kafka's default, which no machine reaches: there is no limit then. */
const UNLIMITED = 0x7fff_ffff

/** What the broker will run into one day. */
export function limitFamilies(sources: LimitSources): readonly Family[] {
  return [
    {
      name: 'glasslog_connections_limit',
      type: 'gauge',
      help: 'Connections that max.connections allows, and the files that the process may have open; absent without a limit.',
      labels: [],
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        const value = sources.maxConnections()
        if (value < UNLIMITED) yield { labels: {}, value }
      },
    },
    {
      name: 'glasslog_tls_certificate_expiry_timestamp_seconds',
      type: 'gauge',
      help: 'When the certificate of a listener ends; only listeners with TLS.',
      labels: ['listener'],
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        for (const [listener, endMs] of sources.certificateEnds())
          yield { labels: { listener }, value: endMs / 1000 }
      },
    },
  ]
}

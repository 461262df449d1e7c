import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createSimTime } from '../kit/testing.ts'
import { brokerConfigs } from './control/index.ts'
import type { EventKind, EventReport } from './events/index.ts'
import { EventReporter, eventKinds } from './events/index.ts'
import { handlers } from './handlers/index.ts'
import type { CloseReason, NetworkSettings } from './network/index.ts'
import type { TestServer } from './network/testing.ts'
import { startTestServer } from './network/testing.ts'
import { brokerEventOf } from './network-events.ts'
import type { ListenerSecurity, SaslTerms } from './security/index.ts'
import type { Family, MetricSources } from './telemetry/index.ts'
import { metricFamilies } from './telemetry/index.ts'

/** Nobody logs in here: what is looked at happens before. */
const logins: SaslTerms = {
  mechanisms: ['PLAIN'],
  maxReauthMs: 0,
  now: () => 0,
  begin: () => {
    throw new Error('no login is begun')
  },
}
const sasl: ListenerSecurity = { protocol: 'SASL_PLAINTEXT', tls: null, sasl: logins }
/** A TLS handshake that its client never goes on with. */
const stuckTls: ListenerSecurity = {
  protocol: 'SSL',
  tls: {
    accept(socket, { failed }) {
      socket.once('close', () => failed('the connection was closed'))
    },
    reload: () => {},
  },
  sasl: null,
}

const LARGE = Buffer.from([0, 0, 16, 0])
const AFTER_MS = 5000

interface Limit {
  readonly config: string
  /** What the configuration is set to; the server's own property where it is set on a listener. */
  readonly settings: Partial<NetworkSettings>
  readonly maxConnectionsOnListener?: number
  readonly security?: ListenerSecurity
  /** Goes beyond the limit. */
  readonly exceed: (server: Exceeded) => Promise<void>
  readonly reason: CloseReason
  readonly event: EventKind
}

interface Exceeded {
  connect(): Socket
  advance(durationMs: number): Promise<void>
}

const twoConnections = async ({ connect: open }: Exceeded): Promise<void> => {
  open()
  open()
}
const largeFrame = async ({ connect: open }: Exceeded): Promise<void> => {
  open().write(LARGE)
}
const waitOnly = async ({ connect: open, advance }: Exceeded): Promise<void> => {
  open()
  await advance(AFTER_MS + 2000)
}

const limits: readonly Limit[] = [
  {
    ...{ config: 'max.connections', settings: { maxConnections: 1 }, exceed: twoConnections },
    ...{ reason: 'too-many-connections', event: 'connection-limit' },
  },
  {
    ...{ config: 'max.connections.per.ip', settings: { maxConnectionsPerIp: 1 } },
    ...{ exceed: twoConnections, reason: 'too-many-from-address' },
    event: 'address-connection-limit',
  },
  {
    config: 'max.connections.per.ip.overrides',
    settings: { maxConnectionsPerIpOverrides: ['127.0.0.1:1'] },
    ...{ exceed: twoConnections, reason: 'too-many-from-address' },
    event: 'address-connection-limit',
  },
  {
    ...{ config: 'glasslog.listener.max.connections', settings: {}, maxConnectionsOnListener: 1 },
    ...{ exceed: twoConnections, reason: 'too-many-on-listener' },
    event: 'listener-connection-limit',
  },
  {
    ...{ config: 'socket.request.max.bytes', settings: { socketRequestMaxBytes: 1000 } },
    ...{ exceed: largeFrame, reason: 'oversized-frame', event: 'frame-too-large' },
  },
  {
    ...{ config: 'sasl.server.max.receive.size', settings: { saslServerMaxReceiveSize: 1000 } },
    ...{ security: sasl, exceed: largeFrame, reason: 'oversized-frame', event: 'frame-too-large' },
  },
  {
    ...{ config: 'glasslog.login.timeout.ms', settings: { glasslogLoginTimeoutMs: AFTER_MS } },
    ...{ security: sasl, exceed: waitOnly, reason: 'login-timeout', event: 'login-timeout' },
  },
  {
    ...{ config: 'glasslog.login.timeout.ms', settings: { glasslogLoginTimeoutMs: AFTER_MS } },
    ...{ security: stuckTls, exceed: waitOnly, reason: 'login-timeout', event: 'login-timeout' },
  },
  {
    ...{ config: 'connections.max.idle.ms', settings: { connectionsMaxIdleMs: AFTER_MS } },
    ...{ exceed: waitOnly, reason: 'idle', event: 'idle-timeout' },
  },
]

const sockets: Socket[] = []
let running: TestServer | undefined
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await running?.server.stop(0)
})

function metric(families: readonly Family[], name: string, label: string): number | undefined {
  const family = families.find((one) => one.name === name)
  if (!family || family.type === 'histogram') return undefined
  return [...family.samples()].find(({ labels }) => Object.values(labels).includes(label))?.value
}

describe('each limit before a login', () => {
  it.each(limits)('has a config, a metric and an event: $config, $event', async (limit) => {
    expect(brokerConfigs.row(limit.config)).toBeDefined()
    expect(eventKinds[limit.event].configs).toContain(limit.config)

    const time = createSimTime()
    const reports: EventReport[] = []
    const events = new EventReporter({ ...time, sinks: [(report) => reports.push(report)] })
    const { security, settings, maxConnectionsOnListener } = limit
    running = await startTestServer({
      ...{ handlers, settings, ...time },
      ...(security && { security }),
      ...(maxConnectionsOnListener !== undefined && { maxConnectionsOnListener }),
    })
    const { server, port, events: seen } = running
    await limit.exceed({
      connect() {
        const socket = connect({ host: '127.0.0.1', port })
        socket.on('error', () => {})
        socket.resume()
        sockets.push(socket)
        return socket
      },
      async advance(durationMs) {
        await expect.poll(() => server.stats.openConnections).toBe(1)
        await time.advance(durationMs)
      },
    })
    await expect.poll(() => server.stats.closed[limit.reason]).toBe(1)
    for (const event of seen) {
      const told = brokerEventOf(event)
      if (told) events.report(told)
    }
    // A family looks at nothing but its own source.
    const families = metricFamilies({ requests: server.stats, events } as MetricSources)
    expect(metric(families, 'glasslog_connections_closed_total', limit.reason)).toBe(1)
    expect(metric(families, 'glasslog_events_total', limit.event)).toBe(1)
    expect(reports.map(({ kind, count }) => [kind, count])).toEqual([[limit.event, 1]])
    events.stop()
  })

  it('that an event names is looked at here', () => {
    const named = Object.values(eventKinds).flatMap(({ configs }) => configs)
    expect(limits.map(({ config }) => config)).toEqual(expect.arrayContaining(named))
  })
})

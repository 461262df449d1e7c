import type { Clock, Logger, Timers } from '../../kit/index.ts'
import { systemClock, systemTimers } from '../../kit/index.ts'
import type { BrokerServices, Handler, RequestTracer } from '../handlers/index.ts'
import { Quotas } from '../quotas/index.ts'
import type { ListenerSecurity } from '../security/index.ts'
import type { KafkaServer, NetworkEvent } from './kafka-server.ts'
import { createKafkaServer } from './kafka-server.ts'
import type { NetworkSettings } from './network-settings.ts'

/** What a server under test was built with, where a test does not care. */
export const testSettings: NetworkSettings = {
  socketRequestMaxBytes: 1024 * 1024,
  queuedMaxRequestBytes: 64 * 1024 * 1024,
  connectionsMaxIdleMs: 600_000,
  maxConnections: 100,
  maxConnectionsPerIp: 100,
  maxConnectionsPerIpOverrides: [],
  saslServerMaxReceiveSize: 64 * 1024,
  glasslogLoginTimeoutMs: 10_000,
  connectionFailedAuthenticationDelayMs: 0,
}

export interface TestServer {
  readonly server: KafkaServer
  readonly port: number
  /** Ends of connections, in order. */
  readonly events: NetworkEvent[]
  /** What was logged as an error. */
  readonly errors: object[]
}

interface TestServerOptions {
  readonly handlers: readonly Handler[]
  /** What the handlers under test touch of the broker; nothing when left out. */
  readonly services?: BrokerServices
  readonly settings?: Partial<NetworkSettings>
  readonly security?: ListenerSecurity
  readonly maxConnectionsOnListener?: number
  readonly clock?: Clock
  readonly timers?: Timers
  readonly tracer?: RequestTracer
}

/** A server with one listener on a free port of this machine. */
export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const events: NetworkEvent[] = []
  const errors: object[] = []
  const { security, maxConnectionsOnListener: maxConnections, tracer } = options
  const server = createKafkaServer({
    listeners: [
      {
        name: LISTENER,
        host: '127.0.0.1',
        port: 0,
        ...(security && { security }),
        ...(maxConnections !== undefined && { maxConnections }),
      },
    ],
    handlers: options.handlers,
    services: options.services ?? noServices(),
    settings: { ...testSettings, ...options.settings },
    clock: options.clock ?? systemClock,
    timers: options.timers ?? systemTimers,
    logger: errorCollector(errors),
    ...(tracer && { tracer }),
    onEvent: (event) => events.push(event),
  })
  await server.start()
  return { server, port: server.boundTo(LISTENER).port, events, errors }
}

const LISTENER = 'TEST'

/** Quotas, of which none is set: what the network itself asks. */
export function noServices(): BrokerServices {
  const state = { quotas: new Map(), quotaSeq: -1, topicsById: new Map() }
  return { quotas: new Quotas({ state, clock: systemClock }) } as BrokerServices
}

function errorCollector(errors: object[]): Logger {
  const ignore = (): void => {}
  const logger: Logger = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (fields) => errors.push(fields),
    child: () => logger,
  }
  return logger
}

import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import type { Disk, Logger, ServerTls, Timers } from '../kit/index.ts'
import { openServerTls } from '../kit/index.ts'

export interface ConsoleServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** A PEM file with key and certificates; null serves HTTP without TLS. */
  readonly tlsKeystore: string | null
}

export interface ConsoleServerPlatform {
  readonly disk: Disk
  readonly timers: Timers
  readonly logger: Logger
}

const MAX_CONNECTIONS = 500
const MAX_BODY_BYTES = 1024 * 1024
const HANDSHAKE_TIMEOUT_MS = 10_000
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
/** How often Node looks for those. */
const TIMEOUT_CHECK_MS = 5_000

/** The server of the console port, not listening yet. Throws a ConfigError when the key store is missing or of no use. */
export async function createConsoleApp(
  { tlsKeystore }: ConsoleServerOptions,
  platform: ConsoleServerPlatform,
): Promise<FastifyInstance> {
  const tls =
    tlsKeystore === null ? null : await openServerTls('console-tls-keystore', tlsKeystore, platform)
  const app = createApp(tls)
  app.server.maxConnections = MAX_CONNECTIONS
  if (tls !== null) {
    const stopFollowing = tls.follow(app.server as unknown as Parameters<ServerTls['follow']>[0])
    app.addHook('onClose', async () => stopFollowing())
  }
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_, body, done) => {
      done(null, body)
    },
  )
  return app
}

function createApp(tls: ServerTls | null): FastifyInstance {
  const common = {
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    requestTimeout: REQUEST_TIMEOUT_MS,
  }
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  }
  if (tls === null) return fastify({ ...common, http: limits })
  const https = {
    ...limits,
    key: tls.key,
    cert: tls.cert,
    minVersion: 'TLSv1.2',
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  } as const
  // The same instance to all who add routes; only its server speaks another protocol below.
  return fastify({ ...common, https }) as unknown as FastifyInstance
}

export function consoleUrl(
  { host, tlsKeystore }: Pick<ConsoleServerOptions, 'host' | 'tlsKeystore'>,
  port: number,
): string {
  const scheme = tlsKeystore === null ? 'http' : 'https'
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

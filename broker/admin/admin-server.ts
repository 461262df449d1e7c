import { Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { resourceKey } from '../../audit/index.ts'
import type { Disk } from '../../kit/index.ts'
import { createLogins } from './access/logins.ts'
import { createAdminApp } from './admin-app.ts'
import type { GivenServices } from './admin-services.ts'
import type { AdminApp } from './http/admin-plugin.ts'
import type { AdminTls } from './http/admin-tls.ts'
import { openAdminTls } from './http/admin-tls.ts'
import { TopicRates } from './rates/topic-rates.ts'

export interface AdminServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly rootToken: string
  /** A PEM file with key and certificates; null serves HTTP without TLS. */
  readonly tlsKeystore: string | null
  /** Names by which the port may be asked for on this machine without TLS. */
  readonly hostnames: readonly string[]
  readonly disk: Disk
  readonly services: GivenServices
}

/** The HTTP door: health, metrics, the admin API and the history. */
export interface AdminServer {
  readonly host: string
  readonly port: number
  readonly url: string
  stop(): Promise<void>
}

/** Connections at a time, beyond which new ones are closed at once. */
const MAX_CONNECTIONS = 1_000

/** Throws a ConfigError when the key store is missing. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { host, tlsKeystore, disk, services } = options
  const tls =
    tlsKeystore === null ? null : await openAdminTls(tlsKeystore, { disk, ...services.broker })
  const { app, close } = await createAdminDoor(options, tls)
  app.server.maxConnections = MAX_CONNECTIONS
  await app.listen({ host, port: options.port })
  const stopFollowing = app.server instanceof SecureServer ? tls?.follow(app.server) : undefined
  const { port } = app.server.address() as AddressInfo
  return {
    host,
    port,
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async stop() {
      stopFollowing?.()
      await close()
    },
  }
}

/** The admin port with all that it makes itself, not listening yet. */
export async function createAdminDoor(
  {
    rootToken,
    services,
    hostnames,
  }: Pick<AdminServerOptions, 'rootToken' | 'services' | 'hostnames'>,
  tls: AdminTls | null = null,
): Promise<{
  readonly app: AdminApp
  readonly close: () => Promise<void>
}> {
  const { broker } = services
  const { control, timers } = broker
  const rates = new TopicRates(broker)
  const { verifiers, ...logins } = createLogins(broker, rootToken)
  const app = await createAdminApp(
    {
      ...services,
      ...logins,
      rates,
      lastSeqOf: (resource) => control.resources.get(resourceKey(resource))?.seq,
    },
    {
      authentication: { verifiers, failedLogins: logins.failedLogins, control, timers },
      ...{ tls, hostnames },
    },
  )
  return {
    app,
    async close() {
      rates.stop()
      await app.close()
    },
  }
}

import type { AddressInfo } from 'node:net'
import { resourceKey } from '../../audit/index.ts'
import { createLogins } from './access/logins.ts'
import { createAdminApp } from './admin-app.ts'
import type { GivenServices } from './admin-services.ts'
import type { AdminApp } from './http/admin-plugin.ts'
import { TopicRates } from './rates/topic-rates.ts'

export interface AdminServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly rootToken: string
  readonly services: GivenServices
}

/** The HTTP door: health, metrics, the admin API and the history. */
export interface AdminServer {
  readonly host: string
  readonly port: number
  stop(): Promise<void>
}

/** Connections at a time, beyond which new ones are closed at once. */
const MAX_CONNECTIONS = 1_000

export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { host } = options
  const { app, close } = await createAdminDoor(options)
  app.server.maxConnections = MAX_CONNECTIONS
  await app.listen({ host, port: options.port })
  const { port } = app.server.address() as AddressInfo
  return { host, port, stop: close }
}

/** The admin port with all that it makes itself, not listening yet. */
export async function createAdminDoor({
  rootToken,
  services,
}: Pick<AdminServerOptions, 'rootToken' | 'services'>): Promise<{
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
    { verifiers, failedLogins: logins.failedLogins, control, timers },
  )
  return {
    app,
    async close() {
      rates.stop()
      await app.close()
    },
  }
}

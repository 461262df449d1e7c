import type { AddressInfo } from 'node:net'
import { FailedLogins } from './access/failed-logins.ts'
import { rootTokenVerifier } from './access/root-token.ts'
import { createAdminApp } from './admin-app.ts'
import type { AdminServices } from './admin-services.ts'
import { TopicRates } from './rates/topic-rates.ts'

export interface AdminServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly rootToken: string
  readonly services: Omit<AdminServices, 'rates'>
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
  const { host, rootToken } = options
  const { traffic, clock, timers } = options.services.broker
  const rates = new TopicRates({ traffic, clock, timers })
  const app = await createAdminApp({
    services: { ...options.services, rates },
    authentication: {
      verifiers: [rootTokenVerifier(rootToken)],
      failedLogins: new FailedLogins(clock),
      timers,
    },
  })
  app.server.maxConnections = MAX_CONNECTIONS
  await app.listen({ host, port: options.port })
  const { port } = app.server.address() as AddressInfo
  return {
    host,
    port,
    async stop() {
      rates.stop()
      await app.close()
    },
  }
}

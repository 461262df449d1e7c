import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Disk } from '../../kit/index.ts'
import { openServerTls } from '../../kit/index.ts'
import type { ReportEvent } from '../events/index.ts'
import { ADMIN_LISTENER } from './access/admin-listener.ts'
import type { AdminDoorOptions } from './admin-door.ts'
import { createAdminDoor } from './admin-door.ts'
import { closerOf, createHttpServer } from './http/http-server.ts'

export interface AdminServerOptions extends Omit<AdminDoorOptions, 'hostnames'> {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** A PEM file with key and certificates; null serves HTTP without TLS. */
  readonly tlsKeystore: string | null
  /** Names by which the port may be asked for on this machine without TLS. */
  readonly hostnames: readonly string[]
  readonly disk: Disk
  readonly report: ReportEvent
}

/** The HTTP door: health, metrics, the admin API and the history. */
export interface AdminServer {
  readonly host: string
  readonly port: number
  readonly url: string
  stop(): Promise<void>
}

/** Throws a ConfigError when the key store is missing. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { host, tlsKeystore, disk, services, report } = options
  const tls =
    tlsKeystore === null
      ? null
      : await openServerTls('admin-tls-keystore', tlsKeystore, { disk, ...services.broker })
  const door = createAdminDoor({ ...options, hostnames: tls ? null : options.hostnames })
  const server = createHttpServer(
    tls,
    (request, response) => door.handle(request, response),
    (address) => report({ kind: 'admin-connection-limit', address, listener: ADMIN_LISTENER }),
  )
  const closeServer = closerOf(server)
  try {
    server.listen({ host, port: options.port })
    await once(server, 'listening')
  } catch (error) {
    await closeServer()
    await door.close()
    throw error
  }
  server.on('error', (err) => services.broker.logger.error({ err }, 'the admin port failed'))
  const { port } = server.address() as AddressInfo
  let stopping: Promise<void> | undefined
  return {
    host,
    port,
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    stop() {
      stopping ??= stop()
      return stopping
    },
  }

  async function stop(): Promise<void> {
    await closeServer()
    await door.close()
  }
}

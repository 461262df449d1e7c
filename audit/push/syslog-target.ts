import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect as connectTcp, isIP } from 'node:net'
import { hostname } from 'node:os'
import { connect as connectTls } from 'node:tls'
import type { Timers } from '../../kit/index.ts'
import type { EventFormat } from '../events/format-event.ts'
import type { PushTarget } from './event-pusher.ts'
import { syslogMessage } from './syslog-message.ts'

export interface SyslogOptions {
  readonly transport: 'tcp' | 'tls' | 'udp'
  readonly host: string
  readonly port: number
  readonly format: EventFormat
  readonly origin: string
  readonly timers: Timers
}

const CONNECT_TIMEOUT_MS = 10_000
/** The largest datagram that UDP over IPv4 carries; longer messages are cut (RFC 5426, 3.2). */
const MAX_DATAGRAM_BYTES = 65_507

/**
 * Sends records to a syslog server: over TLS (RFC 5425) or TCP (RFC 6587) with octet counting, or
 * over UDP (RFC 5426). Syslog has no answers: taken means handed to the network, so what was on the
 * way when a connection broke may be missing, and over UDP anything may. A webhook knows better.
 */
export function syslogTarget(options: SyslogOptions): PushTarget {
  return options.transport === 'udp' ? datagramTarget(options) : streamTarget(options)
}

const nameOf = ({ transport, host, port }: SyslogOptions): string =>
  `${transport}://${host}:${port}`

function streamTarget(options: SyslogOptions): PushTarget {
  let socket: Socket | null = null

  async function connected(): Promise<Socket> {
    if (socket && !socket.destroyed) return socket
    socket = await open(options)
    return socket
  }

  return {
    name: nameOf(options),
    async send(records) {
      const frames = records.map((record) => {
        const message = Buffer.from(syslogMessage(record, { ...options, hostname: hostname() }))
        return Buffer.concat([Buffer.from(`${message.length} `), message])
      })
      const to = await connected()
      await new Promise<void>((resolve, reject) => {
        to.write(Buffer.concat(frames), (error) => (error ? reject(error) : resolve()))
      })
    },
    async close() {
      socket?.destroy()
    },
  }
}

async function open({ transport, host, port, timers }: SyslogOptions): Promise<Socket> {
  // A server is asked for by name alone (RFC 6066); its certificate is held to the address as well.
  const servername = isIP(host) === 0 ? { servername: host } : {}
  const socket =
    transport === 'tls' ? connectTls({ host, port, ...servername }) : connectTcp({ host, port })
  const cancel = timers.after(CONNECT_TIMEOUT_MS, () => {
    socket.destroy(new Error('the syslog server does not answer'))
  })
  try {
    await once(socket, transport === 'tls' ? 'secureConnect' : 'connect')
  } finally {
    cancel()
  }
  // The next write reports what broke; without a listener it would end the process.
  socket.on('error', () => {})
  socket.resume()
  return socket
}

function datagramTarget(options: SyslogOptions): PushTarget {
  const { host, port } = options
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.on('error', () => {})
  socket.unref()
  return {
    name: nameOf(options),
    async send(records) {
      for (const record of records) {
        const message = Buffer.from(syslogMessage(record, { ...options, hostname: hostname() }))
        const datagram = message.subarray(0, MAX_DATAGRAM_BYTES)
        await new Promise<void>((resolve, reject) => {
          socket.send(datagram, port, host, (error) => (error ? reject(error) : resolve()))
        })
      }
    },
    async close() {
      socket.close()
    },
  }
}

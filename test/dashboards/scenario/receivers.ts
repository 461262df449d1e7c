import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Somebody at the other end of notifications, spans and pushed records, who takes everything. */
export interface Receivers {
  /** For webhooks of alerts and for OTLP over HTTP. */
  readonly httpUrl: string
  /** For records of the history, as syslog by UDP. */
  readonly syslogPort: number
  close(): Promise<void>
}

export async function openReceivers(): Promise<Receivers> {
  const http = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end('{}')
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const syslog = createSocket('udp4')
  syslog.bind(0, '127.0.0.1')
  await once(syslog, 'listening')
  return {
    httpUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    syslogPort: syslog.address().port,
    async close() {
      http.close()
      http.closeAllConnections()
      syslog.close()
    },
  }
}

import type { Timers } from '../../kit/index.ts'
import type { EventFormat } from '../events/format-event.ts'
import type { PushTarget } from './event-pusher.ts'
import { syslogTarget } from './syslog-target.ts'
import { webhookTarget } from './webhook-target.ts'

export interface PushTargetOptions {
  /** `https://...` or `http://...` for a webhook, `tls://`, `tcp://` or `udp://HOST:PORT` for syslog. */
  readonly url: string
  readonly format: EventFormat
  readonly origin: string
  readonly authorization: string | null
  readonly timers: Timers
}

const SYSLOG_TRANSPORTS = ['tcp', 'tls', 'udp'] as const
/** The port of syslog over TLS; the others have 514. */
const TLS_PORT = 6514
const PORT = 514

/** Why an address cannot be pushed to; null when it can. */
export function pushUrlFault(url: string): string | null {
  if (!URL.canParse(url)) return `${JSON.stringify(url)} is not an address`
  const { protocol, hostname } = new URL(url)
  const scheme = protocol.slice(0, -1)
  if (hostname === '') return `${JSON.stringify(url)} names no host`
  const known: readonly string[] = ['http', 'https', ...SYSLOG_TRANSPORTS]
  return known.includes(scheme) ? null : `${scheme} is none of ${known.join(', ')}`
}

/** Throws a TypeError for an address that has a fault. */
export function pushTarget(options: PushTargetOptions): PushTarget {
  const fault = pushUrlFault(options.url)
  if (fault !== null) throw new TypeError(fault)
  const { protocol, hostname, port } = new URL(options.url)
  const transport = SYSLOG_TRANSPORTS.find((one) => `${one}:` === protocol)
  if (transport === undefined) return webhookTarget(options)
  return syslogTarget({
    ...options,
    transport,
    // Addresses of version 6 stand in brackets in a URL only.
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (transport === 'tls' ? TLS_PORT : PORT) : Number(port),
  })
}

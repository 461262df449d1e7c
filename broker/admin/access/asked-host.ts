import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { isLoopbackAddress } from '../../../kit/index.ts'
import type { AdminApp } from '../http/admin-plugin.ts'
import { Problem, sendProblem } from '../http/problem.ts'

/** A host with or without a port; an IPv6 address is in brackets (RFC 3986, section 3.2.2). */
const HOST = /^(?:\[(?<ipv6>[^\]]*)\]|(?<name>[^:]*))(?::\d*)?$/

/**
 * Whether `Host` is one by which the port may be asked for: an address, localhost, or one of these
 * names. A client without the header is no browser.
 */
export function isAskedFor(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined) return true
  const { ipv6, name } = HOST.exec(host)?.groups ?? {}
  if (ipv6 !== undefined) return isIP(ipv6) === 6
  if (name === undefined) return false
  const plain = name.toLowerCase().replace(/\.$/, '')
  return isIP(plain) === 4 || plain === 'localhost' || names.includes(plain)
}

/**
 * Refuses what a browser on this machine sends for another site whose name leads here by now (DNS
 * rebinding): to the browser that is one site, and its pages could read all that is open on
 * loopback. With TLS the certificate has the wrong name for that.
 */
export function refuseForeignHosts(app: AdminApp, hostnames: readonly string[]): void {
  const names = hostnames.map((name) => name.toLowerCase())
  app.addHook('onRequest', async (request, reply) => {
    if (!isOnLoopback(request) || isAskedFor(request.headers.host, names)) return
    const detail = 'ask for an address, localhost, or a name of admin-hostnames'
    return sendProblem(reply, new Problem('misdirected', detail))
  })
}

function isOnLoopback({ socket }: FastifyRequest): boolean {
  return isLoopbackAddress(socket.remoteAddress ?? '')
}

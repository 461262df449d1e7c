import { connect } from 'node:tls'
import type { Listener } from './entities.ts'
import { reachableHost } from './reachable-host.ts'

/** The certificate that a listener shows. */
export interface ListenerCertificate {
  readonly listener: string
  readonly notAfterMs: number
}

const TIMEOUT_MS = 5_000

/** Certificates as clients see them; a listener that shows none in time is left out. */
export async function gatherCertificates(
  listeners: readonly Listener[],
): Promise<readonly ListenerCertificate[]> {
  const found = await Promise.all(
    listeners.filter(({ protocol }) => protocol.endsWith('SSL')).map(certificateOf),
  )
  return found.filter((one) => one !== null)
}

function certificateOf({ name, host, port }: Listener): Promise<ListenerCertificate | null> {
  return new Promise((resolve) => {
    // Its end is what counts here, whoever has signed it.
    const socket = connect({
      host: reachableHost(host),
      port,
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
    })
    const end = (answer: ListenerCertificate | null): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('timeout', () => end(null))
    socket.once('error', () => end(null))
    socket.once('secureConnect', () => {
      const notAfterMs = Date.parse(socket.getPeerCertificate().valid_to)
      end(Number.isFinite(notAfterMs) ? { listener: name, notAfterMs } : null)
    })
  })
}

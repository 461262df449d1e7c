import { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { TlsMaterial } from './tls-acceptor.ts'

/**
 * When the certificate ends that others are shown, whatever store it lies in; null when there is none.
 * A PKCS12 store is opened by nobody but TLS itself, so one side of a connection is made, which leads
 * nowhere. Throws for a store that is of no use.
 */
export function certificateEndMs(material: TlsMaterial): number | null {
  const secureContext = createSecureContext(material)
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const socket = new TLSSocket(nowhere, { isServer: true, secureContext })
  try {
    const certificate = socket.getX509Certificate()
    return certificate ? Date.parse(certificate.validTo) : null
  } finally {
    socket.destroy()
    nowhere.destroy()
  }
}

import type { Socket } from 'node:net'
import type { SecureContextOptions, TLSSocket } from 'node:tls'
import { createSecureContext, createServer } from 'node:tls'
import type { Identity } from '../identity.ts'
import { ANONYMOUS, userPrincipal } from '../identity.ts'
import { distinguishedName } from './distinguished-name.ts'
import type { PrincipalMapper } from './principal-mapper.ts'

/** Whether clients show a certificate (`ssl.client.auth`). */
export type ClientAuth = 'none' | 'requested' | 'required'

export interface TlsTerms {
  readonly clientAuth: ClientAuth
  readonly mapper: PrincipalMapper
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3'
  /** OpenSSL's names, or empty for Node's own choice. */
  readonly ciphers: string
}

/** Keys and certificates, as bytes. */
export type TlsMaterial = Pick<SecureContextOptions, 'key' | 'cert' | 'pfx' | 'passphrase' | 'ca'>

/** Told once what came of a handshake. */
export interface HandshakeListener {
  secured(socket: TLSSocket, identity: Identity): void
  /** The socket is destroyed. */
  failed(detail: string): void
}

/** TLS in front of connections that were accepted elsewhere. */
export interface TlsAcceptor {
  accept(socket: Socket, listener: HandshakeListener): void
  /** For handshakes from now on; connections that are open go on. Throws when the material is not usable. */
  reload(material: TlsMaterial): void
}

/** Throws when the material is not usable. */
export function createTlsAcceptor(terms: TlsTerms, material: TlsMaterial): TlsAcceptor {
  const { clientAuth, minVersion, maxVersion, ciphers } = terms
  const fixed = { minVersion, maxVersion, ...(ciphers === '' ? {} : { ciphers }) }
  /** By both ends of the connection, which no two open ones share. */
  const underWay = new Map<string, HandshakeListener>()
  const settle = (ends: string): HandshakeListener | undefined => {
    const listener = underWay.get(ends)
    underWay.delete(ends)
    return listener
  }
  // It listens nowhere: sockets are handed to it, so that limits hold before the first byte of TLS.
  const server = createServer({
    ...material,
    ...fixed,
    requestCert: clientAuth !== 'none',
    rejectUnauthorized: clientAuth === 'required',
  })
  server.on('secureConnection', (socket) => {
    const listener = settle(endsOf(socket))
    const identity = identityOf(socket, terms)
    if (listener && 'principal' in identity) {
      listener.secured(socket, identity)
      return
    }
    socket.destroy()
    listener?.failed('fault' in identity ? identity.fault : 'the client hung up')
  })
  server.on('tlsClientError', (error, socket) => {
    const listener = settle(endsOf(socket))
    socket.destroy()
    listener?.failed(error.message)
  })
  return {
    accept(socket, listener) {
      const ends = endsOf(socket)
      underWay.set(ends, listener)
      socket.once('close', () => settle(ends)?.failed('the client hung up'))
      server.emit('connection', socket)
    },
    reload(next) {
      // A context of its own first: the server must keep the old one when this one is no good.
      createSecureContext({ ...next, ...fixed })
      server.setSecureContext({ ...next, ...fixed })
    },
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}

/** Whose certificate it is. One that is shown must be good, also where none is required. */
function identityOf(
  socket: TLSSocket,
  { clientAuth, mapper }: TlsTerms,
): Identity | { readonly fault: string } {
  if (clientAuth === 'none') return ANONYMOUS
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) return ANONYMOUS
  if (!socket.authorized) {
    return { fault: `the certificate is not trusted: ${socket.authorizationError}` }
  }
  const name = mapper.map(distinguishedName(certificate))
  if (name === null) return { fault: 'no rule maps the name of the certificate to a principal' }
  return { principal: userPrincipal(name), mechanism: 'SSL' }
}

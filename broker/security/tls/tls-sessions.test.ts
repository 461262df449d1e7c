import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo, Server } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CertificateAuthority } from '../../../test/support/certificates.ts'
import { createCertificateAuthority } from '../../../test/support/certificates.ts'
import { parsePrincipalRules } from './principal-mapper.ts'
import type { TlsAcceptor, TlsMaterial } from './tls-acceptor.ts'
import { createTlsAcceptor } from './tls-acceptor.ts'

let directory: string
let first: CertificateAuthority
let second: CertificateAuthority
let keystore: string
let alice: string
let bob: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'glasslog-sessions-'))
  first = createCertificateAuthority(directory, 'first')
  second = createCertificateAuthority(directory, 'second')
  keystore = first.issue('broker', '/CN=broker').pem
  alice = first.issue('alice', '/CN=alice').pem
  bob = second.issue('bob', '/CN=bob').pem
})
afterAll(() => rmSync(directory, { recursive: true }))

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('sessions of %s', (version) => {
  let acceptor: TlsAcceptor
  let server: Server

  const trusting = (...authorities: readonly CertificateAuthority[]): TlsMaterial => ({
    ...{ key: keystore, cert: keystore },
    ca: authorities.map(({ certificatePem }) => certificatePem),
  })

  beforeEach(async () => {
    const mapper = parsePrincipalRules('')
    if ('fault' in mapper) throw new Error(mapper.fault)
    const terms = { clientAuth: 'required', mapper, ciphers: '' } as const
    const versions = { minVersion: version, maxVersion: version }
    acceptor = createTlsAcceptor({ ...terms, ...versions }, trusting(first))
    server = createServer((socket) => {
      socket.on('error', () => {})
      acceptor.accept(socket, {
        secured: (secure, { principal }) => secure.end(principal),
        failed: () => {},
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => new Promise((resolve) => server.close(resolve)))

  /** What the broker says, and a session to come back with. Rejects when it hangs up. */
  function visit(options: ConnectionOptions): Promise<{
    readonly said: string
    readonly isReused: boolean
    readonly session: Buffer
  }> {
    const { port } = server.address() as AddressInfo
    const ca = first.certificatePem
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', ca, ...options })
      let said = ''
      let session = Buffer.alloc(0)
      let isReused = false
      socket.on('secureConnect', () => {
        isReused = socket.isSessionReused()
      })
      socket.on('session', (given) => {
        session = given
      })
      socket.on('data', (bytes: Buffer) => {
        said += bytes.toString()
      })
      socket.on('error', reject)
      socket.on('close', () => {
        if (said === '') reject(new Error('nothing was said'))
        else resolve({ said, isReused, session })
      })
    })
  }

  const as = (pem: string): ConnectionOptions => ({ key: pem, cert: pem })

  it('are taken up again, for whom they were begun', async () => {
    const { session } = await visit(as(alice))
    const again = await visit({ session })
    expect(again).toMatchObject({ said: 'User:CN=alice', isReused: true })
  })

  it('end when an authority is not trusted any more', async () => {
    const { session } = await visit(as(alice))
    acceptor.reload(trusting(second))
    expect((await visit(as(bob))).said).toBe('User:CN=bob')
    await expect(visit({ session })).rejects.toThrow()
    await expect(visit({ ...as(alice), session })).rejects.toThrow()
  })

  it('end when the certificate was renewed', async () => {
    const { session } = await visit(as(alice))
    acceptor.reload(trusting(first))
    await expect(visit({ session })).rejects.toThrow()
    const again = await visit({ ...as(alice), session })
    expect(again).toMatchObject({ said: 'User:CN=alice', isReused: false })
  })
})

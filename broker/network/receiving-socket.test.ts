import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo, Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { afterEach, expect, it } from 'vitest'
import { createCertificateAuthority } from '../../test/support/certificates.ts'
import { RECEIVE_BYTES, receivingSocket } from './receiving-socket.ts'

/**
 * That bytes come into memory of ours rests on what Node keeps inside of its sockets. Without it
 * everything still works, and costs the garbage collector what `receiving-socket.ts` says: nothing else
 * would show it.
 */

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

function plainServer(): Server {
  return createServer({ allowHalfOpen: true })
}

function tlsServer(): Server {
  const directory = mkdtempSync(join(tmpdir(), 'glasslog-receiving-'))
  cleanups.push(() => rmSync(directory, { recursive: true }))
  const { pem } = createCertificateAuthority(directory).issue('broker', '/CN=localhost')
  return createTlsServer({ key: pem, cert: pem })
}

async function dial(server: Server, isTls: boolean): Promise<Socket> {
  const { port } = server.address() as AddressInfo
  const host = '127.0.0.1'
  const socket = isTls
    ? connectTls({ host, port, rejectUnauthorized: false })
    : connect({ host, port })
  cleanups.push(() => socket.destroy())
  await once(socket, isTls ? 'secureConnect' : 'connect')
  return socket
}

it.each([
  ['a connection', false],
  ['a connection with TLS', true],
])(
  'bytes of %s come into the buffer that all share, or into that of the receiver',
  async (_, isTls) => {
    const server = isTls ? tlsServer() : plainServer()
    cleanups.push(() => server.close())
    const shared = Buffer.allocUnsafeSlow(RECEIVE_BYTES)
    const own = Buffer.allocUnsafeSlow(RECEIVE_BYTES)
    let space: Buffer | undefined
    let text = ''
    let lastInto: ArrayBufferLike | undefined
    server.on(isTls ? 'secureConnection' : 'connection', (accepted: Socket) => {
      const socket = receivingSocket(accepted, shared, {
        get space() {
          return space
        },
        receive(bytes) {
          text += bytes.toString()
          lastInto = bytes.buffer
        },
      })
      cleanups.push(() => socket.destroy())
      socket.on('error', () => {})
      socket.resume()
    })
    server.listen({ host: '127.0.0.1', port: 0 })
    await once(server, 'listening')
    const client = await dial(server, isTls)
    const sent = async (message: string): Promise<void> => {
      const expected = text + message
      client.write(message)
      await expect.poll(() => text).toBe(expected)
    }
    // What TLS deciphers with the end of the handshake may come as Node gives it.
    await sent('first')
    await sent('second')
    expect(lastInto === shared.buffer).toBe(true)
    // A read that is under way has its buffer already.
    space = own
    await sent('third')
    await sent('fourth')
    expect(lastInto === own.buffer).toBe(true)
  },
)

import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closerOf, createHttpServer, MAX_CONNECTIONS_OF_NETWORK } from './http-server.ts'

it('closes the connection of who sends no request, even if the client keeps its half open', async () => {
  const server = createHttpServer(null, (_, response) => response.end())
  const close = closerOf(server)
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection')
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  client.write('no HTTP\r\n\r\n')
  const [socket] = (await accepted) as [Socket]
  const closed = once(socket, 'close')
  await once(client.resume(), 'end')
  await closed
  expect(client.writable).toBe(true)
  client.destroy()
  await close()
})

describe('connections of one address', () => {
  const sockets: Socket[] = []
  const closed: Promise<unknown>[] = []
  const refused: string[] = []
  const server = createHttpServer(
    null,
    (_, response) => response.end('served'),
    (address) => refused.push(address),
  )
  const close = closerOf(server)
  let port = 0
  beforeAll(async () => {
    server.listen({ host: '127.0.0.1', port: 0 })
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => close())

  async function dial(host: string): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: host })
    socket.on('error', () => {})
    sockets.push(socket)
    closed.push(once(socket.resume(), 'close'))
    await once(socket, 'connect')
    return socket
  }

  const isServed = (host: string): Promise<boolean> =>
    new Promise((resolve) => {
      const asked = request({ port, host: '127.0.0.1', localAddress: host, agent: false })
      asked.on('response', (response) => resolve(response.resume().statusCode === 200))
      asked.on('error', () => resolve(false))
      asked.end()
    })

  it('are closed beyond their share, and nobody else is kept out (admin-connection-limit)', async () => {
    for (let n = 0; n < MAX_CONNECTIONS_OF_NETWORK; n++) await dial('127.0.0.1')
    expect(await isServed('127.0.0.1')).toBe(false)
    expect(refused).toEqual(['127.0.0.1'])
    expect(await isServed('127.0.0.2')).toBe(true)
  })

  it('have room again once some are gone', async () => {
    sockets[0]?.destroy()
    await closed[0]
    await expect.poll(() => isServed('127.0.0.1')).toBe(true)
  })

  it('in all are told as well when there are too many', async () => {
    const before = refused.length
    server.maxConnections = 10
    await dial('127.0.0.3')
    await expect.poll(() => refused.slice(before)).toEqual(['127.0.0.3'])
  })
})

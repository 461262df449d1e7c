import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { closerOf, createHttpServer } from './http-server.ts'

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

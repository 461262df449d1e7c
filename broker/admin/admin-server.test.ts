import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestAdmin } from '../../test/support/test-admin.ts'
import { startTestAdmin } from '../../test/support/test-admin.ts'
import type { AdminServer } from './admin-server.ts'
import { startAdminServer } from './admin-server.ts'

let admin: TestAdmin
let server: AdminServer

beforeAll(async () => {
  admin = await startTestAdmin()
})
afterAll(() => admin.stop())

async function start(): Promise<void> {
  server = await startAdminServer({
    ...{ host: '127.0.0.1', port: 0, rootToken: 'root', tlsKeystore: null, hostnames: [] },
    disk: admin.broker.disk,
    services: admin.services,
    report: admin.broker.events.report,
  })
}

it('answers requests that come before its routes are loaded, each on its own', async () => {
  await start()
  const headers = { authorization: 'Bearer root' }
  const [health, topics, nobody, nothing] = await Promise.all([
    fetch(`${server.url}/healthz`),
    fetch(`${server.url}/v1/topics`, { headers }),
    fetch(`${server.url}/v1/topics`),
    fetch(`${server.url}/v1/nothing`, { headers }),
  ])
  expect(await health.json()).toEqual({ status: 'alive' })
  expect(await topics.json()).toMatchObject({ topics: [{ name: '__audit' }, { name: '__events' }] })
  expect(nobody.status).toBe(401)
  expect(nothing.status).toBe(404)
  await server.stop()
})

it('answers what is no request with a problem, whether or not its routes are loaded', async () => {
  await start()
  const socket = connect(server.port, '127.0.0.1')
  socket.end('no HTTP\r\n\r\n')
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
  expect(answer).toContain('"code":"invalid-request"')
  await server.stop()
})

it('stops while requests wait for its routes', async () => {
  await start()
  const socket = connect(server.port, '127.0.0.1')
  socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
  const ended = text(socket).catch(() => 'cut off')
  await fetch(`${server.url}/healthz`)
  await server.stop()
  await server.stop()
  expect(await ended).toMatch(/alive|cut off/)
})

it('does not start on a port that is taken', async () => {
  await start()
  const { port } = server
  const again = startAdminServer({
    ...{ host: '127.0.0.1', port, rootToken: 'root', tlsKeystore: null, hostnames: [] },
    disk: admin.broker.disk,
    services: admin.services,
    report: admin.broker.events.report,
  })
  await expect(again).rejects.toThrow('EADDRINUSE')
  await server.stop()
})

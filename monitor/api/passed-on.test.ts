import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import { afterEach, expect, it } from 'vitest'
import { RemotePrometheus } from '../query/index.ts'
import { addRemoteApi } from './remote-api.ts'
import { addStoredApi } from './stored-api.ts'

/** Requests that other servers answer. */

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function app(): FastifyInstance {
  const made = fastify()
  cleanups.push(() => made.close())
  return made
}

it.each([401, 403])(
  'a Prometheus that answers %i lets in us no longer, and not the caller',
  async (status) => {
    const url = await serve((_, response) => response.writeHead(status).end('no'))
    const server = app()
    addRemoteApi(server, new RemotePrometheus({ url, authorization: 'Bearer old' }))
    const answer = await server.inject('/api/v1/query?query=up')
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({
      errorType: 'unavailable',
      error: 'the Prometheus of prometheus.url refuses prometheus.authorization',
    })
  },
)

it('a Prometheus is asked no longer than by whom the answer is for', async () => {
  const left = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const url = await serve(({ socket }) => {
    asked.resolve()
    socket.once('close', () => left.resolve())
  })
  const server = app()
  addRemoteApi(server, new RemotePrometheus({ url, authorization: null }))
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /api/v1/query?query=up HTTP/1.1\r\nHost: here\r\n\r\n')
  await asked.promise
  socket.destroy()
  await left.promise
})

it('a Prometheus is asked at its address alone, also where a request names a server', async () => {
  const asked: (string | undefined)[] = []
  const url = await serve(({ url: path }, response) => {
    asked.push(path)
    response.end('{}')
  })
  const server = app()
  addRemoteApi(server, new RemotePrometheus({ url, authorization: 'Bearer ours' }))
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  socket.write(
    'GET http://elsewhere/api/v1/query?query=up HTTP/1.1\r\nHost: elsewhere\r\nConnection: close\r\n\r\n',
  )
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /)
  expect(asked).toEqual(['/api/v1/query?query=up'])
})

it.each([
  ['goes away while it is asked', true],
  ['is not there', false],
])('a change of rules is refused when the broker %s', async (_, isThere) => {
  const url = await serve((request) => request.destroy())
  const server = app()
  addStoredApi(server, async () => (isThere ? { url, token: 'ours' } : null))
  const answer = await server.inject({ method: 'PUT', url: '/v1/rules/g', payload: { rules: [] } })
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toMatchObject({ code: 'broker-away' })
})

const HOOK = { url_secret: 'hook' }
it.each([
  ['contact-points/a', { settings: { webhok_configs: [HOOK] } }, 'a: webhok_configs: unknown key'],
  [
    'contact-points/a',
    { settings: { slack_configs: [{ api_url_secret: 'hook', text: '{{ nope }}' }] } },
    'a: slack_configs[0].text: function "nope" not defined',
  ],
  [
    'notification-policy',
    { policy: { route: { receiver: 'a', group_wait: 'soon' } } },
    'policy: route.group_wait: not a duration',
  ],
])('what the monitor could not use is not kept: %s %j', async (path, payload, fault) => {
  const asked: string[] = []
  const url = await serve((request) => asked.push(request.url ?? ''))
  const server = app()
  addStoredApi(server, async () => ({ url, token: 'ours' }))
  const answer = await server.inject({ method: 'PUT', url: `/v1/${path}`, payload })
  expect([answer.statusCode, answer.json().detail]).toEqual([400, expect.stringContaining(fault)])
  expect(asked).toEqual([])
})

it.each([
  ['contact-points/a', { settings: { webhook_configs: [HOOK] }, secrets: { hook: 'http://x/' } }],
  [
    'contact-points/a',
    {
      settings: {
        email_configs: [{ to_secret: 'people', from: 'a@b.c', smarthost: 'localhost:25' }],
      },
    },
  ],
  ['notification-policy', { policy: { route: { receiver: 'a', routes: [{ receiver: 'b' }] } } }],
])('what it can use goes on to the broker: %s %j', async (path, payload) => {
  const url = await serve((_, response) => response.end('{}'))
  const server = app()
  addStoredApi(server, async () => ({ url, token: 'ours' }))
  const answer = await server.inject({ method: 'PUT', url: `/v1/${path}`, payload })
  expect(answer.statusCode).toBe(200)
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { runCommand } from '../../../test/support/broker-process.ts'

const html = '<!doctype html>\n\n<p>\n\n'
const stream = 'text/event-stream; charset=utf-8'

it.each([
  { type: 'text/html', body: html },
  { type: stream, body: 'data: <p>\n\n' },
  { type: stream, body: 'data: {"hello":"world"}\n\n' },
  { type: stream, body: 'event: gap\ndata: {}\n\n' },
  { type: 'application/json', body: '{"events":[{}],"next":null}' },
])('events of what is no broker end with a reason: $type $body', async ({ type, body }) => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': type }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const there = ['--admin', `http://127.0.0.1:${port}`, '--token', 'x']
  for (const action of ['list', 'tail']) {
    const { code, stderr } = await runCommand('events', action, ...there)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^glasslog: [^\n]+\n$/)])
  }
  server.closeAllConnections()
  server.close()
})

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tokenProof } from '../kit/index.ts'
import { askAdmin, findAdmin } from './admin-client.ts'
import { findConsole } from './console-client.ts'
import { CommandFailure } from './exit-codes.ts'

describe('the broker of a data directory', () => {
  let dataDir: string
  let url: string
  let answer: RequestListener
  const seen: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers)
    answer(request, response)
  })

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'glasslog-client-'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await writeFile(join(dataDir, 'endpoints.json'), JSON.stringify({ admin: url }))
    await writeFile(join(dataDir, 'root.token'), 'the-token\n')
  })
  afterEach(async () => {
    seen.length = 0
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(dataDir, { recursive: true })
  })

  /** As a broker answers that has that token and listens there, or elsewhere. */
  const proving =
    (token: string, port?: number): RequestListener =>
    (request, response) => {
      const listensAt = port ?? request.socket.localPort ?? 0
      const challenge = String(request.headers['glasslog-challenge'])
      response.setHeader('glasslog-proof', tokenProof(token, challenge, listensAt)).end()
    }

  it('is the one that knows the token', async () => {
    answer = proving('the-token')
    expect(await findAdmin({ dataDir })).toEqual({ url, token: 'the-token' })
  })

  it.each([
    ['shows nothing', (_, response) => response.end('{"status":"alive"}')],
    ['knows another token', proving('another')],
    ['shows what was said at another port', proving('the-token', 1)],
    [
      'says what was said before',
      (_, response) =>
        response.setHeader('glasslog-proof', tokenProof('the-token', 'a challenge', 1)).end(),
    ],
  ] satisfies [string, RequestListener][])('is none that %s', async (_, listener) => {
    answer = listener
    expect(await findAdmin({ dataDir })).toBe(null)
    expect(seen).toHaveLength(1)
    expect(JSON.stringify(seen)).not.toContain('the-token')
  })

  it('gets a token that was found only once it shows that it knows it, also where it was named', async () => {
    answer = proving('the-token')
    expect(await findAdmin({ dataDir, admin: url })).toEqual({ url, token: 'the-token' })
    answer = proving('another')
    seen.length = 0
    await expect(findAdmin({ dataDir, admin: url })).rejects.toThrow('give --token')
    expect(JSON.stringify(seen)).not.toContain('the-token')
    const given = { dataDir, admin: url, token: 'given' }
    expect(await findAdmin(given)).toEqual({ url, token: 'given' })
  })

  it('is none that takes the connection and says nothing', async () => {
    answer = () => undefined
    expect(await findAdmin({ dataDir, proofTimeoutMs: 50 })).toBe(null)
    expect(seen).toHaveLength(1)
  })

  it('is none when nothing listens', async () => {
    await rm(join(dataDir, 'endpoints.json'))
    expect(await findAdmin({ dataDir })).toBe(null)
  })

  it.each(['', '{"adm', 'null', '{"admin": 1}'])('is none when it left %j behind', async (left) => {
    await writeFile(join(dataDir, 'endpoints.json'), left)
    expect(await findAdmin({ dataDir })).toBe(null)
    expect(seen).toEqual([])
  })

  it('has no monitor that left half a file behind', async () => {
    await mkdir(join(dataDir, 'monitor'))
    await writeFile(join(dataDir, 'monitor', 'endpoint.json'), '{"console": "')
    const asked = findConsole(new Map([['data-dir', dataDir]]))
    await expect(asked).rejects.toThrow(`no monitor runs on ${dataDir}`)
  })

  it('is not found at what is no address', async () => {
    await expect(findAdmin({ dataDir, admin: 'nowhere' })).rejects.toThrow(CommandFailure)
  })

  it.each([
    [200, 'OK'],
    [502, 'Bad Gateway'],
  ])('is told of when something else answers %i', async (status, word) => {
    answer = (_, response) => response.writeHead(status).end('<html>')
    const asked = askAdmin({ url, token: 'given' }, '/v1/topics')
    await expect(asked).rejects.toThrow(`${url} answered ${status} ${word} and no JSON`)
  })
})

import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { createSimTime } from '../../kit/testing.ts'
import { accountOf, brokerAuthenticator, requireAuthorization } from './authentication.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const ROLES: Readonly<Record<string, readonly string[]>> = {
  viewer: ['viewer'],
  operator: ['operator'],
}

const basic = (password: string) => `Basic ${Buffer.from(`any:${password}`).toString('base64')}`
const passwordIn = (sent: string) => Buffer.from(sent, 'base64').toString().replace('any:', '')

/** A broker that knows accounts by tokens that are their names, and a monitor's server beside it. */
async function world() {
  const broker = { status: 0, isAway: false }
  const server = createServer(({ headers, url }, response) => {
    const [scheme, sent = ''] = headers.authorization?.split(' ') ?? []
    const account = scheme === 'Bearer' ? sent : passwordIn(sent)
    const roles = ROLES[account]
    const status = broker.status || (roles === undefined ? 401 : 200)
    response.writeHead(status).end(JSON.stringify({ account, mechanism: 'token', roles, url }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const time = createSimTime()
  const app = fastify()
  cleanups.push(() => app.close())
  const findBroker = async () => (broker.isAway ? null : `http://127.0.0.1:${port}`)
  const readRootToken = async () => 'of-root'
  requireAuthorization(app, brokerAuthenticator({ findBroker, readRootToken, clock: time.clock }))
  app.get('/v1/tickets', async (request) => accountOf(request))
  app.post('/v1/tickets', async (request) => accountOf(request))
  const ask = async (method: 'GET' | 'POST', token: string, headers: IncomingHttpHeaders = {}) => {
    const authorization = token.includes(' ') ? token : `Bearer ${token}`
    const url = '/v1/tickets'
    const answer = await app.inject({ method, url, headers: { authorization, ...headers } })
    return answer.statusCode === 200 ? answer.body : answer.statusCode
  }
  return { broker, ask, time }
}

describe('the console port', () => {
  it('lets in whom the broker lets in, and has changes made by those with a role for them', async () => {
    const { ask } = await world()
    expect(await ask('GET', 'viewer')).toBe('viewer')
    expect(await ask('POST', 'viewer')).toBe(403)
    expect(await ask('POST', 'operator')).toBe('operator')
    expect(await ask('GET', 'nobody')).toBe(401)
    expect(await ask('POST', 'of-root')).toBe(401)
  })

  it.each([
    ['cross-site', 403],
    ['same-site', 403],
    ['same-origin', 'operator'],
    ['none', 'operator'],
  ])(
    'answers a browser that asks for a change from a page that is %s with %s',
    async (site, answer) => {
      const { ask } = await world()
      const headers = { 'sec-fetch-site': site }
      expect(await ask('POST', basic('operator'), headers)).toBe(answer)
      expect(await ask('GET', basic('operator'), headers)).toBe('operator')
      expect(await ask('POST', 'operator', headers)).toBe('operator')
    },
  )

  it('takes no change from a page of another server, of an old browser', async () => {
    const { ask } = await world()
    const ours = { host: 'console:9646', origin: 'http://console:9646' }
    expect(await ask('POST', basic('operator'), ours)).toBe('operator')
    const theirs = { ...ours, origin: 'http://elsewhere:9646' }
    expect(await ask('POST', basic('operator'), theirs)).toBe(403)
  })

  it('lets in whom a broker that is away let in last, and the root of this machine', async () => {
    const { ask, broker, time } = await world()
    await ask('GET', 'operator')
    await ask('GET', 'viewer')
    broker.isAway = true
    await time.advance(3_600_000)
    expect(await ask('POST', 'operator')).toBe('operator')
    expect(await ask('POST', 'viewer')).toBe(403)
    expect(await ask('POST', 'of-root')).toBe('root')
    expect(await ask('POST', basic('of-root'))).toBe('root')
    expect(await ask('POST', basic('of-none'))).toBe(401)
    await time.advance(12 * 3_600_000)
    expect(await ask('POST', 'operator')).toBe(401)
  })

  it.each([500, 503])('takes a broker that answers %i for one that is away', async (status) => {
    const { ask, broker, time } = await world()
    await ask('GET', 'operator')
    broker.status = status
    await time.advance(60_000)
    expect(await ask('POST', 'operator')).toBe('operator')
    expect(await ask('POST', 'of-root')).toBe('root')
  })

  it('forgets whom the broker no longer lets in', async () => {
    const { ask, broker, time } = await world()
    await ask('GET', 'operator')
    await time.advance(60_000)
    broker.status = 401
    expect(await ask('GET', 'operator')).toBe(401)
    broker.isAway = true
    expect(await ask('GET', 'operator')).toBe(401)
  })
})

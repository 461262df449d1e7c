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
  const broker = { status: 0, isAway: false, asked: 0 }
  const server = createServer(({ headers, url }, response) => {
    broker.asked++
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
  const send = (
    ...[method, token, headers = {}, remoteAddress = '192.0.2.1']: [
      method: 'GET' | 'POST',
      token: string,
      headers?: IncomingHttpHeaders,
      remoteAddress?: string,
    ]
  ) => {
    const authorization = token.includes(' ') ? token : `Bearer ${token}`
    const url = '/v1/tickets'
    return app.inject({ method, url, remoteAddress, headers: { authorization, ...headers } })
  }
  const ask = async (...asked: Parameters<typeof send>) => {
    const answer = await send(...asked)
    return answer.statusCode === 200 ? answer.body : answer.statusCode
  }
  return { broker, send, ask, time }
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

  it('looks at no more than 30 wrong tokens of one client in a minute', async () => {
    const { broker, send, ask, time } = await world()
    await ask('GET', 'viewer')
    broker.asked = 0
    const guess = (at: number) => ask('GET', `guess-${at}`)
    const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => guess(at)))
    expect(answers.filter((status) => status === 401)).toHaveLength(30)
    expect(answers.filter((status) => status === 429)).toHaveLength(10)
    // Each counts once at the broker, which knows nothing but the monitor's address.
    expect(broker.asked).toBe(30)
    const refused = await send('GET', 'operator')
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '60'])
    expect(refused.json()).toMatchObject({ status: 429, code: 'too-many-requests' })
    // Others are not kept out, nor is who was in before.
    expect(await ask('GET', 'operator', {}, '192.0.2.2')).toBe('operator')
    expect(await ask('GET', 'viewer')).toBe('viewer')
    await time.advance(60_000)
    expect(await ask('GET', 'viewer')).toBe('viewer')
    expect(await ask('GET', 'operator')).toBe('operator')
  })

  it('lets in a page that asks for much at once', async () => {
    const { ask, broker } = await world()
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask('GET', 'viewer')))
    expect(new Set(answers)).toEqual(new Set(['viewer']))
    // Its session and its rights, once.
    expect(broker.asked).toBe(2)
  })

  it('counts good tokens as no failures, also while the broker is away', async () => {
    const { ask, broker } = await world()
    broker.isAway = true
    for (let at = 0; at < 40; at++) expect(await ask('GET', 'of-root')).toBe('root')
    for (let at = 0; at < 30; at++) expect(await ask('GET', 'operator')).toBe(401)
    expect(await ask('GET', 'of-root')).toBe(429)
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

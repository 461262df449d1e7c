import { connect } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../kit/index.ts'
import { createSimTime } from '../../kit/testing.ts'
import {
  ApiVersionsRequest,
  ApiVersionsResponse,
  errors,
  HeartbeatRequest,
  HeartbeatResponse,
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
  SaslHandshakeRequest,
  SaslHandshakeResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { connectRaw } from '../../test/support/client.ts'
import { ScramClient } from '../../test/support/scram-client.ts'
import { createBrokerConfig } from '../control/index.ts'
import type { Handler } from '../handlers/index.ts'
import { defineHandler, handlers } from '../handlers/index.ts'
import type { SaslTerms, TlsAcceptor } from '../security/index.ts'
import { ANONYMOUS, DecoyKeys, PlainServer, ScramServer, WorkQueue } from '../security/index.ts'
import { TestCredentials } from '../security/testing.ts'
import type { NetworkSettings } from './network-settings.ts'
import type { TestServer } from './testing.ts'
import { startTestServer } from './testing.ts'

const random = seededRandom(1)
let time: ReturnType<typeof createSimTime>
let credentials: TestCredentials
let running: TestServer
const clients: RawClient[] = []

/** Says who asks, in the group of the answer's place: a request that needs a login. */
const whoAmI: Handler = defineHandler(
  HeartbeatRequest,
  HeartbeatResponse,
  { versions: '0-4', stage: 'ordered', permissions: [] },
  (_, { connection }) => ({
    errorCode: connection.principal === 'User:alice' ? 0 : errors.UNKNOWN_SERVER_ERROR.code,
  }),
)

const served = [...handlers.filter(({ apiKey }) => [17, 18, 36].includes(apiKey)), whoAmI]

beforeEach(async () => {
  time = createSimTime()
  credentials = new TestCredentials()
  await credentials.addUser('alice', 'wonderland', 'SCRAM-SHA-256')
  await credentials.addUser('bob', 'builder', 'SCRAM-SHA-256')
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  await running.server.stop(0)
})

function terms(maxReauthMs: number, mechanisms: SaslTerms['mechanisms']): SaslTerms {
  const decoys = new DecoyKeys(Buffer.alloc(32))
  const derivations = new WorkQueue(1)
  return {
    mechanisms,
    maxReauthMs,
    now: () => time.clock.now(),
    begin: (mechanism) =>
      mechanism === 'PLAIN'
        ? new PlainServer({ credentials, decoys, derivations })
        : new ScramServer('SCRAM-SHA-256', {
            ...{ credentials, decoys, random, derivations },
            clock: time.clock,
          }),
  }
}

async function start(
  settings: Partial<NetworkSettings> = {},
  { maxReauthMs = 0, mechanisms = ['PLAIN', 'SCRAM-SHA-256'] as SaslTerms['mechanisms'] } = {},
): Promise<void> {
  running = await startTestServer({
    handlers: served,
    security: { protocol: 'SASL_PLAINTEXT', tls: null, sasl: terms(maxReauthMs, mechanisms) },
    settings,
    ...time,
  })
}

async function newClient(): Promise<RawClient> {
  const client = await connectRaw(running.port)
  clients.push(client)
  return client
}

const handshake = (client: RawClient, mechanism = 'PLAIN', version = 1) =>
  client.send(SaslHandshakeRequest, SaslHandshakeResponse, version, { mechanism })

const authenticate = (client: RawClient, token: string | Buffer, version = 2) =>
  client.send(SaslAuthenticateRequest, SaslAuthenticateResponse, version, {
    authBytes: Buffer.from(token),
  })

const ask = (client: RawClient) =>
  client.send(HeartbeatRequest, HeartbeatResponse, 0, {
    groupId: 'g',
    generationId: 0,
    memberId: '',
  })

const versions = (client: RawClient) => client.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})

const ALICE = '\0alice\0wonderland'

/** A token without a header, and the one that comes back. */
async function rawToken(client: RawClient, token: string | Buffer): Promise<Buffer> {
  const bytes = Buffer.from(token)
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  client.write(Buffer.concat([size, bytes]))
  return client.nextFrame()
}

const reasons = (): readonly string[] =>
  running.events.flatMap((event) => (event.kind === 'connection-closed' ? [event.reason] : []))

describe('a login', () => {
  it('is counted from 0 on, so that the first ones that fail are an increase', async () => {
    await start()
    const { logins } = running.server.stats
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER', 'SSL'])
      expect(logins.get(mechanism)).toEqual({ successes: 0, failures: 0 })
  })

  it.each([0, 1, 2])('takes SaslAuthenticate v%d after handshake v1', async (version) => {
    await start()
    const client = await newClient()
    expect((await versions(client)).apiKeys.length).toBeGreaterThan(0)
    expect(await handshake(client)).toMatchObject({
      errorCode: 0,
      mechanisms: ['PLAIN', 'SCRAM-SHA-256'],
    })
    expect(await authenticate(client, ALICE, version)).toMatchObject({ errorCode: 0 })
    expect((await ask(client)).errorCode).toBe(0)
    expect(running.server.stats.loginsBy('PLAIN')).toEqual({ successes: 1, failures: 0 })
    expect([...running.server.connections()]).toMatchObject([
      { principal: 'User:alice', identity: { mechanism: 'PLAIN' } },
    ])
  })

  it('takes tokens without headers after handshake v0', async () => {
    await start()
    const client = await newClient()
    await handshake(client, 'SCRAM-SHA-256', 0)
    const scram = new ScramClient({ user: 'alice', password: 'wonderland' })
    const challenge = await rawToken(client, scram.first)
    expect(scram.isServer(await rawToken(client, scram.final(challenge)))).toBe(true)
    expect((await ask(client)).errorCode).toBe(0)
  })

  it('takes a token of PLAIN with nothing before it', async () => {
    await start()
    const client = await newClient()
    expect(await rawToken(client, ALICE)).toHaveLength(0)
    expect((await ask(client)).errorCode).toBe(0)
  })

  it('takes no first token where PLAIN is not enabled', async () => {
    await start({}, { mechanisms: ['SCRAM-SHA-256'] })
    const client = await newClient()
    await expect(rawToken(client, ALICE)).rejects.toThrow('closed')
    expect(reasons()).toEqual(['unknown-api'])
  })

  it('needs a mechanism of sasl.enabled.mechanisms', async () => {
    await start({}, { mechanisms: ['SCRAM-SHA-256'] })
    const client = await newClient()
    expect(await handshake(client, 'PLAIN')).toEqual({
      errorCode: errors.UNSUPPORTED_SASL_MECHANISM.code,
      mechanisms: ['SCRAM-SHA-256'],
    })
    await client.closed
  })

  it.each([
    ['before a handshake', async () => {}],
    ['after a handshake', async (client: RawClient) => void (await handshake(client))],
    [
      'after a token of several',
      async (client: RawClient) => {
        await handshake(client, 'SCRAM-SHA-256')
        await authenticate(client, new ScramClient({ user: 'alice', password: '' }).first)
      },
    ],
  ])('comes before every other request: %s', async (_, before) => {
    await start()
    const client = await newClient()
    await before(client)
    await expect(ask(client)).rejects.toThrow('closed')
    expect(reasons()).toEqual(['not-logged-in'])
  })

  it('is not had by a token without a handshake', async () => {
    await start()
    const client = await newClient()
    await expect(authenticate(client, ALICE)).rejects.toThrow('closed')
    expect(reasons()).toEqual(['not-logged-in'])
  })

  it('is for requests that come right behind it, too', async () => {
    await start()
    const client = await newClient()
    await handshake(client)
    const [login, answer] = await Promise.all([authenticate(client, ALICE), ask(client)])
    expect([login.errorCode, answer.errorCode]).toEqual([0, 0])
  })

  it('is of no use where nobody logs in', async () => {
    running = await startTestServer({ handlers: served, ...time })
    const client = await newClient()
    const code = errors.ILLEGAL_SASL_STATE.code
    expect(await handshake(client)).toEqual({ errorCode: code, mechanisms: [] })
    expect((await authenticate(client, ALICE)).errorCode).toBe(code)
    expect((await ask(client)).errorCode).toBe(errors.UNKNOWN_SERVER_ERROR.code)
  })
})

describe('a failed login', () => {
  it('is answered after connection.failed.authentication.delay.ms, and is the last word', async () => {
    await start({ connectionFailedAuthenticationDelayMs: 100 })
    const client = await newClient()
    await handshake(client)
    let answered = false
    const answer = authenticate(client, '\0alice\0wrong').then((response) => {
      answered = true
      return response
    })
    await expect.poll(() => running.server.stats.loginsBy('PLAIN').failures).toBe(1)
    await time.advance(99)
    await new Promise((resolve) => setImmediate(resolve))
    expect(answered).toBe(false)
    await time.advance(1)
    expect(await answer).toMatchObject({
      errorCode: errors.SASL_AUTHENTICATION_FAILED.code,
      errorMessage: 'Authentication failed: Invalid username or password',
    })
    await client.closed
    expect(reasons()).toEqual(['login-failed'])
    expect(running.events).toContainEqual(
      expect.objectContaining({
        kind: 'login-failed',
        failure: expect.objectContaining({ mechanism: 'PLAIN', claimedUser: 'alice' }),
      }),
    )
  })

  it('holds no bytes while it waits', async () => {
    await start({ connectionFailedAuthenticationDelayMs: 100_000 })
    const client = await newClient()
    await handshake(client)
    const answer = authenticate(client, `\0alice\0${'x'.repeat(60_000)}`)
    answer.catch(() => {})
    await expect.poll(() => running.server.stats.loginsBy('PLAIN').failures).toBe(1)
    await expect.poll(() => running.server.stats.requestsInFlight).toBe(0)
    client.write(Buffer.alloc(1024 * 1024))
    await new Promise((resolve) => setImmediate(resolve))
    const [connection] = running.server.connections()
    expect(connection?.bytesIn).toBeLessThan(200_000)
  })

  it('without a header ends with the connection, after the delay', async () => {
    await start({ connectionFailedAuthenticationDelayMs: 100 })
    const client = await newClient()
    await handshake(client, 'PLAIN', 0)
    const answer = rawToken(client, '\0alice\0wrong')
    answer.catch(() => {})
    await expect.poll(() => running.server.stats.loginsBy('PLAIN').failures).toBe(1)
    expect(reasons()).toEqual([])
    await time.advance(100)
    await expect(answer).rejects.toThrow('closed')
    await expect.poll(reasons).toEqual(['login-failed'])
  })
})

describe('before a login', () => {
  it('a frame above sasl.server.max.receive.size is refused', async () => {
    await start({ saslServerMaxReceiveSize: 1000 })
    const client = await newClient()
    client.write(Buffer.from([0, 0, 0x03, 0xe9]))
    await client.closed
    expect(reasons()).toEqual(['oversized-frame'])
  })

  it('and after it one up to socket.request.max.bytes is not', async () => {
    await start({ saslServerMaxReceiveSize: 1000 })
    const client = await newClient()
    await handshake(client)
    await authenticate(client, ALICE)
    const answer = await client.send(HeartbeatRequest, HeartbeatResponse, 0, {
      groupId: 'g'.repeat(5000),
      generationId: 0,
      memberId: '',
    })
    expect(answer.errorCode).toBe(0)
  })

  it('a client has glasslog.login.timeout.ms', async () => {
    await start({ glasslogLoginTimeoutMs: 5000 })
    const [silent, busy, done] = [await newClient(), await newClient(), await newClient()]
    await handshake(done)
    await authenticate(done, ALICE)
    await handshake(busy)
    await time.advance(5000)
    expect(reasons()).toEqual([])
    await time.advance(1000)
    await silent.closed
    await busy.closed
    expect(reasons()).toEqual(['login-timeout', 'login-timeout'])
    expect((await ask(done)).errorCode).toBe(0)
  })

  it('a TLS handshake is part of that time, and takes a place among the connections', async () => {
    // A client that connects and says nothing: its handshake never gets anywhere.
    const silence: TlsAcceptor = {
      accept: (socket, listener) => {
        socket.resume().once('close', () => listener.failed('nothing came'))
      },
      reload: () => {},
    }
    running = await startTestServer({
      handlers: served,
      security: { protocol: 'SSL', tls: silence, sasl: null },
      settings: { glasslogLoginTimeoutMs: 5000, maxConnections: 1 },
      ...time,
    })
    const silent = await newClient()
    await expect.poll(() => running.server.stats.openConnections).toBe(1)
    await (await newClient()).closed
    expect(running.server.stats.closed['too-many-connections']).toBe(1)
    await time.advance(6000)
    await silent.closed
    await expect.poll(() => running.server.stats.closed['login-timeout']).toBe(1)
    expect(running.server.stats.openConnections).toBe(0)
    expect(running.events.at(-1)).toEqual({
      kind: 'tls-failed',
      address: '127.0.0.1',
      listener: 'TEST',
      detail: 'nothing came',
      isTimeout: true,
    })
  })

  it.each([
    ['is gone', () => running.server.closeListener('TEST')],
    [
      'is another',
      async () => {
        const other = { name: 'TEST', host: '127.0.0.1', port: 0 }
        const prepared = await running.server.prepare(other)
        prepared.commit()
      },
    ],
  ])('a TLS handshake lets nobody in by a listener that %s by then', async (_, change) => {
    const begun = Promise.withResolvers<() => void>()
    const slow: TlsAcceptor = {
      accept: (socket, listener) =>
        begun.resolve(() => listener.secured(socket as TLSSocket, ANONYMOUS)),
      reload: () => {},
    }
    const security = { protocol: 'SSL', tls: slow, sasl: null } as const
    running = await startTestServer({ handlers: served, security, ...time })
    const client = await newClient()
    const finish = await begun.promise
    await change()
    finish()
    expect([...running.server.connections()]).toEqual([])
    await client.closed
    expect(running.server.stats.openConnections).toBe(0)
    const detail = 'its listener is gone, or is another'
    expect(running.events).toMatchObject([{ kind: 'tls-failed', detail, isTimeout: false }])
  })

  it('a client may not ask for versions for ever', async () => {
    await start()
    const client = await newClient()
    for (let i = 0; i < 16; i++) await versions(client)
    await expect(versions(client)).rejects.toThrow('closed')
    expect(reasons()).toEqual(['not-logged-in'])
  })

  it('a listener takes as many connections as it may', async () => {
    running = await startTestServer({ handlers: served, maxConnectionsOnListener: 1, ...time })
    await newClient()
    const refused = await newClient()
    await refused.closed
    expect(running.events).toEqual([
      {
        kind: 'connection-refused',
        address: '127.0.0.1',
        listener: 'TEST',
        reason: 'too-many-on-listener',
      },
    ])
  })
})

describe('a session', () => {
  const logIn = async (client: RawClient, token = ALICE) => {
    const { errorCode } = await handshake(client)
    if (errorCode !== 0) return { errorCode, sessionLifetimeMs: -1, errorMessage: null }
    return authenticate(client, token)
  }

  it('lasts connections.max.reauth.ms, and can be begun anew', async () => {
    await start({}, { maxReauthMs: 60_000 })
    const client = await newClient()
    expect(await logIn(client)).toMatchObject({ errorCode: 0, sessionLifetimeMs: 60_000 })
    await time.advance(59_000)
    expect(await logIn(client)).toMatchObject({ errorCode: 0, sessionLifetimeMs: 60_000 })
    await time.advance(59_000)
    expect((await ask(client)).errorCode).toBe(0)
    await time.advance(2000)
    await expect(ask(client)).rejects.toThrow('closed')
    expect(reasons()).toEqual(['session-expired'])
  })

  it('that is over can be begun anew, but nothing else', async () => {
    await start({}, { maxReauthMs: 60_000 })
    const client = await newClient()
    await logIn(client)
    await time.advance(61_000)
    expect(await logIn(client)).toMatchObject({ errorCode: 0 })
    expect((await ask(client)).errorCode).toBe(0)
  })

  it('lets nothing else through while it is begun anew', async () => {
    await start({}, { maxReauthMs: 60_000 })
    const client = await newClient()
    await logIn(client)
    await time.advance(2000)
    await handshake(client)
    await expect(ask(client)).rejects.toThrow('closed')
  })

  it('is always of the same principal', async () => {
    await start({}, { maxReauthMs: 60_000 })
    const client = await newClient()
    await logIn(client)
    await time.advance(2000)
    expect(await logIn(client, '\0bob\0builder')).toMatchObject({
      errorCode: errors.SASL_AUTHENTICATION_FAILED.code,
      errorMessage: 'Cannot change principals during re-authentication from User:alice to User:bob',
    })
    await client.closed
  })

  it('is always by the same mechanism', async () => {
    await start({}, { maxReauthMs: 60_000 })
    const client = await newClient()
    await logIn(client)
    await time.advance(2000)
    expect((await handshake(client, 'SCRAM-SHA-256')).errorCode).toBe(0)
    const { first } = new ScramClient({ user: 'alice', password: 'wonderland' })
    expect((await authenticate(client, first)).errorMessage).toBe(
      "SASL mechanism 'SCRAM-SHA-256' requested by client is not supported for re-authentication of mechanism 'PLAIN'",
    )
    await client.closed
  })

  it.each([
    ['does not end', 0, 5000, 1],
    ['has just begun anew', 60_000, 0, 1],
    ['is of a client of the old kind', 60_000, 5000, 0],
  ])('that %s is not begun anew', async (_, maxReauthMs, waitMs, version) => {
    await start({}, { maxReauthMs })
    const client = await newClient()
    await logIn(client)
    if (waitMs === 0) {
      await time.advance(2000)
      await logIn(client)
    }
    await time.advance(waitMs)
    const { errorCode } = await handshake(client, 'PLAIN', version)
    expect(errorCode).toBe(errors.ILLEGAL_SASL_STATE.code)
    expect((await ask(client)).errorCode).toBe(0)
  })
})

it('the login configurations have defaults as in Kafka', () => {
  const { values } = createBrokerConfig({ overrides: {} })
  expect(values).toMatchObject({
    saslServerMaxReceiveSize: 524_288,
    connectionFailedAuthenticationDelayMs: 100,
    connectionsMaxReauthMs: 0,
    glasslogLoginTimeoutMs: 30_000,
  })
})

it('a client that speaks no Kafka at all is sent away', async () => {
  await start()
  const socket = connect(running.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\n\r\n')
  await new Promise((resolve) => socket.once('close', resolve))
  expect(reasons()).toEqual(['oversized-frame'])
})

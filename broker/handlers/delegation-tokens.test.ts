import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Encodable } from '../../protocol/index.ts'
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
  errors,
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
  SaslHandshakeRequest,
  SaslHandshakeResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { ScramClient } from '../../test/support/scram-client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker, TEST_ACTOR } from '../../test/support/test-broker.ts'

const DAY_MS = 86_400_000

let broker: TestBroker
let alice: RawClient
beforeEach(async () => {
  const configs = { 'glasslog.authorizer': 'acl', 'super.users': 'User:admin' }
  broker = await startTestBroker({ configs })
  alice = await broker.connectAs('alice')
})
afterEach(() => broker.stop())

const create = (
  client: RawClient,
  body: Partial<Encodable<typeof CreateDelegationTokenRequest>> = {},
  version = 3,
) =>
  client.send(CreateDelegationTokenRequest, CreateDelegationTokenResponse, version, {
    ...(version >= 3 ? { ownerPrincipalType: null, ownerPrincipalName: null } : {}),
    renewers: [],
    maxLifetimeMs: -1,
    ...body,
  })

const renew = (client: RawClient, hmac: Buffer, renewPeriodMs = -1) =>
  client.send(RenewDelegationTokenRequest, RenewDelegationTokenResponse, 2, { hmac, renewPeriodMs })

const expire = (client: RawClient, hmac: Buffer, expiryTimePeriodMs = -1) =>
  client.send(ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, 2, {
    hmac,
    expiryTimePeriodMs,
  })

const list = async (client: RawClient, owners: string[] | null = null) => {
  const { tokens } = await client.send(
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
    3,
    {
      owners:
        owners === null
          ? null
          : owners.map((principalName) => ({ principalType: 'User', principalName })),
    },
  )
  return tokens.map(({ principalName }) => principalName).sort()
}

const user = (principalName: string) => ({ principalType: 'User', principalName })

/** Logs in with a token; answers the client, and how long its session lasts. */
async function logIn(tokenId: string, hmac: Buffer) {
  const client = await broker.connectToLogIn()
  const password = hmac.toString('base64')
  const scram = new ScramClient({ user: tokenId, password, extensions: ',tokenauth=true' })
  await client.send(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: 'SCRAM-SHA-256' })
  const token = (authBytes: Buffer) =>
    client.send(SaslAuthenticateRequest, SaslAuthenticateResponse, 2, { authBytes })
  const challenge = await token(scram.first)
  return { client, answer: await token(scram.final(challenge.authBytes)) }
}

describe('delegation tokens', () => {
  it.each([0, 1, 2, 3])(
    'are made in v%d for the client, and log their holder in',
    async (version) => {
      const nowMs = broker.services.clock.now()
      const token = await create(alice, {}, version)
      expect(token).toMatchObject({
        errorCode: 0,
        ...user('alice'),
        ...(version >= 3 ? { tokenRequesterPrincipalName: 'alice' } : {}),
        issueTimestampMs: nowMs,
        expiryTimestampMs: nowMs + DAY_MS,
        maxTimestampMs: nowMs + 7 * DAY_MS,
      })
      expect(token.hmac).toHaveLength(64)
      const { answer } = await logIn(token.tokenId, token.hmac)
      expect(answer).toMatchObject({ errorCode: 0, sessionLifetimeMs: DAY_MS })
      expect([...broker.server.connections()]).toContainEqual(
        expect.objectContaining({
          identity: {
            principal: 'User:alice',
            mechanism: 'SCRAM-SHA-256',
            tokenId: token.tokenId,
          },
        }),
      )
    },
  )

  it('are not to be had by a token, nor by somebody who did not log in', async () => {
    const { tokenId, hmac } = await create(alice)
    const { client: holder } = await logIn(tokenId, hmac)
    const stranger = await broker.connect()
    const refused = errors.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.code
    for (const client of [holder, stranger]) {
      expect((await create(client)).errorCode).toBe(refused)
      expect((await renew(client, hmac)).errorCode).toBe(refused)
      expect((await expire(client, hmac)).errorCode).toBe(refused)
      expect(await list(client)).toEqual([])
    }
  })

  it('are made for somebody else by those who may', async () => {
    const forBob = { ownerPrincipalType: 'User', ownerPrincipalName: 'bob' }
    expect((await create(alice, forBob)).errorCode).toBe(
      errors.DELEGATION_TOKEN_AUTHORIZATION_FAILED.code,
    )
    await allow('CREATE_TOKENS', 'USER', 'User:bob')
    expect(await create(alice, forBob)).toMatchObject({
      errorCode: 0,
      ...user('bob'),
      tokenRequesterPrincipalName: 'alice',
    })
  })

  it('have users as renewers', async () => {
    const renewers = [{ principalType: 'Group', principalName: 'ops' }]
    expect((await create(alice, { renewers })).errorCode).toBe(errors.INVALID_PRINCIPAL_TYPE.code)
  })

  it('live longer when their owner or a renewer says so', async () => {
    const { hmac, maxTimestampMs } = await create(alice, { renewers: [user('bob')] })
    const bob = await broker.connectAs('bob')
    const carol = await broker.connectAs('carol')
    const nowMs = broker.services.clock.now()
    expect(await renew(bob, hmac, 2 * DAY_MS)).toEqual({
      errorCode: 0,
      expiryTimestampMs: nowMs + DAY_MS,
      throttleTimeMs: 0,
    })
    expect((await renew(carol, hmac)).errorCode).toBe(errors.DELEGATION_TOKEN_OWNER_MISMATCH.code)
    expect((await renew(alice, Buffer.alloc(64))).errorCode).toBe(
      errors.DELEGATION_TOKEN_NOT_FOUND.code,
    )
    expect(maxTimestampMs).toBe(nowMs + 7 * DAY_MS)
  })

  it('end sooner, or at once', async () => {
    const { hmac, tokenId } = await create(alice)
    const nowMs = broker.services.clock.now()
    expect((await expire(alice, hmac, 1000)).expiryTimestampMs).toBe(nowMs + 1000)
    expect((await logIn(tokenId, hmac)).answer).toMatchObject({ sessionLifetimeMs: 1000 })
    expect((await expire(alice, hmac)).errorCode).toBe(0)
    expect(await list(alice)).toEqual([])
    expect((await expire(alice, hmac)).errorCode).toBe(errors.DELEGATION_TOKEN_NOT_FOUND.code)
  })

  it('leave a record of what was tried with one that is not there', async () => {
    const { history } = broker.services.control
    const first = history.nextSeq
    await renew(alice, Buffer.alloc(64))
    await expire(alice, Buffer.alloc(64))
    const entries = await history.read(first, 10)
    expect(entries.map(({ record: { operation, outcome } }) => [operation, outcome.code])).toEqual([
      ['delegation-token.renew', 'DELEGATION_TOKEN_NOT_FOUND'],
      ['delegation-token.expire', 'DELEGATION_TOKEN_NOT_FOUND'],
    ])
  })

  it('are shown to those whom they concern, and to those who may see them', async () => {
    const bob = await broker.connectAs('bob')
    const carol = await broker.connectAs('carol')
    await create(alice, { renewers: [user('bob')] })
    const { tokenId } = await create(carol)
    expect(await list(alice)).toEqual(['alice'])
    expect(await list(bob)).toEqual(['alice'])
    expect(await list(carol)).toEqual(['carol'])
    expect(await list(bob, ['carol'])).toEqual([])
    expect(await list(bob, [])).toEqual([])
    await allow('DESCRIBE', 'DELEGATION_TOKEN', tokenId)
    expect(await list(alice)).toEqual(['alice', 'carol'])
    expect(await list(alice, ['carol'])).toEqual(['carol'])
  })
})

/** Lets alice do something. */
async function allow(
  operation: 'CREATE_TOKENS' | 'DESCRIBE',
  resourceType: 'USER' | 'DELEGATION_TOKEN',
  resourceName: string,
): Promise<void> {
  const binding = {
    ...{ operation, resourceType, resourceName },
    ...({ patternType: 'LITERAL', permission: 'ALLOW' } as const),
    ...{ principal: 'User:alice', host: '*' },
  }
  await broker.services.control.execute([{ kind: 'acl.create', binding }], TEST_ACTOR)
}

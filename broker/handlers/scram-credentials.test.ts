import { pbkdf2Sync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
  errors,
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
  SaslHandshakeRequest,
  SaslHandshakeResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { ScramClient } from '../../test/support/scram-client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

const SHA_256 = 1
const SHA_512 = 2

let broker: TestBroker
let admin: RawClient
beforeEach(async () => {
  broker = await startTestBroker()
  admin = await broker.connect()
})
afterEach(() => broker.stop())

const upsertion = (name: string, password: string, mechanism = SHA_256, iterations = 4096) => {
  const salt = Buffer.from(`salt of ${name}`)
  const [bytes, hash] = mechanism === SHA_512 ? [64, 'sha512'] : [32, 'sha256']
  const saltedPassword = pbkdf2Sync(
    password,
    salt,
    Math.max(1, iterations),
    Number(bytes),
    String(hash),
  )
  return { name, mechanism, iterations, salt, saltedPassword }
}

async function alter(
  upsertions: ReturnType<typeof upsertion>[],
  deletions: { name: string; mechanism: number }[] = [],
) {
  const { results } = await admin.send(
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    0,
    { deletions, upsertions },
  )
  return new Map(
    results.map(({ user, errorCode, errorMessage }) => [user, [errorCode, errorMessage]]),
  )
}

const describeUsers = (users: string[] | null) =>
  admin.send(DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, 0, {
    users: users === null ? null : users.map((name) => ({ name })),
  })

/** The code that a login by SCRAM-SHA-256 ends with. */
async function logIn(user: string, password: string): Promise<number> {
  const client = await broker.connectToLogIn()
  const scram = new ScramClient({ user, password })
  await client.send(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: 'SCRAM-SHA-256' })
  const token = (authBytes: Buffer) =>
    client.send(SaslAuthenticateRequest, SaslAuthenticateResponse, 2, { authBytes })
  const challenge = await token(scram.first)
  const answer = token(scram.final(challenge.authBytes))
  // A failed login is answered late.
  const late = setImmediate(() => void broker.time.advance(1000))
  const { errorCode } = await answer
  clearImmediate(late)
  return errorCode
}

describe('SCRAM credentials over Kafka', () => {
  it('are what users log in with, from the next login on', async () => {
    expect(await alter([upsertion('alice', 'one')])).toEqual(new Map([['alice', [0, null]]]))
    expect(await logIn('alice', 'one')).toBe(0)
    await alter([upsertion('alice', 'two')])
    expect(await logIn('alice', 'two')).toBe(0)
    const failed = errors.SASL_AUTHENTICATION_FAILED.code
    await expect.poll(() => logIn('alice', 'one')).toBe(failed)
    await alter([], [{ name: 'alice', mechanism: SHA_256 }])
    await expect.poll(() => logIn('alice', 'two')).toBe(failed)
  })

  it('are shown without what could be used', async () => {
    await alter([
      upsertion('alice', 'x'),
      upsertion('alice', 'x', SHA_512, 8192),
      upsertion('bob', 'y'),
    ])
    const both = [
      { mechanism: SHA_256, iterations: 4096 },
      { mechanism: SHA_512, iterations: 8192 },
    ]
    for (const users of [null, []]) {
      expect((await describeUsers(users)).results).toMatchObject([
        { user: 'alice', errorCode: 0, credentialInfos: both },
        { user: 'bob', errorCode: 0, credentialInfos: [{ mechanism: SHA_256 }] },
      ])
    }
    const { results } = await describeUsers(['bob', 'mallory', 'alice', 'alice'])
    expect(results.map(({ user, errorCode }) => [user, errorCode])).toEqual([
      ['bob', 0],
      ['mallory', errors.RESOURCE_NOT_FOUND.code],
      ['alice', errors.DUPLICATE_RESOURCE.code],
    ])
  })

  it('are changed for a user together or not at all', async () => {
    await alter([upsertion('alice', 'x')])
    const results = await alter(
      [upsertion('alice', 'y', SHA_512, 100), upsertion('bob', 'z')],
      [{ name: 'alice', mechanism: SHA_256 }],
    )
    expect(results).toEqual(
      new Map([
        ['alice', [errors.UNACCEPTABLE_CREDENTIAL.code, 'Too few iterations']],
        ['bob', [0, null]],
      ]),
    )
    expect((await describeUsers(['alice'])).results[0]?.credentialInfos).toHaveLength(1)
  })

  it('that are none are refused', async () => {
    const results = await alter(
      [
        upsertion('', 'x'),
        upsertion('many', 'x', SHA_256, 16_385),
        upsertion('unknown', 'x', 3),
        upsertion('twice', 'x'),
      ],
      [
        { name: 'twice', mechanism: SHA_256 },
        { name: 'nobody', mechanism: SHA_256 },
      ],
    )
    expect([...results].map(([user, [code]]) => [user, code]).sort()).toEqual([
      ['', errors.UNACCEPTABLE_CREDENTIAL.code],
      ['many', errors.UNACCEPTABLE_CREDENTIAL.code],
      ['nobody', errors.RESOURCE_NOT_FOUND.code],
      ['twice', errors.DUPLICATE_RESOURCE.code],
      ['unknown', errors.UNSUPPORTED_SASL_MECHANISM.code],
    ])
    expect((await describeUsers(null)).results).toEqual([])
  })

  it('never come near the history', async () => {
    const secret = upsertion('alice', 'wonderland')
    await alter([secret])
    const { history, state } = broker.services.control
    const entries = await history.read(0, state.seq + 1)
    const text = JSON.stringify(entries.map(({ record }) => record))
    expect(text).toContain('user.scram.upsert')
    for (const bytes of [secret.salt, secret.saltedPassword]) {
      expect(text).not.toContain(bytes.toString('base64'))
      expect(text).not.toContain(bytes.toString('hex'))
    }
  })
})

import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../kit/index.ts'
import { createSimTime } from '../../../kit/testing.ts'
import type { ScramClientOptions } from '../../../test/support/scram-client.ts'
import { ScramClient } from '../../../test/support/scram-client.ts'
import { TestCredentials } from '../testing.ts'
import { DecoyKeys } from './decoy-keys.ts'
import type { SaslStep } from './sasl-server.ts'
import { isProof, keysOfPassword } from './scram-keys.ts'
import { parseClientFinal, parseClientFirst } from './scram-messages.ts'
import { ScramServer } from './scram-server.ts'
import { WorkQueue } from './work-queue.ts'

const MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
const SECRET = Buffer.alloc(32, 7)

let credentials: TestCredentials
let time: ReturnType<typeof createSimTime>
let derivations: WorkQueue
beforeEach(async () => {
  derivations = new WorkQueue(1)
  time = createSimTime()
  credentials = new TestCredentials()
  await credentials.addUser('alice', 'wonderland', ...MECHANISMS)
})

function newServer(mechanism: (typeof MECHANISMS)[number] = 'SCRAM-SHA-256'): ScramServer {
  const decoys = new DecoyKeys(SECRET)
  return new ScramServer(mechanism, {
    credentials,
    decoys,
    clock: time.clock,
    random: seededRandom(1),
    derivations,
  })
}

function bytesOf(step: SaslStep): Buffer {
  if (step.kind === 'failed') throw new Error(step.message)
  return step.bytes
}

/** Both messages of a login, as an honest client sends them. */
async function logIn(options: ScramClientOptions): Promise<SaslStep> {
  const server = newServer(options.mechanism)
  const client = new ScramClient(options)
  const step = await server.evaluate(client.first)
  if (step.kind !== 'challenge') return step
  const last = await server.evaluate(client.final(step.bytes))
  if (last.kind === 'authenticated') expect(client.isServer(last.bytes)).toBe(true)
  return last
}

describe('SCRAM', () => {
  it('agrees with the example of RFC 7677', async () => {
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
    const keys = await keysOfPassword('SCRAM-SHA-256', 'pencil', salt, 4096)
    const serverNonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
    const first = parseClientFirst(Buffer.from('n,,n=user,r=rOprNGfwEbeRWgbNEkqO'))
    const final = parseClientFinal(
      Buffer.from(`c=biws,r=${serverNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`),
    )
    const text = `r=${serverNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`
    const authMessage = `${first?.bare},${text},${final?.withoutProof}`
    expect(final?.channelBinding).toBe(first?.channelBinding)
    expect(isProof('SCRAM-SHA-256', keys, authMessage, final?.proof ?? SECRET)).toBe(true)
    expect(isProof('SCRAM-SHA-256', keys, `${authMessage} `, final?.proof ?? SECRET)).toBe(false)
  })

  it.each(MECHANISMS)(
    'logs a user in by %s and shows that it knows the user',
    async (mechanism) => {
      expect(await logIn({ mechanism, user: 'alice', password: 'wonderland' })).toMatchObject({
        kind: 'authenticated',
        identity: { principal: 'User:alice', mechanism },
        expiresAtMs: null,
      })
    },
  )

  it('takes names that have to be escaped', async () => {
    await credentials.addUser('a,b=c', 'secret', 'SCRAM-SHA-256')
    expect(await logIn({ user: 'a,b=c', password: 'secret' })).toMatchObject({
      identity: { principal: 'User:a,b=c' },
    })
  })

  it.each([
    ['a wrong password', { user: 'alice', password: 'looking-glass' }],
    ['a user that does not exist', { user: 'mallory', password: 'wonderland' }],
    [
      'somebody who would act for another one (CVE-2017-12610)',
      { user: 'alice', password: 'wonderland', header: 'n,a=admin,' },
    ],
    [
      'channel binding, which there is not',
      { user: 'alice', password: 'wonderland', header: 'p=tls-unique,,' },
    ],
    [
      'an extension that must be understood',
      { user: 'm=x,n=alice', password: 'wonderland', header: 'n,,m=1,' },
    ],
  ])('refuses %s, always in the same words', async (_, options) => {
    const step = await logIn(options)
    expect(step).toMatchObject({
      kind: 'failed',
      message:
        'Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256',
    })
  })

  it.each([
    ['only the end of it (CVE-2024-56128)', (nonce: string) => nonce.slice(3)],
    ['another one before it', (nonce: string) => `x${nonce}`],
    ['the one that the client chose', () => 'abcdef'],
  ])('refuses a final message with a nonce that is not the whole one: %s', async (_, forge) => {
    const server = newServer()
    const client = new ScramClient({ user: 'alice', password: 'wonderland' })
    const first = bytesOf(await server.evaluate(client.first))
    const nonce = /r=([^,]+)/.exec(first.toString())?.[1] ?? ''
    expect(await server.evaluate(client.final(first, { nonce: forge(nonce) }))).toMatchObject({
      kind: 'failed',
    })
  })

  it.each([
    '',
    'n,,',
    'n,,n=alice',
    'n,,n=,r=abc',
    'n,,n=a=b,r=abc',
    'n,,n=a=2c,r=abc',
    'n,,n=al\x00ice,r=abc',
    'n,,n=alice,r=',
    'n,,n=alice,r=a\u00e4',
    'y,,,n=alice,r=abc',
    'n,,n=alice,r=abc,',
  ])('refuses what is no first message: %j', async (text) => {
    expect(parseClientFirst(Buffer.from(text))).toBeNull()
    expect(await newServer().evaluate(Buffer.from(text))).toMatchObject({ kind: 'failed' })
  })

  it('refuses names that are not UTF-8', () => {
    const message = Buffer.concat([
      Buffer.from('n,,n='),
      Buffer.from([0xff]),
      Buffer.from(',r=abc'),
    ])
    expect(parseClientFirst(message)).toBeNull()
  })

  it("takes the nonce with the client's part twice, as librdkafka before 2.6.1 sends it", async () => {
    const server = newServer()
    const client = new ScramClient({ user: 'alice', password: 'wonderland', nonce: 'abcdef' })
    const first = bytesOf(await server.evaluate(client.first))
    const nonce = /r=([^,]+)/.exec(first.toString())?.[1] ?? ''
    const step = await server.evaluate(client.final(first, { nonce: `abcdef${nonce}` }))
    expect(step.kind).toBe('authenticated')
  })

  it('says no more once an exchange is over', async () => {
    const server = newServer()
    const client = new ScramClient({ user: 'alice', password: 'wonderland' })
    const first = bytesOf(await server.evaluate(client.first))
    const final = client.final(first)
    expect((await server.evaluate(final)).kind).toBe('authenticated')
    expect((await server.evaluate(final)).kind).toBe('failed')
  })
})

describe('a user that does not exist', () => {
  const challengeOf = async (user: string): Promise<string> => {
    const client = new ScramClient({ user, password: 'x' })
    return bytesOf(await newServer().evaluate(client.first)).toString()
  }

  it('is challenged like one that does, always with the same salt', async () => {
    const [once, again] = [await challengeOf('mallory'), await challengeOf('mallory')]
    expect(once).toBe(again)
    expect(await challengeOf('trudy')).not.toBe(once)
    const saltIn = (challenge: string): Buffer =>
      Buffer.from(/s=([^,]+)/.exec(challenge)?.[1] ?? '', 'base64')
    expect(saltIn(once)).toHaveLength(saltIn(await challengeOf('alice')).length)
    expect(once).toMatch(/,i=4096$/)
  })

  it('shows what those of Kafka’s tools show where there is nobody', () => {
    const decoys = new DecoyKeys(SECRET)
    const salts = Array.from({ length: 1000 }, (_, index) => {
      const { salt, iterations } = decoys.of(`user-${index}`, 'SCRAM-SHA-256', [])
      expect(iterations).toBe(4096)
      return salt.toString()
    })
    for (const salt of salts) expect(salt).toMatch(/^[1-9a-z][0-9a-z]{21,25}$/)
    // 130 bits have 26 digits when they are at least 36^25: four times in ten.
    const long = salts.filter((salt) => salt.length === 26).length
    expect(long).toBeGreaterThan(350)
    expect(long).toBeLessThan(460)
  })

  it('shows iterations and salts as often as they are among those who exist', async () => {
    const add = (user: string, iterations: number, salt: Buffer): void => {
      const [storedKey, serverKey] = [Buffer.alloc(32), Buffer.alloc(32)]
      credentials.add(user, 'SCRAM-SHA-256', { salt, iterations, storedKey, serverKey })
    }
    credentials = new TestCredentials()
    const text = Buffer.from('1s2a3l4t5o6f7t8h9e0t1o2o3l')
    for (const user of ['a', 'b', 'c']) add(user, 4096, text)
    add('d', 8192, Buffer.alloc(24, 0xff))
    const decoys = new DecoyKeys(SECRET)
    const shown = (): readonly string[] =>
      Array.from({ length: 2000 }, (_, index) => {
        const shapes = credentials.shapes('SCRAM-SHA-256')
        const { salt, iterations } = decoys.of(`user-${index}`, 'SCRAM-SHA-256', shapes)
        return `${iterations} ${/^[0-9a-z]{22,26}$/.test(salt.toString()) ? 'text' : salt.length}`
      })
    const before = shown()
    const isRare = (shape: string): boolean => shape === '8192 24'
    expect(before.every((shape) => isRare(shape) || shape === '4096 text')).toBe(true)
    expect(before.filter(isRare).length / before.length).toBeCloseTo(0.25, 1)

    add('e', 4096, text)
    const after = shown()
    expect(after.filter(isRare).length / after.length).toBeCloseTo(0.2, 1)
    const changed = after.filter((shape, index) => shape !== before[index])
    expect(changed.length / after.length).toBeLessThan(0.08)
  })

  it('fails at the proof whatever it is shown', async () => {
    const { first } = new ScramClient({ user: 'mallory', password: 'x' })
    const server = newServer()
    const client = new ScramClient({ user: 'mallory', password: 'x' })
    const challenge = bytesOf(await server.evaluate(first))
    expect((await server.evaluate(client.final(challenge))).kind).toBe('failed')
  })

  it('has another salt where the secret is another one, and for another mechanism', () => {
    const decoys = new DecoyKeys(SECRET)
    const salts = [
      decoys.of('mallory', 'SCRAM-SHA-256', []),
      decoys.of('mallory', 'SCRAM-SHA-512', []),
      new DecoyKeys(createHash('sha256').digest()).of('mallory', 'SCRAM-SHA-256', []),
    ].map(({ salt }) => salt.toString())
    expect(new Set(salts).size).toBe(3)
  })
})

describe('a delegation token (KIP-48)', () => {
  const asToken = (user: string, password: string) =>
    logIn({ user, password, extensions: ',tokenauth=true' })

  beforeEach(() => {
    const expiresAtMs = time.clock.now() + 1000
    credentials.tokens.set('t1', { owner: 'User:alice', expiresAtMs, password: 'hmac' })
  })

  it('stands for its owner until it expires', async () => {
    expect(await asToken('t1', 'hmac')).toMatchObject({
      kind: 'authenticated',
      identity: { principal: 'User:alice', mechanism: 'SCRAM-SHA-256', tokenId: 't1' },
      expiresAtMs: time.clock.now() + 1000,
    })
    await time.advance(1000)
    expect((await asToken('t1', 'hmac')).kind).toBe('failed')
  })

  it.each(['t1', 't2'])('%s waits for its turn, as whoever comes may ask for it', async (user) => {
    let letGo = () => {}
    const others = derivations.run(() => new Promise<void>((resolve) => (letGo = resolve)))
    const { first } = new ScramClient({ user, password: 'hmac', extensions: ',tokenauth=true' })
    let isAnswered = false
    const step = Promise.resolve(newServer().evaluate(first)).finally(() => (isAnswered = true))
    await keysOfPassword('SCRAM-SHA-256', 'one that takes as long', SECRET, 4096)
    expect(isAnswered).toBe(false)
    letGo()
    await others
    expect((await step).kind).toBe('challenge')
  })

  it('is refused with a wrong HMAC, when there is none of that id, and as a plain user', async () => {
    expect((await asToken('t1', 'wrong')).kind).toBe('failed')
    expect((await asToken('t2', 'hmac')).kind).toBe('failed')
    expect((await asToken('t2', 't2')).kind).toBe('failed')
    expect((await asToken('alice', 'wonderland')).kind).toBe('failed')
    expect((await logIn({ user: 't1', password: 'hmac' })).kind).toBe('failed')
  })
})

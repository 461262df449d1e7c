import type { CryptoKey, GenerateKeyPairResult, JWTPayload } from 'jose'
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../kit/index.ts'
import { createSimTime } from '../../../kit/testing.ts'
import { createBrokerConfig } from '../../control/index.ts'
import { planListeners } from '../listener-plan.ts'
import { BearerTokens } from './bearer-tokens.ts'
import { parseOAuthBearer } from './oauth-bearer-message.ts'
import { OAuthBearerServer } from './oauth-bearer-server.ts'

const ISSUER = 'https://issuer.example'
const time = createSimTime()
const nowSeconds = Math.floor(time.clock.now() / 1000)

let signing: GenerateKeyPairResult
let otherSigning: GenerateKeyPairResult
let tokens: BearerTokens
beforeAll(async () => {
  signing = await generateKeyPair('ES256')
  otherSigning = await generateKeyPair('ES256')
  const jwk = await exportJWK(signing.publicKey)
  tokens = new BearerTokens(
    {
      issuer: ISSUER,
      audiences: ['kafka', 'glasslog'],
      algorithms: ['ES256'],
      clockSkewSeconds: 30,
      userClaim: 'sub',
    },
    createLocalJWKSet({ keys: [{ ...jwk, kid: 'one', alg: 'ES256' }] }),
    time.clock,
    silentLogger,
  )
})

const CLAIMS: JWTPayload = {
  iss: ISSUER,
  aud: 'kafka',
  sub: 'alice',
  exp: nowSeconds + 600,
}

function sign(claims: JWTPayload, key: CryptoKey = signing.privateKey): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(key)
}

const messageOf = (token: string, header = 'n,,'): Buffer =>
  Buffer.from(`${header}\x01auth=Bearer ${token}\x01\x01`)

const unsigned = (claims: JWTPayload, alg: string): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg, kid: 'one' })}.${part(claims)}.${alg === 'none' ? '' : 'AAAA'}`
}

describe('OAUTHBEARER', () => {
  it('takes a sound token, for as long as it is', async () => {
    const server = new OAuthBearerServer(tokens)
    expect(await server.evaluate(messageOf(await sign(CLAIMS)))).toMatchObject({
      kind: 'authenticated',
      identity: { principal: 'User:alice', mechanism: 'OAUTHBEARER' },
      expiresAtMs: (nowSeconds + 600) * 1000,
    })
  })

  it.each<readonly [string, () => string | Promise<string>]>([
    ['of another issuer (CVE-2026-33557)', () => sign({ ...CLAIMS, iss: 'https://evil.example' })],
    ['for another audience (CVE-2026-33557)', () => sign({ ...CLAIMS, aud: 'billing' })],
    ['without an audience', () => sign({ iss: ISSUER, sub: 'alice', exp: CLAIMS.exp ?? 0 })],
    ['that has expired', () => sign({ ...CLAIMS, exp: nowSeconds - 31 })],
    ['that never expires', () => sign({ iss: ISSUER, aud: 'kafka', sub: 'alice' })],
    ['that is not valid yet', () => sign({ ...CLAIMS, nbf: nowSeconds + 60 })],
    ['of nobody', () => sign({ iss: ISSUER, aud: 'kafka', exp: CLAIMS.exp ?? 0 })],
    ['of somebody whose name is none', () => sign({ ...CLAIMS, sub: 'a\nb' })],
    ['of whoever did not log in', () => sign({ ...CLAIMS, sub: 'ANONYMOUS' })],
    ['signed by a stranger', () => sign(CLAIMS, otherSigning.privateKey)],
    ['without a signature (CVE-2026-110985)', () => unsigned(CLAIMS, 'ES256')],
    ['with an algorithm that is not on the list', () => unsigned(CLAIMS, 'HS256')],
  ])('refuses a token %s by RFC 7628', async (_, make) => {
    const server = new OAuthBearerServer(tokens)
    const refusal = await server.evaluate(messageOf(await make()))
    expect(refusal).toEqual({ kind: 'challenge', bytes: Buffer.from('{"status":"invalid_token"}') })
    expect(await server.evaluate(Buffer.from([1]))).toEqual({
      kind: 'failed',
      message: '{"status":"invalid_token"}',
      claimedUser: null,
    })
  })

  it('never takes an unsecured token, which is not even in the form of a signed one', async () => {
    const server = new OAuthBearerServer(tokens)
    const token = unsigned(CLAIMS, 'none')
    expect(await server.evaluate(messageOf(token))).toMatchObject({ kind: 'failed' })
  })

  it('does not let anybody act for another one', async () => {
    const server = new OAuthBearerServer(tokens)
    const refusal = await server.evaluate(messageOf(await sign(CLAIMS), 'n,a=bob,'))
    expect(refusal).toMatchObject({ kind: 'challenge' })
    const again = await server.evaluate(messageOf(await sign(CLAIMS)))
    expect(again).toMatchObject({ kind: 'failed', claimedUser: 'alice' })
  })

  it.each([
    ['n,,\x01auth=Bearer a.b.c\x01\x01', 'a.b.c'],
    ['n,a=bob,\x01host=x\x01auth=bearer a.b.c\x01traceId=1\x01\x01', 'a.b.c'],
    ['n,,\x01auth=Basic a.b.c\x01\x01', undefined],
    ['n,,\x01auth=Bearer a.b.c\x01auth=Bearer d.e.f\x01\x01', undefined],
    ['n,,\x01\x01', undefined],
    ['\x01', undefined],
    ['y,,\x01auth=Bearer a.b.c\x01\x01', undefined],
    ['n,,\x01auth=Bearer a.b.c\x01', undefined],
  ])('reads the message %j', (text, token) => {
    expect(parseOAuthBearer(Buffer.from(text))?.token).toBe(token)
  })
})

describe('a listener with OAUTHBEARER', () => {
  const complete = {
    listeners: 'SASL_SSL://127.0.0.1:0',
    'ssl.keystore.location': '/keys.pem',
    'sasl.enabled.mechanisms': 'OAUTHBEARER',
    'sasl.oauthbearer.jwks.endpoint.url': 'https://issuer.example/keys',
    'sasl.oauthbearer.jwks.endpoint.refresh.ms': '60000',
    'sasl.oauthbearer.expected.issuer': ISSUER,
    'sasl.oauthbearer.expected.audience': 'kafka',
    'sasl.oauthbearer.sub.claim.name': 'email',
    'sasl.oauthbearer.clock.skew.seconds': '5',
    'glasslog.oauthbearer.algorithms': 'RS256,ES256',
  }
  const plan = (overrides: Record<string, string>) =>
    planListeners(createBrokerConfig({ overrides }), { host: '127.0.0.1', port: 0 })

  it('is fine with keys, issuer and audience', () => {
    expect(plan(complete)).toHaveLength(1)
  })

  it.each([
    'sasl.oauthbearer.jwks.endpoint.url',
    'sasl.oauthbearer.expected.issuer',
    'sasl.oauthbearer.expected.audience',
  ])('refuses to start without %s', (name) => {
    const { [name as keyof typeof complete]: _, ...rest } = complete
    expect(() => plan(rest)).toThrow(name)
  })

  it.each(['http://issuer.example/keys', 'ftp://issuer.example/keys', 'keys.json'])(
    'takes no keys from %s',
    (url) => {
      expect(() => plan({ ...complete, 'sasl.oauthbearer.jwks.endpoint.url': url })).toThrow(
        'sasl.oauthbearer.jwks.endpoint.url',
      )
    },
  )

  it.each(['HS256', 'none'])('knows no algorithm %s', (name) => {
    expect(() => plan({ ...complete, 'glasslog.oauthbearer.algorithms': name })).toThrow(
      'glasslog.oauthbearer.algorithms',
    )
  })
})

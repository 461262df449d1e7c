import { createHook } from 'node:async_hooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, TestAdmin } from '../../../test/support/test-admin.ts'
import { ROOT_TOKEN, startTestAdmin } from '../../../test/support/test-admin.ts'
import { systemActor } from '../../control/index.ts'
import { AccessControl } from '../../security/index.ts'

/** Accounts, what they may do, and how they come in. */

let admin: TestAdmin

beforeAll(async () => {
  const access = new AccessControl({
    glasslogAuthorizer: 'acl',
    allowEveryoneIfNoAclFound: false,
    superUsers: '',
  })
  admin = await startTestAdmin({ authorizer: access })
  access.follow(admin.broker.services.control.state)
  await admin.broker.createTopic('orders', { partitions: 2 })
  await admin.broker.createTopic('private')
})
afterAll(() => admin.stop())

async function make(name: string, ...roles: string[]): Promise<string> {
  const account = await admin.call('POST /v1/accounts', { body: { name, roles } })
  expect(account.status).toBe(201)
  const { body } = await admin.call('POST /v1/tokens', { body: { account: name, label: 'test' } })
  return (body as { token: string }).token
}

/** What `glasslog_logins_total` shows. */
function failuresBy(mechanism: string): number {
  return admin.services.loginsBy(mechanism).failures
}

/** A wrong credential is answered late: time has to pass. */
async function callLate(
  target: string,
  options: Parameters<TestAdmin['call']>[1],
): Promise<Answer> {
  const answer = admin.call(target, options)
  let isDone = false
  void answer.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve))
    await admin.broker.time.advance(100)
  }
  return answer
}

describe('roles', () => {
  const READ = [
    'GET /v1/cluster',
    'GET /v1/listeners',
    'GET /v1/topics/orders',
    'GET /v1/users',
    'GET /v1/acls',
    'GET /v1/accounts',
    'GET /v1/roles',
    'GET /v1/configs',
  ]
  const OPERATE: readonly (readonly [string, object?])[] = [
    ['POST /v1/topics?dryRun=true', { name: 'x' }],
    ['PATCH /v1/topics/orders?dryRun=true', { partitions: 5 }],
    ['DELETE /v1/topics/orders?dryRun=true'],
    ['PATCH /v1/configs?dryRun=true', { configs: { 'message.max.bytes': '1000' } }],
    ['GET /v1/topics/orders/records'],
    ['POST /v1/topics/orders/records?dryRun=true', { records: [{ value: 'x' }] }],
  ]
  const ADMINISTER: readonly (readonly [string, object?])[] = [
    ['POST /v1/accounts?dryRun=true', { name: 'x', roles: [] }],
    ['POST /v1/roles?dryRun=true', { name: 'x', rules: [] }],
    ['PUT /v1/users/x?dryRun=true', { password: 'long enough' }],
    [
      'POST /v1/acls?dryRun=true',
      { resourceType: 'TOPIC', resourceName: 'x', principal: 'User:x', operation: 'READ' },
    ],
    ['POST /v1/tokens?dryRun=true', { account: 'ops', label: 'x' }],
  ]
  const AUDIT: readonly (readonly [string, object?])[] = [['GET /v1/audit/0']]

  it.each([
    ['viewer', { read: true, operate: false, administer: false, audit: false }],
    ['operator', { read: true, operate: true, administer: false, audit: false }],
    ['auditor', { read: true, operate: false, administer: false, audit: true }],
    ['admin', { read: true, operate: true, administer: true, audit: true }],
  ])('%s: %j', async (role, may) => {
    if (role === 'viewer') await make('ops')
    const token = await make(`a-${role}`, role)
    const statuses = async (calls: readonly (readonly [string, object?])[]): Promise<string[]> => {
      const found: string[] = []
      for (const [target, body] of calls) {
        const { status } = await admin.call(target, { token, ...(body ? { body } : {}) })
        found.push(`${target} ${status < 400 ? 'allowed' : status}`)
      }
      return found
    }
    const all = (calls: readonly (readonly [string, object?])[], allowed: boolean): string[] =>
      calls.map(([target]) => `${target} ${allowed ? 'allowed' : 403}`)
    const reads = READ.map((target) => [target] as const)
    expect(await statuses(reads)).toEqual(all(reads, may.read))
    expect(await statuses(OPERATE)).toEqual(all(OPERATE, may.operate))
    expect(await statuses(ADMINISTER)).toEqual(all(ADMINISTER, may.administer))
    expect(await statuses(AUDIT)).toEqual(all(AUDIT, may.audit))
  })

  it('of one’s own: what is allowed on a prefix is seen, and nothing else', async () => {
    const rule = {
      resourceType: 'TOPIC',
      resourceName: 'ord',
      patternType: 'PREFIXED',
      operation: 'DESCRIBE',
    }
    expect(
      await admin.call('POST /v1/roles', { body: { name: 'orders-only', rules: [rule] } }),
    ).toMatchObject({ status: 201, body: { builtIn: false, rules: [rule] } })
    const token = await make('bob', 'orders-only')
    const { body } = await admin.call('GET /v1/topics', { token })
    expect((body as { topics: { name: string }[] }).topics.map(({ name }) => name)).toEqual([
      'orders',
    ])
    // Whether a topic exists is not told to those who may not see it.
    expect((await admin.call('GET /v1/topics/private', { token })).status).toBe(403)
    expect((await admin.call('GET /v1/topics/nothing', { token })).status).toBe(403)

    await admin.call('PUT /v1/roles/orders-only', { body: { rules: [] } })
    expect((await admin.call('GET /v1/topics', { token })).body).toEqual({ topics: [], next: null })
    expect(await admin.call('DELETE /v1/roles/orders-only')).toMatchObject({ status: 403 })
    await admin.call('PATCH /v1/accounts/bob', { body: { roles: [] } })
    expect((await admin.call('DELETE /v1/roles/orders-only')).status).toBe(200)
    expect((await admin.call('GET /v1/roles/orders-only')).status).toBe(404)
    expect((await admin.call('GET /v1/roles/viewer')).body).toMatchObject({ builtIn: true })
  })

  it('a denied command is a record, and says which rule decided', async () => {
    const token = await make('eve', 'viewer')
    const answer = await admin.call('DELETE /v1/topics/orders', { token })
    expect(answer).toMatchObject({ status: 403, body: { code: 'topic-authorization-failed' } })
    const { history } = admin.broker.services.control
    const [entry] = await history.read(history.nextSeq - 1, 1)
    expect(entry?.record).toMatchObject({
      operation: 'topic.delete',
      actor: { principal: 'User:eve', mechanism: 'token' },
      decision: { allowed: false },
      outcome: { code: 'TOPIC_AUTHORIZATION_FAILED' },
      after: null,
    })
    expect((await admin.call('GET /v1/topics/orders')).status).toBe(200)
  })
})

describe('/v1/accounts', () => {
  it('has a pseudonym in records, and nothing else of the person, erased or not', async () => {
    const person = { displayName: 'Dora Doe', email: 'dora@example.org' }
    const created = await admin.call('POST /v1/accounts', { body: { roles: ['admin'], ...person } })
    expect([created.status, created.body]).toMatchObject([201, { person }])
    const { name } = created.body as { name: string }
    expect(name).toMatch(/^account-[0-9a-f]{12}$/)
    const made = await admin.call('POST /v1/tokens', { body: { account: name, label: 'test' } })
    const { token } = made.body as { token: string }
    await admin.call('POST /v1/topics', { token, body: { name: 'of-dora', partitions: 1 } })
    await admin.call(`PATCH /v1/accounts/${name}`, { body: { ...person, email: 'dd@example.org' } })
    expect((await admin.call(`DELETE /v1/accounts/${name}/person`)).status).toBe(200)

    const { body } = await admin.call('GET /v1/audit?limit=1000')
    const text = JSON.stringify(body)
    expect(text).toContain(`"principal":"User:${name}"`)
    for (const known of ['Dora', 'dora@', 'dd@']) expect(text).not.toContain(known)
    expect((await admin.call(`GET /v1/accounts/${name}`)).body).toMatchObject({ person: null })
  })

  it('shows what is known of the person to oneself and to administrators, and forgets it', async () => {
    const token = await make('carol', 'viewer')
    const other = await make('dave', 'viewer')
    const person = { displayName: 'Carol C.', email: 'carol@example.org' }
    await admin.call('PATCH /v1/accounts/carol', { body: person })
    const seenBy = async (by: string | undefined): Promise<unknown> => {
      const { body } = await admin.call(
        'GET /v1/accounts/carol',
        by === undefined ? {} : { token: by },
      )
      return (body as { person: unknown }).person
    }
    expect(await seenBy(undefined)).toEqual(person)
    expect(await seenBy(token)).toEqual(person)
    expect(await seenBy(other)).toBeNull()
    expect((await admin.call('DELETE /v1/accounts/carol/person')).status).toBe(200)
    expect(await seenBy(undefined)).toBeNull()
  })

  it('takes the tokens of an account with it', async () => {
    const token = await make('leaver', 'viewer')
    expect((await admin.call('DELETE /v1/accounts/leaver')).status).toBe(200)
    expect((await callLate('GET /v1/session', { token })).status).toBe(401)
    expect((await admin.call('GET /v1/tokens?account=leaver')).body).toMatchObject({ tokens: [] })
  })

  it('takes the password of an account with it, so that it does not open the next one', async () => {
    await make('again', 'viewer')
    const password = 'correct horse battery'
    await admin.call('PUT /v1/users/again', { body: { password } })
    await admin.call('PUT /v1/users/again', { body: { password, mechanism: 'SCRAM-SHA-256' } })
    expect((await admin.call('DELETE /v1/accounts/again')).status).toBe(200)
    expect(admin.broker.services.control.state.users.has('again')).toBe(false)
    await make('again', 'admin')
    const body = { account: 'again', password }
    expect((await callLate('POST /v1/session', { token: null, body })).status).toBe(401)
  })

  it('is not made over a password that somebody set before', async () => {
    await admin.call('PUT /v1/users/early', { body: { password: 'correct horse battery' } })
    const body = { name: 'early', roles: ['admin'] }
    expect(await admin.call('POST /v1/accounts', { body })).toMatchObject({
      body: { code: 'policy-violation', detail: expect.stringContaining('has a password') },
    })
    await admin.call('DELETE /v1/users/early')
    expect((await admin.call('POST /v1/accounts', { body })).status).toBe(201)
  })

  it.each([
    ['POST /v1/accounts', { name: 'root', roles: [] }, 400, 'invalid-request'],
    ['POST /v1/accounts', { name: 'carol', roles: [] }, 409, 'duplicate-resource'],
    ['POST /v1/accounts', { name: 'x', roles: ['emperor'] }, 400, 'invalid-request'],
    ['PATCH /v1/accounts/nobody', { disabled: true }, 404, 'resource-not-found'],
    ['DELETE /v1/accounts/nobody', undefined, 404, 'resource-not-found'],
    ['POST /v1/roles', { name: 'viewer', rules: [] }, 400, 'invalid-request'],
  ])('%s %j: %i %s', async (target, body, status, code) => {
    const answer = await admin.call(target, body ? { body } : {})
    expect(answer).toMatchObject({ status, body: { code } })
  })
})

describe('/v1/tokens', () => {
  it('lets everybody have their own, and only administrators those of others', async () => {
    const token = await make('tom', 'viewer')
    const own = await admin.call('POST /v1/tokens', { token, body: { label: 'mine' } })
    expect(own).toMatchObject({
      status: 201,
      body: { account: 'tom', label: 'mine', expiresAt: null },
    })
    const foreign = await admin.call('POST /v1/tokens', {
      token,
      body: { account: 'carol', label: 'x' },
    })
    expect(foreign.status).toBe(403)
    const { body } = await admin.call('GET /v1/tokens', { token })
    const accounts = (body as { tokens: { account: string }[] }).tokens.map(
      ({ account }) => account,
    )
    expect(accounts).toEqual(['tom', 'tom'])
    const { id, token: text } = own.body as { id: string; token: string }
    expect((await admin.call('GET /v1/session', { token: text })).status).toBe(200)
    expect((await admin.call(`DELETE /v1/tokens/${id}`, { token })).status).toBe(200)
    expect((await callLate('GET /v1/session', { token: text })).status).toBe(401)
  })

  it('for root are made by root alone', async () => {
    const token = await make('almost-root', 'admin')
    const call = (asRoot: boolean) =>
      admin.call('POST /v1/tokens', {
        ...(asRoot ? {} : { token }),
        body: { account: 'root', label: 'x' },
      })
    expect((await call(false)).status).toBe(403)
    const { body } = await admin.call('GET /v1/audit?operation=token.create&limit=1')
    expect(body).toMatchObject({
      records: [
        {
          actor: { principal: 'User:almost-root' },
          decision: { allowed: false, rule: 'root-alone' },
        },
      ],
    })
    expect((await call(true)).status).toBe(201)
  })

  it('do not outlive the token or the session that asks for them', async () => {
    await make('tess', 'admin')
    await admin.call('PUT /v1/users/tess', { body: { password: 'correct horse battery' } })
    const now = admin.broker.time.clock.now()
    const at = (laterMs: number): string => new Date(now + laterMs).toISOString()
    const create = (body: object, token?: string) =>
      admin.call('POST /v1/tokens', { body, ...(token === undefined ? {} : { token }) })
    const short = await create({ account: 'tess', label: 'short', expiresAt: at(3_600_000) })
    const session = await admin.call('POST /v1/session', {
      token: null,
      body: { account: 'tess', password: 'correct horse battery' },
    })
    for (const { body } of [short, session]) {
      const { token, expiresAt } = body as { token: string; expiresAt: string }
      for (const account of ['tess', 'tom']) {
        expect(await create({ account, label: 'as long' }, token)).toMatchObject({
          status: 201,
          body: { expiresAt },
        })
        const later = { account, label: 'longer', expiresAt: at(13 * 3_600_000) }
        expect(await create(later, token)).toMatchObject({
          status: 400,
          body: { code: 'invalid-request', detail: expect.stringContaining(expiresAt) },
        })
      }
    }
  })

  it('are good until they expire', async () => {
    const expiresAt = new Date(admin.broker.time.clock.now() + 60_000).toISOString()
    const { body } = await admin.call('POST /v1/tokens', {
      body: { account: 'tom', label: 'short', expiresAt },
    })
    const { token } = body as { token: string }
    expect((await admin.call('GET /v1/session', { token })).status).toBe(200)
    await admin.broker.time.advance(60_000)
    expect((await callLate('GET /v1/session', { token })).status).toBe(401)
  })

  it('never show again, not in records either', async () => {
    const { body } = await admin.call('POST /v1/tokens', {
      body: { account: 'tom', label: 'seen once' },
    })
    const { token } = body as { token: string }
    const secret = token.split('.')[1] ?? '-'
    const { history } = admin.broker.services.control
    for (let seq = 0; seq < history.nextSeq; ) {
      for (const { bytes } of await history.read(seq, 1000)) {
        expect(Buffer.from(bytes).includes(secret)).toBe(false)
        seq++
      }
    }
    expect(JSON.stringify((await admin.call('GET /v1/tokens')).body)).not.toContain(secret)
  })

  it('end with their account being disabled', async () => {
    const token = await make('paused', 'viewer')
    await admin.call('PATCH /v1/accounts/paused', { body: { disabled: true } })
    expect((await callLate('GET /v1/session', { token })).status).toBe(401)
    await admin.call('PATCH /v1/accounts/paused', { body: { disabled: false } })
    expect((await admin.call('GET /v1/session', { token })).status).toBe(200)
  })
})

describe('PUT /v1/users/{user}', () => {
  /** How many times a password was made into keys meanwhile, which costs a core some milliseconds. */
  async function derivationsDuring(work: () => Promise<unknown>): Promise<number> {
    let count = 0
    const hook = createHook({
      init(_, type) {
        if (type === 'PBKDF2REQUEST') count++
      },
    }).enable()
    await work()
    hook.disable()
    return count
  }

  it('costs nothing for who may not, and leaves the record that it always leaves', async () => {
    const token = await make('pauper', 'viewer')
    const { history } = admin.broker.services.control
    const { nextSeq } = history
    const body = { password: 'long enough', mechanism: 'SCRAM-SHA-256', iterations: 8192 }
    for (const user of ['pauper', 'somebody', 'root']) {
      const set = async (more = '') => {
        const answer = await admin.call(`PUT /v1/users/${user}?reason=why${more}`, { token, body })
        expect(answer.status).toBe(403)
      }
      expect(await derivationsDuring(() => set())).toBe(0)
      expect(await derivationsDuring(() => set('&dryRun=true'))).toBe(0)
    }
    const records = (await history.read(nextSeq, 100)).map(({ record }) => record)
    const { password: _, ...request } = body
    expect(records).toMatchObject(
      ['pauper', 'somebody', 'root'].map((name) => ({
        ...{ operation: 'user.scram.upsert', actor: { principal: 'User:pauper' }, reason: 'why' },
        ...{ resource: { kind: 'user', name }, decision: { allowed: false } },
        outcome: { code: expect.stringMatching(/_AUTHORIZATION_FAILED$/) },
      })),
    )
    expect(records.map((record) => record.request)).toEqual(
      ['pauper', 'somebody', 'root'].map((name) => ({ name, ...request })),
    )
    const permitted = () => admin.call('PUT /v1/users/somebody', { body })
    expect(await derivationsDuring(permitted)).toBe(1)
  })
})

describe('/v1/session', () => {
  const PASSWORD = 'correct horse battery'
  const login = (account: string, password: string) =>
    callLate('POST /v1/session', { token: null, body: { account, password } })

  beforeAll(async () => {
    await make('sam', 'operator')
    await admin.call('PUT /v1/users/sam', { body: { password: PASSWORD } })
  })

  it('begins with account and password, and goes on with the token or the cookie', async () => {
    const { status, body, headers } = await login('sam', PASSWORD)
    expect(status).toBe(201)
    const { token } = body as { token: string }
    const cookie = String(headers['set-cookie'])
    expect(cookie).toMatch(
      /^glasslog-session=gls_[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    )
    expect(await admin.call('GET /v1/session', { token })).toMatchObject({
      body: { account: 'sam', principal: 'User:sam', mechanism: 'session', roles: ['operator'] },
    })
    const headersWithCookie = { cookie: `x=y; ${cookie.split(';')[0]}` }
    const withCookie = (target: string, more: Record<string, string> = {}, requestBody?: object) =>
      admin.call(target, {
        token: null,
        headers: { ...headersWithCookie, ...more },
        ...(requestBody ? { body: requestBody } : {}),
      })
    expect((await withCookie('GET /v1/session')).status).toBe(200)
    const create = 'POST /v1/topics?dryRun=true'
    expect((await withCookie(create, {}, { name: 'x' })).status).toBe(200)
    // Another site's page makes the browser send the cookie along.
    expect(
      (await withCookie(create, { origin: 'https://evil.example' }, { name: 'x' })).status,
    ).toBe(403)
    expect(
      (await withCookie(create, { 'sec-fetch-site': 'cross-site' }, { name: 'x' })).status,
    ).toBe(403)
    expect(
      (await withCookie(create, { 'sec-fetch-site': 'same-origin' }, { name: 'x' })).status,
    ).toBe(200)

    expect((await withCookie('DELETE /v1/session')).status).toBe(204)
    // The cookie of a session that has ended does not keep anybody from logging in again.
    expect((await withCookie('GET /v1/session')).status).toBe(401)
    const again = await withCookie('POST /v1/session', {}, { account: 'sam', password: PASSWORD })
    expect(again.status).toBe(201)
    expect((await callLate('GET /v1/session', { token })).status).toBe(401)
  })

  it('is not for other sites either when the browser keeps a token for basic authentication', async () => {
    const authorization = `Basic ${Buffer.from(`root:${ROOT_TOKEN}`).toString('base64')}`
    const create = (more: Readonly<Record<string, string>>) =>
      admin.call('POST /v1/topics?dryRun=true', {
        token: null,
        headers: { authorization, ...more },
        body: { name: 'x' },
      })
    expect((await create({})).status).toBe(200)
    expect((await create({ 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect((await create({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await create({ origin: 'https://evil.example' })).status).toBe(403)
  })

  it('ends when the password changes, when the account is disabled, and by itself', async () => {
    const begin = async (): Promise<string> =>
      ((await login('sam', PASSWORD)).body as { token: string }).token
    const first = await begin()
    await admin.call('PUT /v1/users/sam', { body: { password: PASSWORD } })
    expect((await callLate('GET /v1/session', { token: first })).status).toBe(401)
    const second = await begin()
    await admin.call('PATCH /v1/accounts/sam', { body: { disabled: true } })
    expect((await callLate('GET /v1/session', { token: second })).status).toBe(401)
    expect((await login('sam', PASSWORD)).status).toBe(401)
    await admin.call('PATCH /v1/accounts/sam', { body: { disabled: false } })
    const { successes } = admin.services.loginsBy('http-password')
    const third = await begin()
    expect(admin.services.loginsBy('http-password').successes).toBe(successes + 1)
    await admin.broker.time.advance(12 * 60 * 60 * 1000)
    expect((await callLate('GET /v1/session', { token: third })).status).toBe(401)
  })

  it('is not begun by a password that was changed while it was looked at', async () => {
    const { control } = admin.broker.services
    const slow = { password: PASSWORD, iterations: 16_384 }
    await admin.call('PUT /v1/users/sam', { body: slow })
    const { promise: isLookedAt, resolve } = Promise.withResolvers<void>()
    const hook = createHook({
      init(_, type) {
        if (type === 'PBKDF2REQUEST') resolve()
      },
    }).enable()
    const going = login('sam', PASSWORD)
    await isLookedAt
    hook.disable()
    const keys = {
      salt: Buffer.alloc(8, 1),
      storedKey: Buffer.alloc(64),
      serverKey: Buffer.alloc(64),
    }
    const changed = await control.execute(
      [
        {
          ...{ kind: 'user.scram.upsert', name: 'sam', mechanism: 'SCRAM-SHA-512' },
          ...{ iterations: 4096, ...keys },
        },
      ],
      systemActor,
    )
    expect(changed).toMatchObject([{ error: 'NONE' }])
    const { status, body } = await going
    // Where it was quicker than the change, it has ended with it.
    const { token = 'none' } = body as { token?: string }
    expect([401, 201]).toContain(status)
    expect((await callLate('GET /v1/session', { token })).status).toBe(401)
    await admin.call('PUT /v1/users/sam', { body: { password: PASSWORD } })
  })

  it('answers alike for a wrong password and for an account that is not there', async () => {
    const wrong = await login('sam', 'something else')
    const unknown = await login('nobody', 'something else')
    expect(wrong.status).toBe(401)
    expect(unknown.body).toEqual(wrong.body)
  })

  it('looks at no more passwords when they come all at once', async () => {
    await admin.broker.time.advance(60_000)
    const failuresBefore = failuresBy('http-password')
    const attempts = Array.from({ length: 40 }, () => login('sam', 'something else'))
    const statuses = (await Promise.all(attempts)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(30)
    expect(statuses.filter((status) => status === 429)).toHaveLength(10)
    // glasslog_logins_total has all of them: the storm is as large as it is.
    expect(failuresBy('http-password') - failuresBefore).toBe(40)
    // Those that are good are not counted.
    await admin.broker.time.advance(60_000)
    for (let attempt = 0; attempt < 40; attempt++) {
      expect((await login('sam', PASSWORD)).status).toBe(201)
    }
  })

  it('stops looking after many failures, and tells the history of them together', async () => {
    await admin.broker.time.advance(60_000)
    const failuresBefore = failuresBy('http-token')
    let status = 401
    for (let attempt = 0; status === 401 && attempt < 50; attempt++) {
      status = (await callLate('GET /v1/session', { token: 'wrong' })).status
    }
    expect(status).toBe(429)
    expect(failuresBy('http-token') - failuresBefore).toBe(31)
    // Passwords are not looked at either; whoever has a good token is not held up.
    expect((await login('sam', PASSWORD)).status).toBe(429)
    expect((await admin.call('GET /v1/session')).status).toBe(200)
    await admin.broker.time.advance(120_000)
    expect((await login('sam', PASSWORD)).status).toBe(201)
    const { body } = await admin.call('GET /v1/audit?operation=login')
    const { records } = body as { records: { outcome: { code: string } }[] }
    expect(records.length).toBeGreaterThan(0)
    expect(records.length).toBeLessThan(20)
    expect(records.every(({ outcome }) => outcome.code === 'SASL_AUTHENTICATION_FAILED')).toBe(true)
  })
})

describe('/v1/users', () => {
  it('sets, shows and removes passwords, and never shows or records one', async () => {
    const password = 'never-to-be-seen-again'
    const put = await admin.call('PUT /v1/users/kafka-app', {
      body: { password, mechanism: 'SCRAM-SHA-256', iterations: 8192 },
    })
    expect(put).toMatchObject({
      status: 200,
      body: { name: 'kafka-app', credentials: [{ mechanism: 'SCRAM-SHA-256', iterations: 8192 }] },
    })
    expect(JSON.stringify(put.body)).not.toContain(password)
    const { history } = admin.broker.services.control
    const [entry] = await history.read(history.nextSeq - 1, 1)
    expect(Buffer.from(entry?.bytes ?? []).includes(password)).toBe(false)
    expect((await admin.call('GET /v1/users/kafka-app')).status).toBe(200)
    expect((await admin.call('DELETE /v1/users/kafka-app')).status).toBe(200)
    expect((await admin.call('GET /v1/users/kafka-app')).status).toBe(404)
    expect((await admin.call('DELETE /v1/users/kafka-app')).status).toBe(404)
  })

  it('does not repeat a password that it refuses', async () => {
    const answer = await admin.call('PUT /v1/users/x', { body: { password: 'short' } })
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).not.toContain('"short"')
  })
})

describe('/v1/acls', () => {
  const acl = {
    resourceType: 'TOPIC',
    resourceName: 'orders',
    principal: 'User:ann',
    operation: 'READ',
  }

  it('adds, lists and takes away rules, which hold at once', async () => {
    const token = await make('ann')
    expect((await admin.call('GET /v1/topics/orders/records', { token })).status).toBe(403)
    const created = await admin.call('POST /v1/acls', { body: acl })
    expect(created).toMatchObject({
      status: 201,
      body: { ...acl, patternType: 'LITERAL', host: '*' },
    })
    expect((await admin.call('GET /v1/topics/orders/records', { token })).status).toBe(200)
    const deny = { ...acl, permission: 'DENY', host: '127.0.0.1' }
    await admin.call('POST /v1/acls', { body: deny })
    expect((await admin.call('GET /v1/topics/orders/records', { token })).status).toBe(403)
    const { body } = await admin.call('GET /v1/acls?principal=User:ann&permission=DENY')
    expect(body).toMatchObject({ acls: [deny], next: null })
    expect((await admin.call('DELETE /v1/acls')).status).toBe(400)
    const deleted = await admin.call('DELETE /v1/acls?principal=User:ann')
    expect((deleted.body as { acls: unknown[] }).acls).toHaveLength(2)
    expect((await admin.call('GET /v1/acls?principal=User:ann')).body).toMatchObject({ acls: [] })
  })
})

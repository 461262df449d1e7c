import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'

let admin: TestAdmin
beforeEach(async () => {
  admin = await startTestAdmin()
})
afterEach(() => admin.stop())

const put = (entity: object, limits: object, query = '', headers = {}) =>
  admin.call(`PUT /v1/quotas${query}`, { body: { entity, limits }, headers })

interface Shown {
  readonly id: string
  readonly limits: object
}

async function list(query = ''): Promise<readonly Shown[]> {
  const { status, body } = await admin.call(`GET /v1/quotas${query}`)
  expect(status).toBe(200)
  return (body as { readonly quotas: readonly Shown[] }).quotas
}

describe('/v1/quotas', () => {
  it('sets, shows and replaces limits', async () => {
    const entity = { user: 'alice', clientId: null }
    const first = await put(entity, { producer_byte_rate: 1000, request_percentage: 12.5 })
    expect([first.status, first.body]).toMatchObject([
      200,
      {
        id: 'user=alice,clientId:default',
        entity,
        limits: { producer_byte_rate: 1000, request_percentage: 12.5 },
        dryRun: false,
      },
    ])
    const second = await put(entity, { consumer_byte_rate: 7 })
    expect(second.body).toMatchObject({ limits: { consumer_byte_rate: 7 } })
    expect(await list()).toEqual([
      { id: 'user=alice,clientId:default', entity, limits: { consumer_byte_rate: 7 } },
    ])
  })

  it('lists pages, and those that name somebody', async () => {
    await put({ user: 'alice' }, { producer_byte_rate: 1 })
    await put({ user: 'alice', clientId: 'app' }, { producer_byte_rate: 1 })
    await put({ clientId: 'app' }, { producer_byte_rate: 1 })
    await put({ ip: '10.0.0.1' }, { connection_creation_rate: 1 })
    const ids = async (query: string) => (await list(query)).map(({ id }) => id)
    expect(await ids('?user=alice')).toEqual(['user=alice', 'user=alice,clientId=app'])
    expect(await ids('?clientId=app')).toEqual(['clientId=app', 'user=alice,clientId=app'])
    expect(await ids('?ip=10.0.0.1')).toEqual(['ip=10.0.0.1'])
    expect(await ids('?limit=1')).toEqual(['clientId=app'])
  })

  it('removes a quota, by its id or by whom it is for', async () => {
    await put({ user: null }, { producer_byte_rate: 1 })
    await put({ user: 'alice' }, { producer_byte_rate: 1 })
    const byId = await admin.call('DELETE /v1/quotas?id=user%3Adefault')
    expect(byId.status).toBe(200)
    expect((await admin.call('DELETE /v1/quotas?user=alice')).status).toBe(200)
    expect(await list()).toEqual([])
    const gone = await admin.call('DELETE /v1/quotas?user=alice')
    expect([gone.status, gone.body]).toMatchObject([404, { code: 'resource-not-found' }])
    const nobody = await admin.call('DELETE /v1/quotas')
    expect([nobody.status, nobody.body]).toMatchObject([400, { code: 'invalid-request' }])
  })

  it('only tries with dryRun, and changes what If-Match names', async () => {
    const tried = await put({ user: 'alice' }, { producer_byte_rate: 1 }, '?dryRun=true')
    expect(tried.body).toMatchObject({ dryRun: true, seq: null, limits: { producer_byte_rate: 1 } })
    expect(await list()).toEqual([])
    await put({ user: 'alice' }, { producer_byte_rate: 1 })
    const shown = await admin.call('GET /v1/quotas?id=user%3Dalice')
    const etag = String(shown.headers.etag)
    await put({ user: 'alice' }, { producer_byte_rate: 2 }, '', { 'if-match': etag })
    const stale = await put({ user: 'alice' }, { producer_byte_rate: 3 }, '', { 'if-match': etag })
    expect(stale.status).toBe(412)
    expect(await list()).toMatchObject([{ limits: { producer_byte_rate: 2 } }])
  })

  it('leaves one of two quotas that are set at the same time, whole', async () => {
    const user = { user: 'alice' }
    await Promise.all([put(user, { producer_byte_rate: 1 }), put(user, { consumer_byte_rate: 2 })])
    const [shown] = await list()
    expect(Object.keys(shown?.limits ?? {})).toHaveLength(1)
  })

  it.each<readonly [string, object, object]>([
    ['nobody', {}, { producer_byte_rate: 1 }],
    ['an address with a user', { user: 'a', ip: '10.0.0.1' }, {}],
    ['what is no address', { ip: 'nowhere' }, {}],
    ['half a byte', { user: 'a' }, { producer_byte_rate: 1.5 }],
    ['nothing', { user: 'a' }, { producer_byte_rate: 0 }],
    ['less than nothing', { user: 'a' }, { request_percentage: -1 }],
    ['a rate of connections for a user', { user: 'a' }, { connection_creation_rate: 1 }],
    ['a limit that there is not', { user: 'a' }, { no_such_rate: 1 }],
    ['a name that is no text', { user: '\ud800' }, { producer_byte_rate: 1 }],
  ])('refuses %s', async (_what, entity, limits) => {
    const { status, body } = await put(entity, limits)
    expect([status, body]).toMatchObject([400, { code: 'invalid-request' }])
    expect(await list()).toEqual([])
  })
})

describe('/v1/topics/{topic}/quota', () => {
  beforeEach(async () => {
    await admin.call('POST /v1/topics', { body: { name: 'orders', partitions: 1 } })
  })

  it('sets and removes throttles, which the topic shows', async () => {
    const quota = { producerByteRate: 1000, consumerByteRate: null }
    const set = await admin.call('PUT /v1/topics/orders/quota', { body: quota })
    expect([set.status, set.body]).toMatchObject([200, { name: 'orders', quota }])
    expect((await admin.call('GET /v1/topics/orders')).body).toMatchObject({ quota })
    const none = { producerByteRate: null, consumerByteRate: null }
    await admin.call('PUT /v1/topics/orders/quota', { body: none })
    expect((await admin.call('GET /v1/topics/orders')).body).toMatchObject({ quota: none })
  })

  it.each([
    ['no-such-topic', { producerByteRate: 1, consumerByteRate: null }, 404],
    ['orders', { producerByteRate: 0, consumerByteRate: null }, 400],
    ['orders', { producerByteRate: 1.5, consumerByteRate: null }, 400],
    ['orders', { producerByteRate: 1 }, 400],
    ['__audit', { producerByteRate: 1, consumerByteRate: null }, 403],
  ])('refuses %s %j with %i', async (topic, body, status) => {
    expect((await admin.call(`PUT /v1/topics/${topic}/quota`, { body })).status).toBe(status)
  })
})

describe('what the HTTP door does itself', () => {
  const send = (size: number) =>
    admin.call('POST /v1/topics/orders/records', {
      body: { records: [{ value: 'x'.repeat(size) }] },
    })

  it('sends records as far as the quota of the account goes', async () => {
    await admin.call('POST /v1/topics', { body: { name: 'orders', partitions: 1 } })
    await put({ user: 'root' }, { producer_byte_rate: 1000 })
    expect((await send(5000)).status).toBe(201)
    const refused = await send(1)
    expect([refused.status, refused.body, refused.headers['retry-after']]).toMatchObject([
      429,
      { code: 'throttling-quota-exceeded', detail: expect.stringContaining('producer_byte_rate') },
      '5',
    ])
    await admin.broker.time.advance(5000)
    expect((await send(1)).status).toBe(201)
  })

  it('shows records as far as quota and throttle go', async () => {
    await admin.call('POST /v1/topics', { body: { name: 'orders', partitions: 1 } })
    await send(5000)
    const browse = () => admin.call('GET /v1/topics/orders/records')
    await put({ user: 'root' }, { consumer_byte_rate: 1000 })
    expect((await browse()).status).toBe(200)
    const refused = await browse()
    expect([refused.status, refused.body, refused.headers['retry-after']]).toMatchObject([
      429,
      { code: 'throttling-quota-exceeded', detail: expect.stringContaining('consumer_byte_rate') },
      '5',
    ])
    await admin.broker.time.advance(5000)
    expect((await browse()).status).toBe(200)
    await admin.call('DELETE /v1/quotas?user=root')
    const quota = { producerByteRate: null, consumerByteRate: 1000 }
    await admin.call('PUT /v1/topics/orders/quota', { body: quota })
    expect((await browse()).status).toBe(200)
    expect((await browse()).body).toMatchObject({ detail: expect.stringContaining('orders') })
  })

  it('sends records as far as the throttle of the topic goes', async () => {
    await admin.call('POST /v1/topics', { body: { name: 'orders', partitions: 1 } })
    const quota = { producerByteRate: 1000, consumerByteRate: null }
    await admin.call('PUT /v1/topics/orders/quota', { body: quota })
    expect((await send(5000)).status).toBe(201)
    expect((await send(1)).status).toBe(429)
    await admin.call('PUT /v1/topics/orders/quota', {
      body: { producerByteRate: null, consumerByteRate: null },
    })
    expect((await send(1)).status).toBe(201)
  })

  it('creates and deletes topics as far as the quota of the account goes', async () => {
    await put({ user: 'root' }, { controller_mutation_rate: 1 })
    const create = (name: string, query = '') =>
      admin.call(`POST /v1/topics${query}`, { body: { name, partitions: 12 } })
    expect((await create('a')).status).toBe(201)
    const refused = await create('b')
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1'])
    expect((await create('b', '?dryRun=true')).status).toBe(200)
    expect((await admin.call('DELETE /v1/topics/a')).status).toBe(429)
    expect((await admin.call('PATCH /v1/topics/a', { body: { partitions: 13 } })).status).toBe(429)
    await admin.broker.time.advance(1000)
    expect((await create('b')).status).toBe(201)
  })
})

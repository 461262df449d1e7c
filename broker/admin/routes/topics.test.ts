import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'

let admin: TestAdmin

beforeAll(async () => {
  admin = await startTestAdmin()
})
afterAll(() => admin.stop())

const create = (name: string, more: object = {}) =>
  admin.call('POST /v1/topics', { body: { name, partitions: 1, ...more } })

async function lastRecord(): Promise<unknown> {
  const { history } = admin.broker.services.control
  return (await history.read(history.nextSeq - 1, 1))[0]?.record
}

describe('POST /v1/topics', () => {
  it('creates a topic, by the same command as the Kafka door, with a record of its own', async () => {
    const { status, body, headers } = await create('orders', {
      partitions: 3,
      configs: { 'retention.ms': '1000' },
    })
    expect(status).toBe(201)
    expect(headers.location).toBe('/v1/topics/orders')
    expect(body).toMatchObject({
      name: 'orders',
      partitions: 3,
      configs: { 'retention.ms': '1000' },
      dryRun: false,
    })
    expect(headers.etag).toBe(`"${(body as { seq: number }).seq}"`)
    expect(await lastRecord()).toMatchObject({
      operation: 'topic.create',
      door: 'http',
      actor: { principal: 'User:root', mechanism: 'root-token' },
      source: { listener: 'ADMIN', ip: '127.0.0.1' },
      resource: { kind: 'topic', name: 'orders' },
      outcome: { code: 'NONE' },
    })
  })

  it('answers what would be, and changes nothing, for a dry run', async () => {
    const { nextSeq } = admin.broker.services.control.history
    const { status, body } = await admin.call('POST /v1/topics?dryRun=true', {
      body: { name: 'never' },
    })
    expect([status, body]).toMatchObject([200, { name: 'never', dryRun: true, seq: null }])
    expect(admin.broker.services.control.history.nextSeq).toBe(nextSeq)
    expect((await admin.call('GET /v1/topics/never')).status).toBe(404)
  })

  it('refuses with the code of the protocol, and records the attempt with its reason', async () => {
    await create('twice')
    const answer = await admin.call('POST /v1/topics?reason=again', { body: { name: 'twice' } })
    expect(answer).toMatchObject({ status: 409, body: { code: 'topic-already-exists' } })
    expect(await lastRecord()).toMatchObject({
      outcome: { code: 'TOPIC_ALREADY_EXISTS' },
      reason: 'again',
    })
  })

  it.each([
    [{ name: 'a b' }, 400, 'invalid-topic-exception'],
    [{ name: 'x', configs: { 'no.such.config': '1' } }, 400, 'invalid-config'],
    [{ name: 'x', configs: { 'retention.ms': 'soon' } }, 400, 'invalid-config'],
    [{ name: 'x', replicationFactor: 3 }, 400, 'invalid-replication-factor'],
    [{ name: 'x', partitions: 2 ** 31 - 1 }, 400, 'invalid-partitions'],
    [{ name: '__audit' }, 409, 'topic-already-exists'],
  ])('%j: %i %s', async (body, status, code) => {
    expect(await admin.call('POST /v1/topics', { body })).toMatchObject({ status, body: { code } })
  })
})

describe('GET /v1/topics', () => {
  const names = async (query: string): Promise<string[]> => {
    const { body } = await admin.call(`GET /v1/topics?${query}`)
    return (body as { topics: { name: string }[] }).topics.map(({ name }) => name)
  }

  it('pages by name', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await create(name)
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`
      const { body } = await admin.call(`GET /v1/topics?q=PAGE-&limit=2${cursor}`)
      const page = body as { topics: { name: string }[]; next: string | null }
      seen.push(...page.topics.map(({ name }) => name))
      next = page.next
    }
    expect(seen).toEqual(['page-a', 'page-b', 'page-c'])
  })

  it('leaves out the topics of the broker itself when asked to', async () => {
    expect(await names('')).toContain('__audit')
    expect(await names('internal=false')).not.toContain('__audit')
  })

  it('sorts by what goes through them', async () => {
    const { services, time } = admin.broker
    for (const [name, bytes] of [
      ['slow', 10],
      ['fast', 5000],
      ['idle', 0],
    ] as const) {
      await create(`rate-${name}`)
      const id = services.control.state.topics.get(`rate-${name}`)?.id ?? ''
      services.traffic.of(id).bytesIn += bytes
    }
    await time.advance(1_000)
    expect(await names('q=rate-&sort=bytesIn')).toEqual(['rate-fast', 'rate-slow', 'rate-idle'])
    expect(await names('q=rate-&sort=bytesIn&order=ascending')).toEqual([
      'rate-idle',
      'rate-slow',
      'rate-fast',
    ])
    const { body } = await admin.call('GET /v1/topics/rate-fast')
    expect(body).toMatchObject({ rates: { bytesIn: 5000, bytesOut: 0 } })
  })

  it('sorts by partitions', async () => {
    await create('wide-2', { partitions: 2 })
    await create('wide-9', { partitions: 9 })
    expect(await names('q=wide-&sort=partitions')).toEqual(['wide-9', 'wide-2'])
  })
})

describe('PATCH /v1/topics/{topic}', () => {
  const patch = (name: string, body: object, headers: Record<string, string> = {}) =>
    admin.call(`PATCH /v1/topics/${name}`, { body, headers })

  it('changes configurations and partitions at once', async () => {
    await create('patched', { configs: { 'retention.ms': '5' } })
    const { status, body } = await patch('patched', {
      partitions: 2,
      configs: { 'retention.ms': null, 'max.message.bytes': '1000' },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      partitions: 2,
      configs: { 'max.message.bytes': '1000' },
    })
    expect((body as { configs: object }).configs).not.toHaveProperty('retention.ms')
  })

  it('changes all or nothing', async () => {
    await create('atomic')
    const answer = await patch('atomic', { partitions: 5, configs: { 'retention.ms': 'never' } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-config' } })
    expect((await admin.call('GET /v1/topics/atomic')).body).toMatchObject({ partitions: 1 })
  })

  it('refuses with 412 when the topic was changed since it was read', async () => {
    await create('guarded')
    const { headers } = await admin.call('GET /v1/topics/guarded')
    const etag = String(headers.etag)
    const first = await patch('guarded', { partitions: 2 }, { 'if-match': etag })
    expect(first.status).toBe(200)
    const second = await patch('guarded', { partitions: 3 }, { 'if-match': etag })
    expect(second).toMatchObject({ status: 412, body: { code: 'invalid-update-version' } })
    const third = await patch(
      'guarded',
      { partitions: 3 },
      { 'if-match': String(first.headers.etag) },
    )
    expect(third.status).toBe(200)
    expect((await patch('guarded', { partitions: 4 }, { 'if-match': '*' })).status).toBe(200)
    expect((await patch('guarded', { partitions: 5 }, { 'if-match': 'x' })).status).toBe(400)
  })

  it.each([
    ['orders', {}, 400, 'invalid-request'],
    ['orders', { partitions: 1 }, 400, 'invalid-partitions'],
    ['none', { partitions: 2 }, 404, 'unknown-topic-or-partition'],
    ['__audit', { configs: { 'retention.ms': '1' } }, 403, 'policy-violation'],
  ])('%s %j: %i %s', async (name, body, status, code) => {
    expect(await patch(name, body)).toMatchObject({ status, body: { code } })
  })
})

describe('deleting and restoring', () => {
  it('brings a topic back whole', async () => {
    await create('gone', { partitions: 2, configs: { 'retention.ms': '77000' } })
    await admin.call('POST /v1/topics/gone/records', {
      body: { records: [{ value: 'kept', partition: 1 }] },
    })
    const before = (await admin.call('GET /v1/topics/gone')).body as {
      id: string
      sizeBytes: number
    }
    expect(before.sizeBytes).toBeGreaterThan(0)
    // As of a client that says what type its bodies have and sends none.
    const headers = { 'content-type': 'application/json' }
    const deletion = await admin.call('DELETE /v1/topics/gone', { headers })
    expect(deletion).toMatchObject({
      status: 200,
      body: { topic: { name: 'gone', id: before.id, sizeBytes: before.sizeBytes } },
    })
    expect((await admin.call('GET /v1/topics/gone')).status).toBe(404)
    const { body } = await admin.call('GET /v1/deleted-topics')
    expect(body).toMatchObject({
      topics: [{ name: 'gone', id: before.id, sizeBytes: before.sizeBytes }],
    })

    const restored = await admin.call('POST /v1/topics/gone/restore')
    expect(restored).toMatchObject({
      status: 200,
      body: { id: before.id, configs: { 'retention.ms': '77000' } },
    })
    const { body: records } = await admin.call('GET /v1/topics/gone/records')
    expect(records).toMatchObject({ records: [{ value: 'kept', partition: 1 }] })
    expect((await admin.call('GET /v1/deleted-topics')).body).toEqual({ topics: [], next: null })
  })

  it('restores under another name when the old one is taken', async () => {
    const restoredAs = async (body: object): Promise<unknown> => {
      await create('reborn')
      await admin.call('DELETE /v1/topics/reborn')
      await create('reborn')
      const restored = await admin.call('POST /v1/topics/reborn/restore', { body })
      await admin.call('DELETE /v1/topics/reborn')
      return (restored.body as { name: string }).name
    }
    expect(await restoredAs({ newName: 'older' })).toBe('older')
    expect(await restoredAs({})).toBe('reborn-restored')
  })

  it('gives the space back at once when asked to', async () => {
    await create('purged')
    const { status, body } = await admin.call('DELETE /v1/topics/purged?purge=now')
    expect([status, body]).toMatchObject([200, { topic: null }])
    expect((await admin.call('POST /v1/topics/purged/restore')).status).toBe(404)
  })

  it.each([
    ['DELETE /v1/topics/none', 404, 'unknown-topic-or-partition'],
    ['DELETE /v1/topics/__audit', 403, 'policy-violation'],
    ['POST /v1/topics/none/restore', 404, 'unknown-topic-or-partition'],
  ])('%s: %i %s', async (target, status, code) => {
    expect(await admin.call(target)).toMatchObject({ status, body: { code } })
  })
})

describe('/v1/configs', () => {
  it('lists what is in effect and where it comes from', async () => {
    const { body } = await admin.call('GET /v1/configs?q=message.max.bytes')
    expect(body).toMatchObject({
      configs: [{ name: 'message.max.bytes', source: 'default' }],
      next: null,
    })
    const { body: ofTopic } = await admin.call('GET /v1/configs?topic=orders&q=retention.ms')
    expect(ofTopic).toMatchObject({
      configs: expect.arrayContaining([
        expect.objectContaining({ name: 'retention.ms', value: '1000', source: 'topic' }),
      ]),
    })
  })

  it('changes the broker’s own, for this broker or for all', async () => {
    const patch = (scope: string, value: string | null) =>
      admin.call(`PATCH /v1/configs?scope=${scope}`, {
        body: { configs: { 'message.max.bytes': value } },
      })
    expect((await patch('cluster', '2000000')).status).toBe(200)
    expect((await patch('broker', '3000000')).body).toMatchObject({
      configs: { 'message.max.bytes': '3000000' },
    })
    const { body } = await admin.call('GET /v1/configs?q=message.max.bytes')
    expect(body).toMatchObject({ configs: [{ value: '3000000', source: 'broker' }] })
    expect((await patch('broker', null)).status).toBe(200)
    expect((await admin.call('GET /v1/configs?scope=cluster')).body).toMatchObject({
      configs: [{ name: 'message.max.bytes', value: '2000000', source: 'cluster-wide' }],
    })
    expect(await patch('broker', 'large')).toMatchObject({
      status: 400,
      body: { code: 'invalid-config' },
    })
  })

  it('does not know topics that are not there', async () => {
    expect(await admin.call('GET /v1/configs?topic=none')).toMatchObject({ status: 404 })
  })
})

describe('DELETE /v1/deleted-topics/{id}', () => {
  it('gives the space of a topic back that was deleted before', async () => {
    await create('purged')
    const deleted = await admin.call('DELETE /v1/topics/purged')
    const { topic } = deleted.body as { topic: { id: string } }
    const purge = await admin.call(`DELETE /v1/deleted-topics/${topic.id}?reason=space`)
    expect(purge).toMatchObject({ status: 200, body: { dryRun: false } })
    expect((await admin.call('GET /v1/deleted-topics')).body).not.toMatchObject({
      topics: expect.arrayContaining([expect.objectContaining({ id: topic.id })]),
    })
    expect((await admin.call(`DELETE /v1/deleted-topics/${topic.id}`)).status).toBe(404)
  })
})

describe('an attempt in no form that a command has', () => {
  it('is counted in the history, with none of what was sent', async () => {
    const { control } = admin.broker.services
    for (let time = 0; time < 3; time++) {
      const body = { name: 'x', hunter2: true }
      expect((await admin.call('POST /v1/topics', { body })).status).toBe(400)
    }
    const before = control.history.nextSeq
    await admin.broker.time.advance(61_000)
    const entries = await control.history.read(before, 10)
    const found = entries
      .map(({ record }) => record)
      .filter(({ operation }) => operation === 'topic.create')
    expect(found).toMatchObject([
      {
        actor: { principal: 'User:root' },
        resource: { kind: 'attempts', name: 'POST /v1/topics' },
        outcome: { code: 'INVALID_REQUEST' },
        request: { count: 3 },
      },
    ])
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })
})

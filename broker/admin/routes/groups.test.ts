import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'

let admin: TestAdmin

const T0 = Date.UTC(2024, 0, 1)

beforeAll(async () => {
  admin = await startTestAdmin()
  await admin.broker.createTopic('orders', { partitions: 2 })
  const records = Array.from({ length: 20 }, (_, n) => ({
    value: `v${n}`,
    partition: n % 2,
    timestamp: new Date(T0 + n).toISOString(),
  }))
  await admin.call('POST /v1/topics/orders/records', { body: { records } })
  await commit('billing', [4, 7])
})
afterAll(() => admin.stop())

/** Commits offsets of `orders` as a consumer that uses no group membership does. */
async function commit(groupId: string, offsets: readonly number[]): Promise<void> {
  const { groups, control } = admin.broker.services
  await groups.findCoordinator(groupId)
  const id = control.state.topics.get('orders')?.id ?? ''
  const partitions = offsets.map((offset, index) => ({
    ...{ index, offset, leaderEpoch: -1, metadata: null, committedAtMs: -1 },
  }))
  const answer = await groups.commitOffsets({
    groupId,
    ...{ generationId: -1, memberId: '', groupInstanceId: null, retentionMs: -1 },
    unknownGroupError: 'ILLEGAL_GENERATION',
    topics: [{ name: 'orders', id, partitions }],
  })
  expect(answer.partitions.flat()).toEqual(offsets.map(() => 'NONE'))
}

const offsetsOf = async (group: string): Promise<(number | null)[]> => {
  const { body } = await admin.call(`GET /v1/groups/${group}`)
  const { offsets } = body as { offsets: { partition: number; offset: number }[] }
  return [0, 1].map((index) => offsets.find(({ partition }) => partition === index)?.offset ?? null)
}

const reset = (body: object, query = '') =>
  admin.call(`PUT /v1/groups/billing/offsets${query}`, { body })

describe('GET /v1/groups', () => {
  it('lists groups with their lag', async () => {
    await commit('slow', [0, 0])
    const { body } = await admin.call('GET /v1/groups?sort=lag')
    expect(body).toMatchObject({
      groups: [
        { group: 'slow', state: 'Empty', members: 0, lag: 20 },
        { group: 'billing', lag: 9 },
      ],
      next: null,
    })
    expect((await admin.call('GET /v1/groups?q=BILL')).body).toMatchObject({
      groups: [{ group: 'billing' }],
    })
  })

  it('shows offsets, ends and lag of one', async () => {
    expect((await admin.call('GET /v1/groups/billing')).body).toMatchObject({
      offsets: [
        { topic: 'orders', partition: 0, offset: 4, logStartOffset: 0, endOffset: 10, lag: 6 },
        { topic: 'orders', partition: 1, offset: 7, lag: 3 },
      ],
      memberList: [],
    })
    expect(await admin.call('GET /v1/groups/none')).toMatchObject({
      status: 404,
      body: { code: 'group-id-not-found' },
    })
  })
})

describe('PUT /v1/groups/{group}/offsets', () => {
  it.each<[object, (number | null)[]]>([
    [{ to: 'earliest' }, [0, 0]],
    [{ to: 'latest' }, [10, 10]],
    [{ to: 'time', time: new Date(T0 + 9).toISOString() }, [5, 4]],
    [{ to: 'time', time: new Date(T0 + 9999).toISOString() }, [10, 10]],
    [{ to: 'offset', offset: 3 }, [3, 3]],
    [{ to: 'offset', offset: 999 }, [10, 10]],
    [{ to: 'shift', shift: 2 }, [6, 9]],
    [{ to: 'shift', shift: -100 }, [0, 0]],
    [{ to: 'earliest', topics: [{ topic: 'orders', partitions: [1] }] }, [4, 0]],
    [{ to: 'latest', topics: [{ topic: 'orders' }] }, [10, 10]],
    [{ to: 'none', topics: [{ topic: 'orders', partitions: [0] }] }, [null, 7]],
  ])('%j', async (body, expected) => {
    await commit('billing', [4, 7])
    const { status, body: answer } = await reset(body)
    expect(status).toBe(200)
    expect(await offsetsOf('billing')).toEqual(expected)
    const { history } = admin.broker.services.control
    const [entry] = await history.read(history.nextSeq - 1, 1)
    expect(entry?.record).toMatchObject({
      operation: 'group.offsets.reset',
      door: 'http',
      seq: (answer as { seq: number }).seq,
      outcome: { code: 'NONE' },
    })
  })

  it('changes what If-Match names, and nothing that was changed since', async () => {
    await commit('billing', [4, 7])
    await reset({ to: 'earliest' })
    const { headers } = await admin.call('GET /v1/groups/billing')
    const ifMatch = { 'if-match': String(headers.etag) }
    const to = (where: string) =>
      admin.call('PUT /v1/groups/billing/offsets', { body: { to: where }, headers: ifMatch })
    expect((await to('latest')).status).toBe(200)
    expect((await to('earliest')).status).toBe(412)
    const gone = await admin.call('DELETE /v1/groups/billing', { headers: ifMatch })
    expect(gone.status).toBe(412)
    expect(await offsetsOf('billing')).toEqual([10, 10])
  })

  it('answers from where to where, and changes nothing for a dry run', async () => {
    await commit('billing', [4, 7])
    const { status, body } = await reset({ to: 'earliest' }, '?dryRun=true')
    expect([status, body]).toMatchObject([
      200,
      {
        dryRun: true,
        offsets: [
          { topic: 'orders', partition: 0, before: 4, after: 0 },
          { topic: 'orders', partition: 1, before: 7, after: 0 },
        ],
      },
    ])
    expect(await offsetsOf('billing')).toEqual([4, 7])
  })

  it.each([
    [{ to: 'time' }, 400, 'invalid-request'],
    // Not the end of the log, which is what a time that is none would come to.
    [{ to: 'time', time: '2024-01-01T00:00:00+01' }, 400, 'invalid-request'],
    [{ to: 'time', time: '2016-12-31T23:59:60Z' }, 400, 'invalid-request'],
    [{ to: 'earliest', offset: 1 }, 400, 'invalid-request'],
    [{ to: 'yesterday' }, 400, 'invalid-request'],
    [{ to: 'earliest', topics: [{ topic: 'none' }] }, 404, 'unknown-topic-or-partition'],
    [
      { to: 'earliest', topics: [{ topic: 'orders', partitions: [9] }] },
      404,
      'unknown-topic-or-partition',
    ],
  ])('%j: %i %s', async (body, status, code) => {
    expect(await reset(body)).toMatchObject({ status, body: { code } })
  })
})

it('DELETE /v1/groups/{group} removes a group without members, by a command', async () => {
  await commit('leaving', [1, 1])
  expect(await admin.call('DELETE /v1/groups/leaving?dryRun=true')).toMatchObject({ status: 200 })
  expect((await admin.call('GET /v1/groups/leaving')).status).toBe(200)
  expect((await admin.call('DELETE /v1/groups/leaving')).status).toBe(200)
  expect((await admin.call('GET /v1/groups/leaving')).status).toBe(404)
  expect(await admin.call('DELETE /v1/groups/leaving')).toMatchObject({
    status: 404,
    body: { code: 'group-id-not-found' },
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'
import type { Authorizer } from '../../control/index.ts'
import type { BrokerEvent } from '../../events/index.ts'
import type { AdminServer } from '../admin-server.ts'
import { startAdminServer } from '../admin-server.ts'
import { HEARTBEAT_MS } from '../events/event-tail.ts'
import { MAX_TAILS_OF_ACCOUNT } from '../events/event-tails.ts'

interface Shown {
  readonly id: number
  readonly at: string
  readonly kind: string
  readonly resource: { readonly name: string }
}

let admin: TestAdmin
let isAllowed: boolean
beforeEach(async () => {
  isAllowed = true
  const authorizer: Authorizer = {
    authorize: () => ({ allowed: isAllowed, rule: isAllowed ? 'everybody' : 'nobody' }),
  }
  admin = await startTestAdmin({ authorizer })
})
afterEach(() => admin.stop())

const limit = (address: string): BrokerEvent => ({
  ...{ kind: 'address-connection-limit', address, listener: 'OUTSIDE' },
})
const throttled: BrokerEvent = {
  ...{ kind: 'quota-throttled', entity: 'client-id app', quota: 'producer_byte_rate' },
  throttleMs: 5,
}
const full: BrokerEvent = { kind: 'disk-full', freeBytes: 1, floorBytes: 2 }

/** One event a second. */
async function happen(...events: readonly BrokerEvent[]): Promise<void> {
  for (const event of events) {
    admin.broker.events.report(event)
    await admin.broker.time.advance(1000)
  }
}

async function list(query = ''): Promise<{ events: readonly Shown[]; next: string | null }> {
  const { status, body } = await admin.call(`GET /v1/events${query}`)
  expect(status).toBe(200)
  return body as { events: Shown[]; next: string | null }
}

const names = async (query = ''): Promise<readonly string[]> =>
  (await list(query)).events.map(({ kind, resource }) => `${kind} ${resource.name}`.trim())

describe('GET /v1/events', () => {
  it('shows the newest first, with what happened and what to do', async () => {
    await happen(limit('10.0.0.1'), full)
    const { events, next } = await list()
    expect(next).toBeNull()
    expect(events.map(({ kind }) => kind)).toEqual(['disk-full', 'address-connection-limit'])
    expect(events[1]).toMatchObject({
      ...{ id: 0, severity: 'warning', resource: { kind: 'address', name: '10.0.0.1' }, count: 1 },
      explanation: expect.stringContaining('10.0.0.1'),
      remedy: expect.stringContaining('max.connections.per.ip'),
      facts: { address: '10.0.0.1', listener: 'OUTSIDE' },
    })
  })

  it.each([
    ['kind=disk-full', ['disk-full']],
    [
      'kind=disk-*,quota-throttled',
      ['disk-full', 'quota-throttled client-id app producer_byte_rate'],
    ],
    ['severity=error', ['disk-full']],
    ['severity=warning', ['disk-full', 'address-connection-limit 10.0.0.1']],
    ['resource=10.0.0.1', ['address-connection-limit 10.0.0.1']],
    ['resource=address:10.0.0.1', ['address-connection-limit 10.0.0.1']],
    ['resource=listener:10.0.0.1', []],
    ['q=OUTSIDE%20refused', ['address-connection-limit 10.0.0.1']],
    ['q=OUTSIDE%20nothing', []],
    ['order=oldest&severity=warning', ['address-connection-limit 10.0.0.1', 'disk-full']],
  ])('narrows by %s', async (query, expected) => {
    await happen(limit('10.0.0.1'), throttled, full)
    expect(await names(`?${query}`)).toEqual(expected)
  })

  it.each(['newest', 'oldest'])('narrows by time, %s first', async (order) => {
    await happen(limit('10.0.0.1'), limit('10.0.0.2'), limit('10.0.0.3'), limit('10.0.0.4'))
    const { events } = await list('?order=oldest')
    const [, second, , fourth] = events
    const found = await list(`?order=${order}&from=${second?.at}&to=${fourth?.at}`)
    const inOrder = found.events.map(({ id }) => id)
    expect(inOrder).toEqual(order === 'oldest' ? [1, 2] : [2, 1])
    expect(found.next).toBeNull()
  })

  it.each(['newest', 'oldest'])('pages, %s first, and neither repeats nor hides', async (order) => {
    for (let n = 0; n < 30; n++) await happen(limit(`10.0.0.${n}`))
    const ids: number[] = []
    let cursor = ''
    do {
      const page: Awaited<ReturnType<typeof list>> = await list(
        `?order=${order}&limit=7${cursor && `&cursor=${cursor}`}`,
      )
      ids.push(...page.events.map(({ id }) => id))
      cursor = page.next ?? ''
    } while (cursor !== '')
    const all = Array.from({ length: 30 }, (_, n) => n)
    expect(ids).toEqual(order === 'oldest' ? all : all.reverse())
  })

  it.each([
    ['from=yesterday', 'from'],
    ['cursor=abc', 'cursor'],
    ['severity=fatal', 'severity'],
  ])('says what is wrong with %s', async (query, where) => {
    const { status, body } = await admin.call(`GET /v1/events?${query}`)
    expect([status, body]).toMatchObject([400, { code: 'invalid-request', errors: [{ where }] }])
  })

  it('is for those who may READ __events', async () => {
    isAllowed = false
    expect((await admin.call('GET /v1/events')).status).toBe(403)
    expect((await admin.call('GET /v1/events', { token: null })).status).toBe(401)
  })
})

describe('a stream of events', () => {
  let server: AdminServer
  const aborts: AbortController[] = []
  beforeEach(async () => {
    server = await startAdminServer({
      ...{ host: '127.0.0.1', port: 0, rootToken: 'root', tlsKeystore: null, hostnames: [] },
      disk: admin.broker.disk,
      services: admin.services,
      report: admin.broker.events.report,
    })
  })
  afterEach(async () => {
    for (const abort of aborts.splice(0)) abort.abort()
    await server.stop()
  })

  /** A reader that keeps all that it is sent. */
  async function follow(query = '', headers: Readonly<Record<string, string>> = {}) {
    const abort = new AbortController()
    aborts.push(abort)
    const response = await fetch(`${server.url}/v1/events${query}`, {
      headers: { accept: 'text/event-stream', authorization: 'Bearer root', ...headers },
      signal: abort.signal,
    })
    const reader = { text: '', isOver: false, status: response.status, abort }
    const read = async (): Promise<void> => {
      for await (const chunk of response.body ?? []) reader.text += Buffer.from(chunk).toString()
    }
    void read()
      .catch(() => {})
      .finally(() => {
        reader.isOver = true
      })
    return { ...reader, reader, type: response.headers.get('content-type') }
  }
  const idsIn = (text: string): readonly number[] =>
    [...text.matchAll(/^id: (\d+)\ndata: /gm)].map(([, id]) => Number(id))

  it('has what happens from now on, that matches', async () => {
    await happen(limit('10.0.0.1'))
    const { reader, type } = await follow('?severity=error')
    expect(type).toBe('text/event-stream')
    await expect.poll(() => reader.text).toContain('retry: 3000')
    await happen(limit('10.0.0.2'), full)
    await expect.poll(() => idsIn(reader.text)).toEqual([2])
    const [, data = ''] = /data: (.*)\n/.exec(reader.text) ?? []
    expect(JSON.parse(data)).toMatchObject({ id: 2, kind: 'disk-full', severity: 'error' })
  })

  it('goes on where the reader was, or begins at a time', async () => {
    await happen(limit('10.0.0.1'), limit('10.0.0.2'), limit('10.0.0.3'))
    const again = await follow('', { 'last-event-id': '0' })
    await expect.poll(() => idsIn(again.reader.text)).toEqual([1, 2])
    const { events } = await list('?order=oldest')
    const since = await follow(`?from=${events[2]?.at}`)
    await expect.poll(() => idsIn(since.reader.text)).toEqual([2])
    await happen(limit('10.0.0.4'))
    await expect.poll(() => idsIn(again.reader.text)).toEqual([1, 2, 3])
  })

  it('says something while nothing happens, with the place to go on from', async () => {
    await happen(limit('10.0.0.1'))
    const { reader } = await follow('?kind=disk-full')
    await expect.poll(() => reader.text).toContain(': events follow\nid: 0\n\n')
    await admin.broker.time.advance(HEARTBEAT_MS)
    await expect.poll(() => reader.text).toContain(': nothing new\nid: 0\n\n')
  })

  it('ends when its reader may not read any more', async () => {
    const { reader } = await follow()
    isAllowed = false
    await admin.broker.time.advance(HEARTBEAT_MS)
    await expect.poll(() => reader.isOver).toBe(true)
    expect(reader.text).toContain('you may not read this any more')
  })

  it('ends with the token that it was asked with', async () => {
    await admin.call('POST /v1/accounts', { body: { name: 'ada', roles: [] } })
    const made = await admin.call('POST /v1/tokens', { body: { account: 'ada', label: 'test' } })
    const { token, id } = made.body as { readonly token: string; readonly id: string }
    const { reader, status } = await follow('', { authorization: `Bearer ${token}` })
    expect(status).toBe(200)
    await admin.broker.time.advance(HEARTBEAT_MS)
    expect(reader.isOver).toBe(false)
    expect((await admin.call(`DELETE /v1/tokens/${id}`)).status).toBe(200)
    await admin.broker.time.advance(HEARTBEAT_MS)
    await expect.poll(() => reader.isOver).toBe(true)
  })

  it('ends when the broker stops, and leaves no timer', async () => {
    const before = admin.broker.time.pendingTimers
    const { reader } = await follow()
    await server.stop()
    await expect.poll(() => reader.isOver).toBe(true)
    await expect.poll(() => admin.broker.time.pendingTimers).toBeLessThanOrEqual(before)
  })

  it('is bounded in number for one account, and a place is free once a reader is gone', async () => {
    const readers = []
    for (let n = 0; n < MAX_TAILS_OF_ACCOUNT; n++) readers.push(await follow())
    const refused = await follow()
    expect(refused.status).toBe(429)
    readers[0]?.abort.abort()
    await expect
      .poll(async () => {
        const { status, abort } = await follow()
        abort.abort()
        return status
      })
      .toBe(200)
  })

  it('is not begun for HEAD, which nobody would end', async () => {
    const headers = { accept: 'text/event-stream', authorization: 'Bearer root' }
    for (let n = 0; n < MAX_TAILS_OF_ACCOUNT; n++) {
      const { status } = await fetch(`${server.url}/v1/events`, { method: 'HEAD', headers })
      expect(status).toBe(200)
    }
    expect((await follow()).status).toBe(200)
  })

  it.each(['cursor=x', 'order=newest', 'to=2026-01-01T00:00:00Z'])(
    'does not take %s, which is for pages',
    async (query) => {
      expect((await follow(`?${query}`)).status).toBe(400)
    },
  )
})

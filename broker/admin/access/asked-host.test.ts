import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'
import { isAskedFor } from './asked-host.ts'

describe('the host that is asked for', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.0.0.1:9644', true],
    ['192.0.2.7:9644', true],
    ['[::1]:9644', true],
    ['[::1]', true],
    ['localhost', true],
    ['LocalHost:9644', true],
    ['localhost.:9644', true],
    ['broker.example:443', true],
    [undefined, true],
    ['127.evil.example:9644', false],
    ['127.0.0.1.evil.example', false],
    ['evil.example', false],
    ['localhost.evil.example', false],
    ['other.broker.example', false],
    ['[evil.example]:9644', false],
    ['[::1', false],
    ['evil.example:9644:127.0.0.1', false],
    ['', false],
  ])('%s is one of ours: %s', (host, expected) => {
    expect(isAskedFor(host, ['broker.example'])).toBe(expected)
  })
})

describe('admin-hostnames', () => {
  let admin: TestAdmin
  beforeAll(async () => {
    admin = await startTestAdmin({ hostnames: ['Broker.Example'] })
  })
  afterAll(() => admin.stop())

  const metricsFrom = (host: string, remoteAddress: string) =>
    admin.app.inject({ method: 'GET', url: '/metrics', headers: { host }, remoteAddress })

  it('says by which names the port may be asked for on this machine', async () => {
    for (const host of ['127.0.0.1:9644', 'localhost', 'broker.example:9644']) {
      expect((await metricsFrom(host, '127.0.0.1')).statusCode).toBe(200)
    }
    const foreign = await metricsFrom('rebound.example:9644', '127.0.0.1')
    expect(foreign.statusCode).toBe(421)
    expect(foreign.json()).toMatchObject({ code: 'misdirected', status: 421 })
    expect(foreign.body).not.toContain('# none')
  })

  it('says nothing of requests from elsewhere, which get nothing without a token', async () => {
    expect((await metricsFrom('broker-1', '192.0.2.7')).statusCode).toBe(401)
  })

  it('refuses before it looks at credentials', async () => {
    const { statusCode } = await admin.app.inject({
      ...{ method: 'GET', url: '/v1/topics', remoteAddress: '::1' },
      headers: { host: 'rebound.example', authorization: 'Bearer wrong' },
    })
    expect(statusCode).toBe(421)
    const { status, body } = await admin.call('GET /v1/audit?operation=login')
    expect([status, body]).toMatchObject([200, { records: [] }])
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Answer, TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'
import type { Authorizer } from '../../control/index.ts'

let admin: TestAdmin
beforeEach(async () => {
  admin = await startTestAdmin()
})
afterEach(() => admin.stop())

/** Calls that need simulated time to pass. */
async function call(target: string, body?: object): Promise<Answer> {
  let isDone = false
  const answer = admin.call(target, body === undefined ? {} : { body }).finally(() => {
    isDone = true
  })
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve))
    await admin.broker.time.advance(50)
  }
  return answer
}

interface Begun {
  readonly seq: number
  readonly cut: {
    readonly id: string
    readonly small: { path: string; sizeBytes: number }[]
  } | null
}

const CONTENT = { files: 1, sizeBytes: 2, historySize: 3, manifest: '0'.repeat(64) }

describe('/v1/backups', () => {
  it('holds a moment, gives its bytes, and records both ends', async () => {
    const begun = await call('POST /v1/backups?reason=nightly')
    expect(begun.status).toBe(201)
    const { cut } = begun.body as Begun
    const checkpoint = cut?.small.find(({ path }) => path === 'checkpoint')
    const content = `/v1/backups/${cut?.id}/content`
    const bytes = await call(`GET ${content}?path=checkpoint&length=1000000`)
    expect(bytes.status).toBe(200)
    expect(bytes.headers['content-length']).toBe(String(checkpoint?.sizeBytes))
    const piece = await call(`GET ${content}?path=checkpoint&position=4&length=3`)
    expect(piece.headers['content-length']).toBe('3')
    const journal = { isJournalCopied: true }
    expect((await call(`POST /v1/backups/${cut?.id}/progress`, journal)).status).toBe(200)
    expect((await call(`POST /v1/backups/${cut?.id}/end`, { content: CONTENT })).status).toBe(200)
    const { body } = await call('GET /v1/audit?operation=backup.create')
    expect((body as { records: object[] }).records).toMatchObject([
      { after: { phase: 'done', content: CONTENT } },
      { after: { phase: 'running' }, reason: 'nightly' },
    ])
  })

  it('gives no file that is not of the moment, and none afterwards', async () => {
    const { cut } = (await call('POST /v1/backups')).body as Begun
    const content = `/v1/backups/${cut?.id}/content`
    for (const path of [
      'secrets.key',
      'root.token',
      '../data/secrets.key',
      '/etc/passwd',
      'lock',
    ]) {
      const query = new URLSearchParams({ path, length: '10' })
      expect((await call(`GET ${content}?${query}`)).status, path).toBe(404)
    }
    expect((await call(`GET ${content}?path=checkpoint&length=999999999`)).status).toBe(400)
    expect((await call('GET /v1/backups/another/content?path=checkpoint&length=1')).status).toBe(
      404,
    )
    expect((await call(`POST /v1/backups/${cut?.id}/end`, {})).status).toBe(400)
    await call(`POST /v1/backups/${cut?.id}/end`, { failure: 'it was a test' })
    expect((await call(`GET ${content}?path=checkpoint&length=10`)).status).toBe(404)
    expect((await call(`POST /v1/backups/${cut?.id}/end`, { failure: 'again' })).status).toBe(404)
  })

  it('makes one at a time, and none of a dry run', async () => {
    const tried = await call('POST /v1/backups?dryRun=true')
    expect(tried).toMatchObject({ status: 200, body: { dryRun: true, seq: null, cut: null } })
    const { cut } = (await call('POST /v1/backups')).body as Begun
    expect((await call('POST /v1/backups')).status).toBe(409)
    await call(`POST /v1/backups/${cut?.id}/end`, { failure: 'it was a test' })
    expect((await call('POST /v1/backups')).status).toBe(201)
  })

  it('gives up what nobody copies', async () => {
    const { cut } = (await call('POST /v1/backups')).body as Begun
    await admin.broker.time.advance(59_000)
    const content = `GET /v1/backups/${cut?.id}/content?path=checkpoint&length=1`
    expect((await call(content)).status).toBe(200)
    await admin.broker.time.advance(62_000)
    expect((await call(content)).status).toBe(404)
    expect((await call('POST /v1/backups')).status).toBe(201)
  })

  it('is for those who may alter the cluster', async () => {
    await admin.stop()
    const asked: string[] = []
    const authorizer: Authorizer = {
      authorize(_who, operation, type) {
        asked.push(`${operation} ${type}`)
        return { allowed: false, rule: 'nobody' }
      },
    }
    admin = await startTestAdmin({ authorizer })
    const content = 'GET /v1/backups/any/content?path=checkpoint&length=1'
    expect((await call(content)).status).toBe(403)
    const progress = await call('POST /v1/backups/any/progress', { isJournalCopied: true })
    expect(progress.status).toBe(403)
    expect(asked).toEqual(['ALTER CLUSTER', 'ALTER CLUSTER'])
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Answer, TestAdmin } from '../../test/support/test-admin.ts'
import { startTestAdmin } from '../../test/support/test-admin.ts'
import { whileTimePasses } from './testing.ts'

/** Who may do what with a backup that is being made, over HTTP. */

let admin: TestAdmin
let other: string
let id: string

const call = (target: string, body?: object, token?: string): Promise<Answer> =>
  whileTimePasses(
    admin.broker.time,
    admin.call(target, {
      ...(body === undefined ? {} : { body }),
      ...(token === undefined ? {} : { token }),
    }),
  )

beforeEach(async () => {
  admin = await startTestAdmin()
  await call('POST /v1/accounts', { name: 'other', roles: ['admin'] })
  const created = await call('POST /v1/tokens', { account: 'other', label: 'test' })
  other = (created.body as { token: string }).token
  const begun = await call('POST /v1/backups')
  id = (begun.body as { cut: { id: string } }).cut.id
})
afterEach(() => admin.stop())

describe('a backup that is being made', () => {
  it('is read and kept by whoever began it alone, whom the history names', async () => {
    const content = `GET /v1/backups/${id}/content?path=checkpoint&length=8`
    expect((await call(content)).status).toBe(200)
    expect(await call(content, undefined, other)).toMatchObject({
      ...{ status: 404, body: { detail: `backup ${id} is not being made by User:other` } },
    })
    const progress = `POST /v1/backups/${id}/progress`
    expect((await call(progress, { isJournalCopied: true }, other)).status).toBe(404)
    expect((await call(progress, { isJournalCopied: true })).status).toBe(200)
  })

  it('is ended by anybody who may make one, with a record of who did', async () => {
    const failure = 'it was begun by mistake'
    expect((await call(`POST /v1/backups/${id}/end`, { failure }, other)).status).toBe(200)
    const { body } = await call('GET /v1/audit?operation=backup.create&limit=1')
    expect(body).toMatchObject({
      records: [{ actor: { principal: 'User:other' }, after: { phase: 'failed', failure } }],
    })
  })

  it('goes on after a dry run of its end', async () => {
    const failure = 'it was a test'
    const tried = await call(`POST /v1/backups/${id}/end?dryRun=true`, { failure })
    expect(tried).toMatchObject({ status: 200, body: { dryRun: true, seq: null } })
    expect(admin.broker.services.control.state.runningBackup).toBe(id)
    const progress = `POST /v1/backups/${id}/progress`
    expect((await call(`${progress}?dryRun=true`, { isJournalCopied: false })).status).toBe(400)
    expect((await call(progress, { isJournalCopied: false })).status).toBe(200)
    const ended = await call(`POST /v1/backups/${id}/end?reason=enough`, { failure })
    expect(ended).toMatchObject({ status: 200, body: { dryRun: false } })
    const { body } = await call('GET /v1/audit?operation=backup.create&limit=1')
    expect(body).toMatchObject({ records: [{ reason: 'enough' }] })
  })

  it('has no bytes beyond the end of a file', async () => {
    const content = `GET /v1/backups/${id}/content?path=checkpoint&length=8`
    for (const position of [1_000_000, Number.MAX_SAFE_INTEGER]) {
      const answer = await call(`${content}&position=${position}`)
      expect([answer.status, answer.headers['content-length']]).toEqual([200, '0'])
    }
  })
})

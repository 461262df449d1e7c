import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HistoryPage, HistoryRecord } from '../../audit/index.ts'
import type { BrokerProcess } from '../support/broker-process.ts'
import { runCommand, startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'

/** What was done through the Kafka door is in the history, over HTTP and on the command line. */

const main = join(import.meta.dirname, '../../cli/main.mjs')

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let token: string

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path)
  token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  const { host, port } = broker.kafka
  const kafka = new Kafka({
    clientId: 'auditee',
    brokers: [`${host}:${port}`],
    logLevel: logLevel.NOTHING,
  })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }] })
  await admin
    .createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }], waitForLeaders: false })
    .catch(() => false)
  await admin.deleteTopics({ topics: ['orders'] })
  await admin.disconnect()
}, 30_000)

afterAll(async () => {
  await broker?.end('SIGKILL')
  await directory?.remove()
})

async function get(path: string): Promise<{ status: number; body: unknown; type: string | null }> {
  const response = await fetch(`${broker.adminUrl}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const type = response.headers.get('content-type')
  return { status: response.status, body: await response.json(), type }
}

const page = async (query: string): Promise<HistoryPage> =>
  (await get(`/v1/audit?${query}`)).body as HistoryPage

describe('GET /v1/audit', () => {
  it('shows who did what, from where, with what result', async () => {
    const { records } = await page('resource=topic:orders&order=oldest')
    expect(records.map(({ operation, outcome }) => `${operation} ${outcome.code}`)).toEqual([
      'topic.create NONE',
      'topic.create TOPIC_ALREADY_EXISTS',
      'topic.delete NONE',
      ...records.slice(3).map(({ operation, outcome }) => `${operation} ${outcome.code}`),
    ])
    expect(records[0]).toMatchObject({
      actor: { principal: 'User:ANONYMOUS' },
      source: { ip: '127.0.0.1', listener: 'PLAINTEXT', clientId: 'auditee' },
      door: 'kafka',
      resource: { kind: 'topic', name: 'orders' },
      before: null,
    })
  })

  it('has every sequence number once, and pages through them', async () => {
    const seen: HistoryRecord[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { records, next }: HistoryPage = await page(`order=oldest&limit=2&cursor=${cursor}`)
      seen.push(...records)
      cursor = next
    }
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, n) => n))
    expect(seen.length).toBeGreaterThan(3)
  })

  it('answers one record by its sequence number', async () => {
    expect((await get('/v1/audit/0')).body).toMatchObject({ seq: 0, operation: 'cluster.create' })
    expect(await get('/v1/audit/99999')).toMatchObject({
      status: 404,
      type: expect.stringMatching(/^application\/problem\+json/),
      body: { code: 'not-found', status: 404 },
    })
  })

  it.each(['limit=0', 'limit=x', 'from=yesterday', 'cursor=zzz', 'q=a&q=b'])(
    'refuses %s with a problem document',
    async (query) => {
      expect(await get(`/v1/audit?${query}`)).toMatchObject({
        status: 400,
        type: expect.stringMatching(/^application\/problem\+json/),
        body: { code: 'invalid-request' },
      })
    },
  )
})

describe('the door', () => {
  const ask = (path: string, authorization?: string): Promise<Response> =>
    fetch(`${broker.adminUrl}${path}`, authorization ? { headers: { authorization } } : {})

  it.each(['/healthz', '/readyz', '/metrics'])(
    'lets anybody on this machine see %s',
    async (path) => {
      expect((await ask(path)).status).toBe(200)
    },
  )

  it('asks for the token everywhere else, even where there is nothing', async () => {
    for (const path of ['/v1/audit', '/v1/audit/0', '/nothing']) {
      const response = await ask(path)
      expect([path, response.status]).toEqual([path, 401])
      expect(response.headers.get('www-authenticate')).toContain('Bearer')
    }
  })

  it('takes the token as bearer, and as the password of basic authentication', async () => {
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
    expect((await ask('/v1/audit', `Bearer ${token}`)).status).toBe(200)
    expect((await ask('/v1/audit', basic(`anyone:${token}`))).status).toBe(200)
    for (const wrong of [`Bearer ${token}x`, 'Bearer', basic('anyone:guess'), `Digest ${token}`]) {
      expect((await ask('/v1/audit', wrong)).status).toBe(401)
    }
  })
})

describe('glasslog audit', () => {
  it('lists the history of the broker that runs on the data directory', async () => {
    const result = await runCommand('audit', 'list', '--data-dir', directory.path)
    expect(result.stderr).toBe('')
    expect(result.stdout).toMatch(/^SEQ +TIME +PRINCIPAL +FROM +OPERATION +RESOURCE +OUTCOME$/m)
    expect(result.stdout).toMatch(
      /User:ANONYMOUS +127\.0\.0\.1 +topic\.create +topic:orders +TOPIC_ALREADY_EXISTS/,
    )
    expect(result.code).toBe(0)
  })

  it('filters, and prints JSON lines', async () => {
    const flags = ['--operation', 'topic.create', '--outcome', 'success', '--json', '--limit', '1']
    const result = await runCommand('audit', 'list', '--data-dir', directory.path, ...flags)
    const records = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as HistoryRecord)
    expect(records).toMatchObject([{ operation: 'topic.create', outcome: { code: 'NONE' } }])
  })

  it('shows one record, from a broker named by its address', async () => {
    const flags = ['--admin', broker.adminUrl, '--token', token]
    const result = await runCommand('audit', 'show', '0', ...flags)
    expect(JSON.parse(result.stdout)).toMatchObject({ seq: 0 })
  })

  it('reads the directory of a broker that was killed', async () => {
    const other = await temporaryDirectory()
    const victim = await startBrokerProcess(other.path)
    await victim.end('SIGKILL')
    const result = await runCommand('audit', 'list', '--data-dir', other.path, '--json')
    const records = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as HistoryRecord)
    expect(records.at(-1)).toMatchObject({ seq: 0, operation: 'cluster.create' })
    await other.remove()
  })

  it('says why a file cannot be written, and ends when nobody reads on', async () => {
    const out = join(directory.path, 'none', 'history.jsonl')
    const result = await runCommand('audit', 'export', '--data-dir', directory.path, '--out', out)
    expect([result.code, result.stderr]).toEqual([
      1,
      `glasslog: ENOENT: no such file or directory, open '${out}'\n`,
    ])
    const command = [process.execPath, main, 'audit', 'export', '--data-dir', directory.path]
    const unread = spawnSync('sh', ['-c', '"$@" | true', 'sh', ...command], { encoding: 'utf8' })
    expect(unread.stderr).toBe('')
  })

  it('says what to do when no broker runs there', async () => {
    const result = await runCommand('audit', 'list', '--data-dir', '/nowhere')
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('no broker runs on /nowhere')
  })

  it.each([[['audit']], [['audit', 'brew']], [['audit', 'show']], [['audit', 'list', '--x', '1']]])(
    'refuses %j with exit code 64',
    async (args) => {
      expect((await runCommand(...args)).code).toBe(64)
    },
  )
})

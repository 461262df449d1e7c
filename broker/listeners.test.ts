import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  openRealDisk,
  silentLogger,
  systemClock,
  systemRandom,
  systemTimers,
} from '../kit/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../protocol/index.ts'
import { connectRaw } from '../test/support/client.ts'
import { freePort } from '../test/support/free-port.ts'
import type { Broker } from './broker.ts'
import { startBroker } from './broker.ts'
import { inlineJournalDevice } from './log/index.ts'

/** Listeners that come, change and go while a whole broker runs. */

const directories: string[] = []
let directory: string
let broker: Broker

async function start(
  overrides: Readonly<Record<string, string>> = {},
  { openFileLimit }: { readonly openFileLimit?: number } = {},
): Promise<void> {
  const real = openRealDisk()
  const disk = { ...real, openFileLimit: openFileLimit ?? real.openFileLimit }
  broker = await startBroker(
    {
      ...{ dataDirectory: directory, host: '127.0.0.1', kafkaPort: 0, adminPort: 0 },
      ...{ adminTlsKeystore: null, adminHostnames: [], rack: null, secretsKey: null },
      ...{ advertised: { host: null, port: null }, insecure: false, overrides },
      limits: { journalFileBytes: 1024 * 1024, journalMaxFiles: 3, minFreeBytes: 0 },
      onFailure: () => {},
    },
    {
      ...{ disk, journalDevice: inlineJournalDevice(disk), clock: systemClock },
      ...{ timers: systemTimers, random: systemRandom, logger: silentLogger },
    },
  )
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'glasslog-listeners-'))
  directories.push(directory)
  await start()
})
afterEach(() => broker.stop())
afterAll(async () => {
  for (const each of directories) await rm(each, { recursive: true })
})

async function call(
  method: string,
  path: string,
  body?: object,
  more: Readonly<Record<string, string>> = {},
) {
  const token = readFileSync(`${directory}/root.token`, 'utf8').trim()
  const answer = await fetch(`${broker.admin.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more },
    ...(body && { body: JSON.stringify(body) }),
  })
  const parsed = (await answer.json()) as Record<string, unknown>
  return { status: answer.status, headers: answer.headers, body: parsed }
}

interface Shown {
  readonly name: string
  readonly port: number
  readonly advertisedHost: string
  readonly advertisedPort: number
}

async function listeners(): Promise<readonly Shown[]> {
  const { body } = await call('GET', '/v1/listeners')
  return body.listeners as readonly Shown[]
}

const portOf = async (name: string): Promise<number> =>
  (await listeners()).find((one) => one.name === name)?.port ?? 0

async function isServed(port: number): Promise<boolean> {
  const client = await connectRaw(port).catch(() => null)
  if (!client) return false
  const answer = client.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})
  const served = await answer.then(
    () => true,
    () => false,
  )
  await client.close()
  return served
}

const inside = { host: '127.0.0.1', port: 0, protocol: 'PLAINTEXT' } as const

it('connections leave files for the rest of the broker', async () => {
  await broker.stop()
  await start({}, { openFileLimit: 16 })
  const clients = await Promise.all(Array.from({ length: 5 }, () => connectRaw(broker.kafka.port)))
  for (const client of clients) await client.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})
  expect(await isServed(broker.kafka.port)).toBe(false)
  await clients[0]?.close()
  await expect.poll(() => isServed(broker.kafka.port)).toBe(true)
  for (const client of clients) await client.close()
})

describe('a listener', () => {
  it('is added, is told to clients, and is there again after a restart', async () => {
    const advertised = { host: 'broker.example', port: 443 }
    const put = await call('PUT', '/v1/listeners/EXTRA', { ...inside, advertised })
    expect(put).toMatchObject({ status: 200, body: { name: 'EXTRA', advertised } })
    expect(await isServed(await portOf('EXTRA'))).toBe(true)
    expect((await listeners()).map(({ name }) => name)).toEqual(['EXTRA', 'PLAINTEXT'])
    await broker.stop()
    await start()
    expect(await isServed(await portOf('EXTRA'))).toBe(true)
    const [extra] = await listeners()
    expect(extra).toMatchObject({ advertisedHost: 'broker.example', advertisedPort: 443 })
  })

  it('moves to another port; who was connected is let go, and the rest goes on', async () => {
    await call('PUT', '/v1/listeners/EXTRA', inside)
    const before = await portOf('EXTRA')
    const client = await connectRaw(before)
    await client.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    const other = await connectRaw(broker.kafka.port)
    const free = await freePort()
    expect((await call('PUT', '/v1/listeners/EXTRA', { ...inside, port: free })).status).toBe(200)
    await client.closed
    await client.close()
    expect(await portOf('EXTRA')).toBe(free)
    expect([await isServed(before), await isServed(free)]).toEqual([false, true])
    await other.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    await other.close()
  })

  it('that was configured is removed, stays away after a restart, and comes back by a rewind', async () => {
    await call('PUT', '/v1/listeners/EXTRA', inside)
    const removed = await call('DELETE', '/v1/listeners/PLAINTEXT')
    expect(removed.status).toBe(200)
    expect(await isServed(broker.kafka.port)).toBe(false)
    const endpoints = () => JSON.parse(readFileSync(`${directory}/endpoints.json`, 'utf8'))
    const extra = await portOf('EXTRA')
    await expect.poll(endpoints).toMatchObject({ kafka: `127.0.0.1:${extra}` })
    await broker.stop()
    await start()
    expect((await listeners()).map(({ name }) => name)).toEqual(['EXTRA'])
    const undo = await call('POST', '/v1/audit/rewind', { undo: [removed.body.seq] })
    expect(undo.status).toBe(200)
    expect(await isServed(await portOf('PLAINTEXT'))).toBe(true)
  })

  it.each([
    ['that other machines could reach without a login', 'OPEN', { host: '0.0.0.0' }, 400],
    ['that lacks its certificate', 'TLS', { protocol: 'SSL' }, 400],
    ['without a known protocol', 'X', { protocol: 'TELNET' }, 400],
  ])('%s is refused, and nothing changes', async (_, name, changes, status) => {
    const before = await listeners()
    const answer = await call('PUT', `/v1/listeners/${name}`, { ...inside, ...changes })
    expect(answer.status).toBe(status)
    expect(await listeners()).toEqual(before)
  })

  it('whose port is taken is refused with a record, and is as it was', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => blocker.once('listening', resolve))
    const { port } = blocker.address() as AddressInfo
    const answer = await call('PUT', '/v1/listeners/PLAINTEXT', { ...inside, port })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-config' } })
    expect(answer.body.detail).toContain('EADDRINUSE')
    expect(await isServed(broker.kafka.port)).toBe(true)
    const { body } = await call('GET', '/v1/audit?operation=listener.alter')
    expect(body.records).toMatchObject([{ outcome: { code: 'INVALID_CONFIG' } }])
    await new Promise((resolve) => blocker.close(resolve))
  })

  it('may have the name of the admin port, and is changed through that', async () => {
    expect((await call('PUT', '/v1/listeners/ADMIN', inside)).status).toBe(200)
    expect((await call('DELETE', '/v1/listeners/ADMIN')).status).toBe(200)
  })

  it('is changed only as it was read', async () => {
    expect((await call('GET', '/v1/listeners/PLAINTEXT')).headers.get('etag')).toBe(null)
    const { body: put } = await call('PUT', '/v1/listeners/EXTRA', inside)
    const { body, headers } = await call('GET', '/v1/listeners/EXTRA')
    expect(body).toMatchObject({ name: 'EXTRA', port: await portOf('EXTRA') })
    const etag = headers.get('etag') ?? ''
    expect(etag).toBe(`"${put.seq}"`)
    const advertised = { host: 'broker.example', port: 443 }
    const change = () =>
      call('PUT', '/v1/listeners/EXTRA', { ...inside, advertised }, { 'if-match': etag })
    expect((await change()).status).toBe(200)
    expect((await change()).status).toBe(412)
    const stale = await call('DELETE', '/v1/listeners/EXTRA', undefined, { 'if-match': etag })
    expect(stale.status).toBe(412)
    expect((await call('GET', '/v1/listeners/NOWHERE')).status).toBe(404)
  })

  it('is not removed when it is the last one', async () => {
    const answer = await call('DELETE', '/v1/listeners/PLAINTEXT')
    expect(answer.body.detail).toContain('the last listener')
    expect(await isServed(broker.kafka.port)).toBe(true)
  })

  it('that does not fit the configuration any more does not keep the broker from starting', async () => {
    await call('PUT', '/v1/listeners/LOGIN', { ...inside, protocol: 'SASL_PLAINTEXT' })
    expect(await portOf('LOGIN')).toBeGreaterThan(0)
    await broker.stop()
    await start({ 'sasl.enabled.mechanisms': 'OAUTHBEARER' })
    expect((await listeners()).map(({ name }) => name)).toEqual(['PLAINTEXT'])
  })

  it('whose port was taken at a start is opened when it is set again', async () => {
    const port = await freePort()
    await call('PUT', '/v1/listeners/EXTRA', { ...inside, port })
    await broker.stop()
    const blocker = createServer().listen(port, '127.0.0.1')
    await new Promise((resolve) => blocker.once('listening', resolve))
    await start()
    expect((await listeners()).map(({ name }) => name)).toEqual(['PLAINTEXT'])
    expect((await call('PUT', '/v1/listeners/EXTRA', { ...inside, port })).status).toBe(400)
    const removal = await call('DELETE', '/v1/listeners/PLAINTEXT')
    expect(removal.body.detail).toBe('No listener would be open.')
    await new Promise((resolve) => blocker.close(resolve))
    expect((await call('PUT', '/v1/listeners/EXTRA', { ...inside, port })).status).toBe(200)
    expect(await isServed(port)).toBe(true)
  })
})

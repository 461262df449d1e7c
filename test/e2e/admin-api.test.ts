import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BrokerProcess } from '../support/broker-process.ts'
import { startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'

/** A real broker, administered over HTTP as somebody with curl does. */

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let root: string

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path)
  root = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
}, 30_000)

afterAll(async () => {
  await broker?.end('SIGKILL')
  await directory?.remove()
})

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly etag: string | null
}

async function ask(method: string, path: string, body?: object, token = root): Promise<Answer> {
  const response = await fetch(`${broker.adminUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const etag = response.headers.get('etag')
  return { status: response.status, body: (await response.json()) as Answer['body'], etag }
}

const kafka = (): Kafka => {
  const { host, port } = broker.kafka
  return new Kafka({ clientId: 'e2e', brokers: [`${host}:${port}`], logLevel: logLevel.NOTHING })
}

describe('the admin API of a running broker', () => {
  it('creates a topic, which Kafka clients use and whose records it shows', async () => {
    const created = await ask('POST', '/v1/topics', { name: 'orders', partitions: 2 })
    expect(created).toMatchObject({ status: 201, body: { name: 'orders', partitions: 2 } })
    const producer = kafka().producer()
    await producer.connect()
    await producer.send({ topic: 'orders', messages: [{ key: 'k', value: '{"n":1}' }] })
    await producer.disconnect()
    expect((await ask('GET', '/v1/topics/orders/records')).body).toMatchObject({
      records: [{ key: 'k', value: { n: 1 }, valueFormat: 'json' }],
      next: null,
    })
  })

  it('sends records that Kafka clients read', async () => {
    await ask('POST', '/v1/topics', { name: 'sent' })
    const { status } = await ask('POST', '/v1/topics/sent/records', {
      records: [{ value: 'over HTTP' }],
    })
    expect(status).toBe(201)
    const consumer = kafka().consumer({ groupId: 'readers' })
    await consumer.connect()
    await consumer.subscribe({ topics: ['sent'], fromBeginning: true })
    const read = Promise.withResolvers<string | undefined>()
    await consumer.run({
      eachMessage: async ({ message }) => read.resolve(message.value?.toString()),
    })
    expect(await read.promise).toBe('over HTTP')
    expect((await ask('GET', '/v1/groups/readers')).body).toMatchObject({
      state: 'Stable',
      members: 1,
      memberList: [{ clientId: 'e2e', assignment: [{ topic: 'sent' }] }],
    })
    expect(
      await ask('PUT', '/v1/groups/readers/offsets', {
        to: 'earliest',
        topics: [{ topic: 'sent' }],
      }),
    ).toMatchObject({ status: 409, body: { code: 'non-empty-group' } })
    await consumer.disconnect()
    expect(
      await ask('PUT', '/v1/groups/readers/offsets', { to: 'latest', topics: [{ topic: 'sent' }] }),
    ).toMatchObject({ status: 200 })
  }, 30_000)

  it('deletes a topic, shows it in the history, and restores it with its records', async () => {
    const { body: before } = await ask('GET', '/v1/topics/orders')
    expect((await ask('DELETE', '/v1/topics/orders')).status).toBe(200)
    expect((await ask('GET', '/v1/topics/orders')).status).toBe(404)
    expect(
      (await ask('GET', '/v1/audit?resource=topic:orders&operation=topic.delete')).body,
    ).toMatchObject({
      records: [{ operation: 'topic.delete', door: 'http', actor: { principal: 'User:root' } }],
    })
    expect(await ask('POST', '/v1/topics/orders/restore')).toMatchObject({
      status: 200,
      body: { id: before.id },
    })
    expect((await ask('GET', '/v1/topics/orders/records')).body).toMatchObject({
      records: [{ key: 'k' }],
    })
  })

  it('changes only what was read, and rewinds a change', async () => {
    const { etag } = await ask('GET', '/v1/topics/orders')
    const patch = (retention: string): Promise<Response> =>
      fetch(`${broker.adminUrl}/v1/topics/orders`, {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${root}`,
          'content-type': 'application/json',
          'if-match': etag ?? '',
        },
        body: JSON.stringify({ configs: { 'retention.ms': retention } }),
      })
    const changed = await patch('60000')
    expect(changed.status).toBe(200)
    expect((await patch('70000')).status).toBe(412)
    const { seq } = (await changed.json()) as { seq: number }
    expect((await ask('POST', '/v1/audit/rewind', { undo: [seq] })).status).toBe(200)
    expect((await ask('GET', '/v1/topics/orders')).body).toMatchObject({ configs: {} })
  })

  it('lets an account do what its role says, by token and by password', async () => {
    await ask('POST', '/v1/accounts', { name: 'vera', roles: ['viewer'] })
    await ask('PUT', '/v1/users/vera', { password: 'correct horse battery' })
    const { body } = await ask('POST', '/v1/tokens', { account: 'vera', label: 'e2e' })
    const token = String(body.token)
    expect((await ask('GET', '/v1/topics/orders', undefined, token)).status).toBe(200)
    expect((await ask('DELETE', '/v1/topics/orders', undefined, token)).status).toBe(403)
    const session = await ask('POST', '/v1/session', {
      account: 'vera',
      password: 'correct horse battery',
    })
    expect(session.status).toBe(201)
    expect(
      (await ask('GET', '/v1/session', undefined, String(session.body.token))).body,
    ).toMatchObject({
      account: 'vera',
      roles: ['viewer'],
    })
    // Neither password nor token is in any line that the broker wrote.
    for (const secret of ['correct horse battery', token])
      expect(broker.stderr()).not.toContain(secret)
  })

  it('shows listeners and configurations, and describes itself', async () => {
    expect((await ask('GET', '/v1/listeners')).body).toMatchObject({
      listeners: [
        { name: 'PLAINTEXT', port: broker.kafka.port, advertisedPort: broker.kafka.port },
      ],
    })
    expect((await ask('GET', '/v1/configs?q=auto.create.topics.enable')).body).toMatchObject({
      configs: [{ name: 'auto.create.topics.enable', value: 'true', source: 'default' }],
    })
    expect((await ask('GET', '/openapi.json')).body).toMatchObject({ openapi: '3.1.0' })
  })

  it('answers headers that are too large, and what is no HTTP, with a problem document', async () => {
    const port = Number(new URL(broker.adminUrl).port)
    const talk = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        let answer = ''
        const socket = connect(port, '127.0.0.1', () => socket.write(text))
        socket.setEncoding('utf8').on('data', (piece: string) => {
          answer += piece
        })
        socket.once('end', () => resolve(answer)).once('error', reject)
      })
    const large = await talk(`GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(70_000)}\r\n\r\n`)
    expect(large).toMatch(/^HTTP\/1\.1 431 [\s\S]*"code":"headers-too-large"/)
    expect(await talk('hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"invalid-request"/)
    expect((await fetch(`${broker.adminUrl}/healthz`)).status).toBe(200)
  })
})

import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  MetadataRequest,
  MetadataResponse,
  ProduceRequest,
  ProduceResponse,
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
  SaslHandshakeRequest,
  SaslHandshakeResponse,
} from '../protocol/index.ts'
import type { TestAdmin } from '../test/support/test-admin.ts'
import { startTestAdmin } from '../test/support/test-admin.ts'
import type { Authorizer } from './control/index.ts'
import type { EventReport } from './events/index.ts'

/** What people try and change, at both doors, and what operators are told of it at once. */

let admin: TestAdmin
let reports: EventReport[]
/** At the HTTP door. */
let isAllowed: boolean

beforeEach(async () => {
  isAllowed = true
  reports = []
  const authorizer: Authorizer = {
    authorize: () => ({ allowed: isAllowed, rule: isAllowed ? 'everybody' : 'nobody' }),
  }
  const configs = {
    'glasslog.authorizer': 'acl',
    'connection.failed.authentication.delay.ms': '0',
  }
  admin = await startTestAdmin({
    ...{ authorizer, configs },
    onEvent: (report) => reports.push(report),
  })
})
afterEach(() => admin.stop())

const of = (kind: string): readonly EventReport[] => reports.filter((one) => one.kind === kind)

it('a login that fails at the Kafka door, without the name that nobody has (login-failed)', async () => {
  const client = await admin.broker.connectToLogIn()
  await client.send(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: 'PLAIN' })
  const authBytes = Buffer.from('\0correct horse\0battery')
  await client.send(SaslAuthenticateRequest, SaslAuthenticateResponse, 2, { authBytes })
  const [report] = of('login-failed')
  expect(report).toMatchObject({
    ...{ severity: 'warning', resource: { kind: 'address', name: '127.0.0.1' } },
    facts: { listener: 'SASL_PLAINTEXT', mechanism: 'PLAIN', principal: '(unknown)' },
  })
  expect(JSON.stringify(report)).not.toContain('correct horse')
})

it('a login that fails at the HTTP door', async () => {
  const asked = admin.call('GET /v1/topics', { token: 'wrong' })
  await expect.poll(() => of('login-failed').length).toBe(1)
  await admin.broker.time.advance(1000)
  expect((await asked).status).toBe(401)
  expect(of('login-failed')[0]?.facts).toMatchObject({ listener: 'ADMIN', mechanism: 'token' })
})

it('access to data that is denied at the Kafka door (access-denied)', async () => {
  await admin.broker.createTopic('orders')
  const client = await admin.broker.connectAs('mallory')
  await client.send(MetadataRequest, MetadataResponse, 9, {
    ...{ topics: [{ name: 'orders' }], allowAutoTopicCreation: false },
    includeTopicAuthorizedOperations: false,
  })
  await client.send(ProduceRequest, ProduceResponse, 9, {
    ...{ acks: -1, timeoutMs: 1000 },
    topicData: [{ name: 'orders', partitionData: [{ index: 0, records: Buffer.alloc(0) }] }],
  })
  expect(of('access-denied')[0]).toMatchObject({
    resource: { kind: 'principal', name: 'User:mallory' },
    facts: { action: 'DESCRIBE', target: 'topic orders', address: '127.0.0.1' },
  })
  expect(admin.broker.events.counts['access-denied']).toBe(2)
})

it('what is denied at the HTTP door: reading at once, changing with its record', async () => {
  isAllowed = false
  expect((await admin.call('GET /v1/configs')).status).toBe(403)
  expect(of('access-denied')[0]?.facts).toMatchObject({
    ...{ principal: 'User:root', action: 'DESCRIBE_CONFIGS', target: 'cluster kafka-cluster' },
  })
  expect(admin.broker.events.counts['access-denied']).toBe(1)
})

it('configurations that came into effect, with the number of their record (config-applied)', async () => {
  await admin.broker.createTopic('orders')
  expect(of('config-applied')).toEqual([])
  const body = { configs: { 'retention.ms': '60000' } }
  expect((await admin.call('PATCH /v1/topics/orders?dryRun=true', { body })).status).toBe(200)
  expect(of('config-applied')).toEqual([])
  expect((await admin.call('PATCH /v1/topics/orders', { body })).status).toBe(200)
  const { seq } = admin.broker.services.control.state
  expect(of('config-applied')).toMatchObject([
    {
      ...{ severity: 'info', resource: { kind: 'config', name: 'topic orders' } },
      facts: { operation: 'topic.config.alter', principal: 'User:root', seq },
    },
  ])
})

it('nothing a second time when the history takes what was counted', async () => {
  isAllowed = false
  await admin.call('GET /v1/configs')
  await admin.broker.time.advance(180_000)
  expect(admin.broker.events.counts['access-denied']).toBe(1)
})

it('steps of the disk policy, however they ended (disk-step-done, disk-step-failed)', async () => {
  const step = (position: number, operation: string, phase: string, more: object) => ({
    ...{
      position,
      operation,
      resource: 'a-step',
      occurredAt: '2024-01-01T00:00:00Z',
      before: null,
    },
    after: { phase, driver: 'webhook', ...more },
  })
  const larger = { action: 'expand', fromBytes: 1000, toBytes: 1100, detail: 'HTTP 202' }
  const shorter = {
    action: 'shorten-retention',
    fromPercent: 90,
    toPercent: 80,
    detail: 'HTTP 503',
  }
  const operations = [
    step(1, 'disk.action.begin', 'intent', larger),
    step(2, 'disk.action.end', 'done', larger),
    step(3, 'disk.action.end', 'failed', shorter),
  ]
  const body = { outbox: 'abcdefgh', operations }
  expect((await admin.call('POST /v1/monitor/operations', { body })).status).toBe(200)
  expect(of('disk-step-done')).toMatchObject([
    { severity: 'info', facts: { step: 'expand', from: 1000, to: 1100, unit: 'bytes' } },
  ])
  expect(of('disk-step-failed')).toMatchObject([
    {
      severity: 'error',
      explanation: 'The disk policy could not shorten-retention from 90 to 80 percent: HTTP 503.',
    },
  ])
})

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KafkaConfig, SASLOptions } from 'kafkajs'
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../../protocol/index.ts'
import type { BrokerProcess } from '../support/broker-process.ts'
import { runCommand, startBrokerProcess } from '../support/broker-process.ts'
import type { CertificateAuthority } from '../support/certificates.ts'
import { createCertificateAuthority } from '../support/certificates.ts'
import { connectRaw } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { saltedPassword } from '../support/scram-client.ts'

/** The broker as it is started, met by a client that we did not write. */

const LISTENERS = ['INSIDE', 'LOGIN', 'TLS', 'MUTUAL'] as const
type Listener = (typeof LISTENERS)[number]

let directory: string
let authority: CertificateAuthority
let broker: BrokerProcess
const ports = new Map<Listener, number>()

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'glasslog-security-'))
  authority = createCertificateAuthority(directory)
  const { path } = authority.issue('broker', '/CN=broker')
  for (const listener of LISTENERS) ports.set(listener, await freePort())
  broker = await startBrokerProcess(join(directory, 'data'), {
    args: overrides({
      listeners: LISTENERS.map((name) => `${name}://127.0.0.1:${ports.get(name)}`).join(','),
      'listener.security.protocol.map':
        'INSIDE:PLAINTEXT,LOGIN:SASL_PLAINTEXT,TLS:SASL_SSL,MUTUAL:SSL',
      'ssl.keystore.location': path,
      'ssl.truststore.location': authority.certificatePath,
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.mutual.ssl.principal.mapping.rules': 'RULE:^CN=(\\w+)$/$1/',
      'glasslog.authorizer': 'acl',
      'super.users': 'User:ANONYMOUS;User:admin',
    }),
  })
  await setPasswords('admin', 'alice')
}, 60_000)

afterAll(async () => {
  await broker.end('SIGTERM')
  rmSync(directory, { recursive: true })
})

function overrides(texts: Record<string, string>): string[] {
  return Object.entries(texts).flatMap(([name, value]) => ['--override', `${name}=${value}`])
}

/** As an administrator does who is on the machine, where nobody has to log in. */
async function setPasswords(...users: string[]): Promise<void> {
  const client = await connectRaw(ports.get('INSIDE') ?? 0)
  const salt = Buffer.from('a salt of this test')
  const upsertions = users.flatMap((name) =>
    (['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const).map((mechanism, index) => ({
      ...{ name, salt, iterations: 4096, mechanism: index + 1 },
      saltedPassword: saltedPassword(mechanism, `${name}-password`, salt, 4096),
    })),
  )
  const { results } = await client.send(
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    0,
    { deletions: [], upsertions },
  )
  expect(results.map(({ errorCode }) => errorCode)).toEqual(users.map(() => 0))
  await client.close()
}

function kafka(listener: Listener, config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({
    clientId: 'security-test',
    brokers: [`127.0.0.1:${ports.get(listener)}`],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    ...config,
  })
}

const login = (mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512', username = 'admin') =>
  ({ mechanism, username, password: `${username}-password` }) as SASLOptions

const trusting = () => ({ ca: [authority.certificatePem] })

/** The topics that a client sees: whether it got in, and what it may do. */
async function topicsSeenBy(client: Kafka): Promise<string[]> {
  const admin = client.admin()
  await admin.connect()
  try {
    return (await admin.listTopics()).sort()
  } finally {
    await admin.disconnect()
  }
}

describe('kafkajs logs in', () => {
  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'by %s, with TLS and without',
    async (mechanism) => {
      const sasl = login(mechanism)
      expect(await topicsSeenBy(kafka('LOGIN', { sasl }))).toContain('__audit')
      expect(await topicsSeenBy(kafka('TLS', { sasl, ssl: trusting() }))).toContain('__audit')
    },
  )

  it('by a certificate', async () => {
    const { pem } = authority.issue('admin', '/CN=admin')
    const ssl = { ...trusting(), key: pem, cert: pem }
    expect(await topicsSeenBy(kafka('MUTUAL', { ssl }))).toContain('__audit')
    await expect(topicsSeenBy(kafka('MUTUAL', { ssl: trusting() }))).rejects.toThrow()
  })

  it('not with a wrong password, nor as nobody', async () => {
    const sasl = { mechanism: 'plain', username: 'admin', password: 'wrong' } as const
    await expect(topicsSeenBy(kafka('LOGIN', { sasl }))).rejects.toThrow(
      /Invalid username or password|SASL/,
    )
    await expect(topicsSeenBy(kafka('LOGIN'))).rejects.toThrow()
  })
})

describe('ACLs decide', () => {
  it('what a user sees, writes and reads', async () => {
    const admin = kafka('LOGIN', { sasl: login('plain') }).admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: 'orders' }, { topic: 'secret' }] })
    const alice = kafka('TLS', { sasl: login('scram-sha-512', 'alice'), ssl: trusting() })
    expect(await topicsSeenBy(alice)).toEqual([])
    await admin.createAcls({
      acl: [
        {
          resourceType: AclResourceTypes.TOPIC,
          resourceName: 'ord',
          resourcePatternType: ResourcePatternTypes.PREFIXED,
          principal: 'User:alice',
          host: '*',
          operation: AclOperationTypes.ALL,
          permissionType: AclPermissionTypes.ALLOW,
        },
      ],
    })
    await admin.disconnect()
    expect(await topicsSeenBy(alice)).toEqual(['orders'])
    const producer = alice.producer({ retry: { retries: 0 } })
    await producer.connect()
    await producer.send({ topic: 'orders', messages: [{ value: 'one' }] })
    await expect(producer.send({ topic: 'secret', messages: [{ value: 'one' }] })).rejects.toThrow(
      /authorized/,
    )
    await producer.disconnect()
  })
})

describe('the process', () => {
  it('counts logins and denials: glasslog_logins_total, glasslog_denials_total', async () => {
    const text = await (await fetch(`${broker.adminUrl}/metrics`)).text()
    const count = (labels: string): number =>
      Number(new RegExp(`^glasslog_logins_total\\{${labels}\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'SSL']) {
      expect(count(`mechanism="${mechanism}",result="success"`)).toBeGreaterThan(0)
    }
    expect(count('mechanism="PLAIN",result="failure"')).toBeGreaterThan(0)
    expect(text).toMatch(/^glasslog_denials_total\{operation="\w+",resource="TOPIC"\} [1-9]/m)
  })

  it('counts wrong passwords at the admin port too, those that are not looked at as well', async () => {
    const count = async (): Promise<number> => {
      const text = await (await fetch(`${broker.adminUrl}/metrics`)).text()
      const line = /^glasslog_logins_total\{mechanism="http-token",result="failure"\} (\d+)$/m
      return Number(line.exec(text)?.[1])
    }
    // Whoever looks at how much it grows needs it before the first one.
    expect(await count()).toBe(0)
    const authorization = `Basic ${Buffer.from('admin:guess').toString('base64')}`
    const guess = () => fetch(`${broker.adminUrl}/v1/topics`, { headers: { authorization } })
    const answers = await Promise.all(Array.from({ length: 60 }, guess))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]))
    expect(await count()).toBe(60)
  })

  it('keeps passwords out of its log and its data', async () => {
    expect(broker.stderr()).not.toContain('admin-password')
    const data = join(directory, 'data')
    const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )
    expect(files.length).toBeGreaterThan(5)
    for (const { parentPath, name } of files) {
      const bytes = readFileSync(join(parentPath, name))
      expect(bytes.includes('admin-password'), join(parentPath, name)).toBe(false)
    }
  })

  it.each<readonly [string, Record<string, string>, string]>([
    [
      'a listener that others reach without TLS',
      { listeners: 'PLAINTEXT://0.0.0.0:0' },
      'insecure',
    ],
    [
      'OAUTHBEARER without keys',
      { listeners: 'SASL_PLAINTEXT://127.0.0.1:0', 'sasl.enabled.mechanisms': 'OAUTHBEARER' },
      'sasl.oauthbearer.jwks.endpoint.url',
    ],
    ['TLS without a key', { listeners: 'SSL://127.0.0.1:0' }, 'ssl.keystore.location'],
    [
      'a key that is not there',
      { listeners: 'SSL://127.0.0.1:0', 'ssl.keystore.location': '/nowhere.pem' },
      '/nowhere.pem',
    ],
  ])('does not start with %s', async (_, texts, word) => {
    const result = await runCommand(
      ...['broker', '--data-dir', join(directory, 'other'), '--admin-port', '0'],
      ...overrides(texts),
    )
    expect(result.code).toBe(78)
    expect(result.stderr).toContain(word)
  })
})

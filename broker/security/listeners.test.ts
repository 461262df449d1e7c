import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Server } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions, PeerCertificate } from 'node:tls'
import { connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, openRealDisk, silentLogger, systemRandom } from '../../kit/index.ts'
import { createSimTime } from '../../kit/testing.ts'
import type { CertificateAuthority } from '../../test/support/certificates.ts'
import { createCertificateAuthority } from '../../test/support/certificates.ts'
import { brokerConfigs, createBrokerConfig } from '../control/index.ts'
import type { BrokerEvent } from '../events/index.ts'
import { exposedListeners } from './listener-exposure.ts'
import type { ListenerPlan } from './listener-plan.ts'
import { planListeners } from './listener-plan.ts'
import type { OpenListener } from './open-listeners.ts'
import { securityOpener } from './open-listeners.ts'
import { noCredentials } from './sasl/credentials.ts'

type Texts = Readonly<Record<string, string>>

const plan = (overrides: Texts): readonly ListenerPlan[] =>
  planListeners(createBrokerConfig({ overrides }), { host: '127.0.0.1', port: 9092 })

/** Every fault of the configuration, by key. */
function faultsOf(overrides: Texts): readonly string[] {
  try {
    plan(overrides)
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.faults.map(({ name }) => name)
    throw cause
  }
  return []
}

describe('listeners', () => {
  it('are one without a word on security when none is configured', () => {
    expect(plan({})).toMatchObject([
      { name: 'PLAINTEXT', bind: { host: '127.0.0.1', port: 9092 }, protocol: 'PLAINTEXT' },
    ])
  })

  it('are several, each with a name, an address, one that clients are told, and a protocol', () => {
    const plans = plan({
      listeners: 'INSIDE://127.0.0.1:0,OUTSIDE://:9093,SIX://[::1]:9094',
      'advertised.listeners': 'OUTSIDE://broker.example:443',
      'listener.security.protocol.map': 'INSIDE:PLAINTEXT,OUTSIDE:SASL_SSL,SIX:SASL_PLAINTEXT',
      'ssl.keystore.location': '/keys.pem',
      'listener.name.outside.glasslog.listener.max.connections': '7',
      'listener.name.six.sasl.enabled.mechanisms': 'PLAIN',
    })
    expect(plans).toMatchObject([
      {
        name: 'INSIDE',
        bind: { host: '127.0.0.1', port: 0 },
        advertised: null,
        protocol: 'PLAINTEXT',
      },
      {
        name: 'OUTSIDE',
        bind: { host: '0.0.0.0', port: 9093 },
        advertised: { host: 'broker.example', port: 443 },
        protocol: 'SASL_SSL',
        values: {
          glasslogListenerMaxConnections: 7,
          saslEnabledMechanisms: ['SCRAM-SHA-256', 'SCRAM-SHA-512'],
        },
      },
      {
        name: 'SIX',
        bind: { host: '::1', port: 9094 },
        values: { saslEnabledMechanisms: ['PLAIN'] },
      },
    ])
  })

  it.each<readonly [string, Texts, readonly string[]]>([
    ['no address', { listeners: 'PLAINTEXT' }, ['listeners']],
    ['a port that there is not', { listeners: 'PLAINTEXT://:70000' }, ['listeners']],
    [
      'a name twice',
      { listeners: 'SSL://:1,SSL://:2', 'ssl.keystore.location': '/x' },
      ['listeners'],
    ],
    [
      'a name without a protocol',
      { listeners: 'OUTSIDE://:1' },
      ['listener.security.protocol.map'],
    ],
    [
      'a protocol that there is not',
      { 'listener.security.protocol.map': 'PLAINTEXT:TLS' },
      ['listener.security.protocol.map', 'listener.security.protocol.map'],
    ],
    [
      'an advertised one that there is not',
      { 'advertised.listeners': 'X://h:1' },
      ['advertised.listeners'],
    ],
    ['TLS without keys', { listeners: 'SSL://:1' }, ['ssl.keystore.location']],
    [
      "clients' certificates without those who sign them",
      { listeners: 'SSL://:1', 'ssl.keystore.location': '/x', 'ssl.client.auth': 'required' },
      ['ssl.truststore.location'],
    ],
    [
      'rules that are none',
      { listeners: 'SSL://:1', 'ssl.keystore.location': '/x', 'ssl.principal.mapping.rules': 'x' },
      ['ssl.principal.mapping.rules'],
    ],
    [
      'what cannot be set for one listener',
      { 'listener.name.plaintext.super.users': 'User:eve' },
      ['listener.name.plaintext.super.users'],
    ],
    [
      'a wrong value for one listener',
      { 'listener.name.a.ssl.client.auth': 'yes' },
      ['ssl.client.auth'],
    ],
  ])('are refused: %s', (_, overrides, faults) => {
    expect(faultsOf(overrides)).toEqual(faults)
  })
})

it('no request can change what names files, addresses, or who may do what (CVE-2025-27817)', () => {
  const names = brokerConfigs.names.filter((name) =>
    /listener|^ssl\.|\.ssl\.|sasl|oauthbearer|authorizer|super\.users|no\.acl\.found/.test(name),
  )
  expect(names.length).toBeGreaterThan(20)
  expect(names.filter((name) => brokerConfigs.row(name)?.dynamic)).toEqual([])
})

it('a listener on this machine, or one with TLS and a login, needs nobody to mean it', () => {
  const exposed = (overrides: Texts): number =>
    exposedListeners(plan({ 'ssl.keystore.location': '/x', ...overrides })).length
  expect(exposed({})).toBe(0)
  expect(exposed({ listeners: 'PLAINTEXT://localhost:1,SASL_PLAINTEXT://[::1]:2' })).toBe(0)
  expect(exposed({ listeners: 'SASL_SSL://:1' })).toBe(0)
  expect(exposed({ listeners: 'SSL://:1' })).toBe(1)
  expect(exposed({ listeners: 'PLAINTEXT://:1,SASL_PLAINTEXT://10.0.0.1:2' })).toBe(2)
  const mutual = { 'ssl.client.auth': 'required', 'ssl.truststore.location': '/x' }
  expect(exposed({ listeners: 'SSL://:1', ...mutual })).toBe(0)
})

describe('TLS', () => {
  let directory: string
  let authority: CertificateAuthority
  let stranger: CertificateAuthority
  const time = createSimTime()
  const events: BrokerEvent[] = []
  let open: OpenListener
  let server: Server

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'glasslog-tls-'))
    authority = createCertificateAuthority(directory)
    stranger = createCertificateAuthority(directory, 'stranger')
    authority.issue('broker', '/CN=first')
    authority.issue('renewed', '/CN=second')
  })
  afterEach(async () => {
    await open.close()
    await new Promise((resolve) => server.close(resolve))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const certificateEnds = new Map<string, number>()

  /** A listener whose clients are answered with their principal, or with why they were refused. */
  async function listen(overrides: Texts): Promise<void> {
    const [listener] = plan({
      listeners: 'SSL://127.0.0.1:0',
      'ssl.keystore.location': join(directory, 'broker.pem'),
      ...overrides,
    })
    if (!listener) throw new Error('no listener')
    const openSecurity = securityOpener({
      certificateEnds,
      dataDirectory: directory,
      credentials: noCredentials,
      report: (event) => events.push(event),
      disk: openRealDisk(),
      random: systemRandom,
      logger: silentLogger,
      ...time,
    })
    open = await openSecurity(listener)
    const { tls } = open.security
    server = createServer((socket) => {
      socket.on('error', () => {})
      tls?.accept(socket, {
        secured: (secure, { principal }) => secure.end(principal),
        failed: () => {},
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  }

  /** What the listener says, and the certificate that it shows; rejects when it hangs up. */
  function visit(options: ConnectionOptions = {}): Promise<{
    readonly said: string
    readonly certificate: PeerCertificate
    readonly version: string | null
    /** To come back with. */
    readonly session: Buffer
  }> {
    const { port } = server.address() as AddressInfo
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', ca: authority.certificatePem, ...options })
      let said = ''
      let certificate: PeerCertificate
      let version: string | null = null
      let session = Buffer.alloc(0)
      socket.on('session', (given) => {
        session = given
      })
      socket.on('secureConnect', () => {
        certificate = socket.getPeerCertificate()
        version = socket.getProtocol()
      })
      socket.on('data', (bytes: Buffer) => {
        said += bytes.toString()
      })
      socket.on('error', reject)
      socket.on('close', () =>
        said === ''
          ? reject(new Error('nothing was said'))
          : resolve({ said, certificate, version, session }),
      )
    })
  }

  const withCertificate = (from: CertificateAuthority, subject: string): ConnectionOptions => {
    const { pem } = from.issue('client', subject)
    return { key: pem, cert: pem }
  }
  const required = () => ({
    'ssl.client.auth': 'required',
    'ssl.truststore.location': authority.certificatePath,
  })

  it('lets everybody in who needs not show a certificate', async () => {
    await listen({})
    const { said, certificate, version } = await visit()
    expect([said, certificate.subject.CN, version]).toEqual(['User:ANONYMOUS', 'first', 'TLSv1.3'])
  })

  it('names the client by its certificate, the most specific part first', async () => {
    await listen(required())
    const { said } = await visit(
      withCertificate(authority, '/C=AT/O=Example, Inc/OU=a\\+b/CN=alice+UID=7'),
    )
    expect(said).toBe('User:CN=alice+UID=7,OU=a\\+b,O=Example\\, Inc,C=AT')
  })

  it('maps the name of a certificate by ssl.principal.mapping.rules, and refuses one without a rule', async () => {
    await listen({
      ...required(),
      'ssl.principal.mapping.rules': 'RULE:^CN=(\\w+),O=Example$/$1/L',
    })
    const { said } = await visit(withCertificate(authority, '/O=Example/CN=Alice'))
    expect(said).toBe('User:alice')
    await expect(visit(withCertificate(authority, '/O=Other/CN=Alice'))).rejects.toThrow()
  })

  it('refuses a client without the certificate that is required, or with one of a stranger', async () => {
    await listen(required())
    await expect(visit()).rejects.toThrow()
    await expect(visit(withCertificate(stranger, '/CN=alice'))).rejects.toThrow()
  })

  it('lets clients without a certificate in where it is only requested, but not with a bad one', async () => {
    await listen({ ...required(), 'ssl.client.auth': 'requested' })
    expect((await visit()).said).toBe('User:ANONYMOUS')
    expect((await visit(withCertificate(authority, '/CN=alice'))).said).toBe('User:CN=alice')
    await expect(visit(withCertificate(stranger, '/CN=alice'))).rejects.toThrow()
  })

  it('speaks only the versions of ssl.enabled.protocols, with the suites of ssl.cipher.suites', async () => {
    const suite = 'ECDHE-ECDSA-AES256-GCM-SHA384'
    await listen({ 'ssl.enabled.protocols': 'TLSv1.2', 'ssl.cipher.suites': suite })
    expect((await visit()).version).toBe('TLSv1.2')
    await expect(visit({ minVersion: 'TLSv1.3' })).rejects.toThrow()
    await expect(visit({ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).rejects.toThrow()
  })

  it('reads PKCS12 with ssl.key.password and ssl.keystore.type', async () => {
    const bundle = authority.bundle(authority.issue('bundled', '/CN=bundled'), 'changeit')
    await listen({
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': bundle,
      'ssl.key.password': 'changeit',
    })
    expect((await visit()).certificate.subject.CN).toBe('bundled')
  })

  it('renews certificates every glasslog.ssl.reload.interval.ms, and keeps the old ones when the new are no good', async () => {
    const path = join(directory, 'live.pem')
    copyFileSync(join(directory, 'broker.pem'), path)
    await listen({ 'ssl.keystore.location': path, 'glasslog.ssl.reload.interval.ms': '1000' })
    const told = () => events.filter((event) => 'path' in event && event.path === path)
    // The files are read by the real disk, which takes its time.
    const afterNextLook = async () => {
      await time.advance(1000)
      return { name: (await visit()).certificate.subject.CN, told: told().length }
    }
    const patience = { timeout: 15_000 }
    expect((await visit()).certificate.subject.CN).toBe('first')
    writeFileSync(path, 'half of a fi')
    await expect.poll(afterNextLook, patience).toEqual({ name: 'first', told: 1 })
    time.setWallClock(Date.now())
    // At once: a copy could be read when half of it is there.
    copyFileSync(join(directory, 'renewed.pem'), `${path}.new`)
    renameSync(`${path}.new`, path)
    await expect.poll(afterNextLook, patience).toEqual({ name: 'second', told: 3 })
    expect(told()).toMatchObject([
      { kind: 'certificate-unusable' },
      { kind: 'certificate-expiring', notAfterMs: expect.any(Number) },
      { kind: 'certificate-reloaded' },
    ])
  })

  it('lets nobody come back by a session whose certificate is not trusted any more', async () => {
    const path = join(directory, 'trusted.pem')
    writeFileSync(path, authority.certificatePem)
    await listen({
      ...required(),
      ...{ 'ssl.truststore.location': path, 'glasslog.ssl.reload.interval.ms': '1000' },
    })
    const { session } = await visit(withCertificate(authority, '/CN=alice'))
    expect((await visit({ session })).said).toBe('User:CN=alice')
    writeFileSync(`${path}.new`, stranger.certificatePem)
    renameSync(`${path}.new`, path)
    const isBack = async (): Promise<boolean> => {
      await time.advance(1000)
      return visit({ session }).then(
        () => true,
        () => false,
      )
    }
    await expect.poll(isBack, { timeout: 15_000 }).toBe(false)
    expect((await visit(withCertificate(stranger, '/CN=bob'))).said).toBe('User:CN=bob')
  })

  it('is told of before it ends, also in a PKCS12 store', async () => {
    const bundle = authority.bundle(authority.issue('ending', '/CN=ending'), 'changeit')
    time.setWallClock(Date.now())
    await listen({
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': bundle,
      'ssl.key.password': 'changeit',
    })
    const told = events.filter((event) => 'path' in event && event.path === bundle)
    expect(told).toMatchObject([{ kind: 'certificate-expiring', path: bundle }])
    const { notAfterMs } = told[0] as { readonly notAfterMs: number }
    expect([...certificateEnds]).toEqual([['SSL', notAfterMs]])
    await open.close()
    expect([...certificateEnds]).toEqual([])
  })

  it('is refused at the start when there is no such file', async () => {
    await listen({})
    const [listener] = plan({ listeners: 'SSL://:1', 'ssl.keystore.location': '/nowhere.pem' })
    const { disk, ...rest } = {
      disk: openRealDisk(),
      random: systemRandom,
      logger: silentLogger,
      ...time,
    }
    const told = { credentials: noCredentials, report: () => {} }
    const options = { dataDirectory: directory, ...told, disk, ...rest }
    if (!listener) throw new Error('no listener')
    await expect(securityOpener(options)(listener)).rejects.toThrow('there is no file /nowhere.pem')
  })
})

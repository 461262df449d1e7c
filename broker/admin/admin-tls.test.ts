import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ConfigError, replaceFile } from '../../kit/index.ts'
import { createCertificateAuthority } from '../../test/support/certificates.ts'
import type { TestAdmin } from '../../test/support/test-admin.ts'
import { startTestAdmin } from '../../test/support/test-admin.ts'
import { startAdminServer } from './admin-server.ts'

let admin: TestAdmin
const directory = mkdtempSync(join(tmpdir(), 'glasslog-admin-tls-'))

beforeAll(async () => {
  admin = await startTestAdmin()
})
afterAll(async () => {
  await admin.stop()
  rmSync(directory, { recursive: true })
})

const KEYSTORE = '/admin.pem'

const start = () =>
  startAdminServer({
    ...{ host: '127.0.0.1', port: 0, rootToken: 'x', tlsKeystore: KEYSTORE, hostnames: [] },
    disk: admin.broker.disk,
    services: admin.services,
    report: admin.broker.events.report,
  })

const write = (text: string): Promise<void> =>
  replaceFile(admin.broker.disk, KEYSTORE, Buffer.from(text))

function subjectAt(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

it('takes a renewed certificate without a restart, and goes on with the old one when it is unsound', async () => {
  const authority = createCertificateAuthority(directory)
  await write(authority.issue('first', '/CN=first').pem)
  const server = await start()
  const subject = (): Promise<string> => subjectAt(server.port, authority.certificatePem)
  expect(await subject()).toBe('first')
  await write(authority.issue('second', '/CN=second').pem)
  await admin.broker.time.advance(10_000)
  expect(await subject()).toBe('second')
  await write('half a fi')
  await admin.broker.time.advance(10_000)
  expect(await subject()).toBe('second')
  await server.stop()
})

it('does not start with a key store that is missing or of no use', async () => {
  await write('no PEM at all')
  await expect(start()).rejects.toThrow(ConfigError)
  await admin.broker.disk.remove(KEYSTORE)
  await expect(start()).rejects.toThrow(ConfigError)
})

it('stops at once while a client has not said anything, and lets go of the key store', async () => {
  await write(createCertificateAuthority(directory).issue('third', '/CN=third').pem)
  const { time } = admin.broker
  const timersBefore = time.pendingTimers
  const server = await start()
  const silent = connectPlain(server.port, '127.0.0.1')
  await once(silent, 'connect')
  const again = startAdminServer({
    ...{
      host: '127.0.0.1',
      port: server.port,
      rootToken: 'x',
      tlsKeystore: KEYSTORE,
      hostnames: [],
    },
    disk: admin.broker.disk,
    services: admin.services,
    report: admin.broker.events.report,
  })
  await expect(again).rejects.toThrow('EADDRINUSE')
  const closed = once(silent.resume(), 'close')
  await server.stop()
  await closed
  expect(time.pendingTimers).toBe(timersBefore)
})

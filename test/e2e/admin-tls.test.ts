import { request } from 'node:https'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { BrokerProcess } from '../support/broker-process.ts'
import { runCommand, startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'
import type { CertificateAuthority } from '../support/certificates.ts'
import { createCertificateAuthority } from '../support/certificates.ts'

/** admin-tls-keystore: the admin port over TLS. */

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let authority: CertificateAuthority
let broker: BrokerProcess

beforeAll(async () => {
  directory = await temporaryDirectory()
  authority = createCertificateAuthority(directory.path)
  const { path } = authority.issue('admin', '/CN=admin.example')
  broker = await startBrokerProcess(join(directory.path, 'data'), {
    args: ['--admin-tls-keystore', path],
  })
}, 30_000)

afterAll(async () => {
  await broker?.end('SIGKILL')
  await directory?.remove()
})

function ask(path: string, ca: string | undefined): Promise<{ status: number; subject: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${broker.adminUrl}${path}`,
      ca === undefined ? {} : { ca },
      (response) => {
        const { socket } = response
        const subject =
          'getPeerCertificate' in socket
            ? String((socket as PeerSocket).getPeerCertificate().subject.CN)
            : ''
        response.resume().once('end', () => resolve({ status: response.statusCode ?? 0, subject }))
      },
    )
    sent.once('error', reject).end()
  })
}

interface PeerSocket {
  getPeerCertificate(): { readonly subject: { readonly CN: string } }
}

it('announces and speaks HTTPS, with the certificate that it was given', async () => {
  expect(broker.adminUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  const ca = authority.certificatePem
  expect(await ask('/healthz', ca)).toEqual({ status: 200, subject: 'admin.example' })
  expect((await ask('/v1/topics', ca)).status).toBe(401)
  await expect(ask('/healthz', undefined)).rejects.toThrow()
})

it('does not speak HTTP', async () => {
  await expect(fetch(`${broker.adminUrl.replace('https', 'http')}/healthz`)).rejects.toThrow()
})

it('refuses to start without the file, with exit code 78', async () => {
  const data = join(directory.path, 'other')
  const flags = ['--data-dir', data, '--kafka-port', '0', '--admin-port', '0']
  const { code, stderr } = await runCommand(
    'broker',
    ...flags,
    '--admin-tls-keystore',
    '/nowhere.pem',
  )
  expect(code).toBe(78)
  expect(stderr).toContain('admin-tls-keystore')
})

import { request } from 'node:https'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MonitorProcess } from '../support/broker-process.ts'
import { runCommand, startMonitorProcess, temporaryDirectory } from '../support/broker-process.ts'
import type { CertificateAuthority } from '../support/certificates.ts'
import { createCertificateAuthority } from '../support/certificates.ts'

/** console-tls-keystore: the console port over TLS. */

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let authority: CertificateAuthority
let monitor: MonitorProcess

beforeAll(async () => {
  directory = await temporaryDirectory()
  authority = createCertificateAuthority(directory.path)
  const { path } = authority.issue('console', '/CN=console.example')
  monitor = await startMonitorProcess(join(directory.path, 'data'), [
    ...['--host', '0.0.0.0', '--console-tls-keystore', path],
  ])
}, 30_000)

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await directory?.remove()
})

const local = () => monitor.url.replace('0.0.0.0', '127.0.0.1')

function statusOf(path: string, ca: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${local()}${path}`, ca === undefined ? {} : { ca }, (response) =>
      response.resume().once('end', () => resolve(response.statusCode ?? 0)),
    )
    sent.once('error', reject).end()
  })
}

it('announces and speaks HTTPS, also to other machines', async () => {
  expect(monitor.url).toMatch(/^https:\/\/0\.0\.0\.0:\d+$/)
  const ca = authority.certificatePem
  expect(await statusOf('/healthz', ca)).toBe(200)
  expect(await statusOf('/metrics', ca)).toBe(200)
  expect(await statusOf('/api/v1/labels', ca)).toBe(401)
  await expect(statusOf('/healthz', undefined)).rejects.toThrow()
})

it('does not speak HTTP', async () => {
  await expect(fetch(`${local().replace('https', 'http')}/healthz`)).rejects.toThrow()
})

it.each([
  ['without TLS for other machines', ['--host', '0.0.0.0'], 'console-tls-keystore'],
  ['without the file', ['--console-tls-keystore', '/nowhere.pem'], '/nowhere.pem'],
])('does not start %s, with exit code 78', async (_, flags, reason) => {
  const data = join(directory.path, 'other')
  const run = await runCommand('monitor', '--data-dir', data, '--console-port', '0', ...flags)
  expect(run.code).toBe(78)
  expect(run.stderr).toContain(reason)
})

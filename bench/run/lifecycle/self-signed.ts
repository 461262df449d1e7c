import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BenchError } from '../../client/bench-error.ts'

/** A key and a certificate for 127.0.0.1 that vouches for itself. */
export interface SelfSigned {
  readonly path: string
  readonly pem: string
  remove(): Promise<void>
}

/** Throws a BenchError where there is no `openssl` command. */
export async function createCertificate(): Promise<SelfSigned> {
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-bench-tls-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  const path = join(directory, 'broker.pem')
  const options = [
    ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=bench', '-addext', 'subjectAltName=IP:127.0.0.1'],
  ]
  try {
    execFileSync('openssl', ['req', '-x509', ...options, '-keyout', path, '-out', path], {
      stdio: 'pipe',
    })
    return { path, pem: await readFile(path, 'utf8'), remove }
  } catch (error) {
    await remove()
    throw new BenchError(`no certificate: ${error instanceof Error ? error.message : error}`)
  }
}

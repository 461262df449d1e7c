import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A key and its certificate, as one PEM text, and where it lies. */
export interface IssuedCertificate {
  readonly path: string
  readonly pem: string
}

/** Signs certificates for a test. Needs the `openssl` command. */
export interface CertificateAuthority {
  /** Of the authority itself, without its key. */
  readonly certificatePath: string
  readonly certificatePem: string
  /** A certificate for 127.0.0.1 and localhost; `subject` as in `/O=Example/CN=alice`. */
  issue(name: string, subject: string): IssuedCertificate
  /** The same as PKCS12, with a password. */
  bundle(issued: IssuedCertificate, password: string): string
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** `days` is how long its certificates are good. */
export function createCertificateAuthority(
  directory: string,
  name = 'ca',
  days = 2,
): CertificateAuthority {
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  }
  const file = (suffix: string): string => join(directory, suffix)
  openssl(
    'req',
    '-x509',
    ...KEY,
    '-days',
    String(days),
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.crt`,
  )
  return {
    certificatePath: file(`${name}.crt`),
    certificatePem: readFileSync(file(`${name}.crt`), 'utf8'),
    issue(leaf, subject) {
      openssl('req', ...KEY, '-subj', subject, '-keyout', `${leaf}.key`, '-out', `${leaf}.csr`)
      writeFileSync(file(`${leaf}.ext`), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
      openssl(
        ...['x509', '-req', '-in', `${leaf}.csr`, '-CA', `${name}.crt`, '-CAkey', `${name}.key`],
        ...[
          '-CAcreateserial',
          '-days',
          String(days),
          '-extfile',
          `${leaf}.ext`,
          '-out',
          `${leaf}.crt`,
        ],
      )
      const pem =
        readFileSync(file(`${leaf}.key`), 'utf8') + readFileSync(file(`${leaf}.crt`), 'utf8')
      writeFileSync(file(`${leaf}.pem`), pem)
      return { path: file(`${leaf}.pem`), pem }
    },
    bundle({ path }, password) {
      const target = path.replace(/\.pem$/, '.p12')
      openssl('pkcs12', '-export', '-in', path, '-out', target, '-passout', `pass:${password}`)
      return target
    },
  }
}

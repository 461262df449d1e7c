import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBrokerProcess } from '../../support/broker-process.ts'
import { createCertificateAuthority } from '../../support/certificates.ts'
import { freePort } from '../../support/free-port.ts'
import type { TokenIssuer } from './token-issuer.ts'
import { startTokenIssuer } from './token-issuer.ts'

/** Glasslog with a listener for each way to log in, and what its clients need. */
export interface SecuredBroker {
  readonly directory: string
  /** Where nobody has to log in, for the administrator on the machine. */
  readonly inside: string
  /** Who comes in has to log in by SASL, with TLS or without. */
  readonly saslSsl: string
  readonly saslPlaintext: string
  /** Who comes in shows a certificate. */
  readonly mutualSsl: string
  readonly authorityPath: string
  /** Of the user: key and certificate in one PEM file. */
  readonly certificatePath: string
  readonly user: string
  readonly password: string
  readonly tokens: TokenIssuer
  stop(): Promise<void>
}

const LISTENERS = ['INSIDE', 'TLS', 'LOGIN', 'MUTUAL'] as const
const USER = 'alice'

export async function startSecuredBroker(): Promise<SecuredBroker> {
  const directory = mkdtempSync(join(tmpdir(), 'glasslog-logins-'))
  const authority = createCertificateAuthority(directory)
  const tokens = await startTokenIssuer(directory, USER)
  const addresses = new Map<string, string>()
  for (const name of LISTENERS) addresses.set(name, `127.0.0.1:${await freePort()}`)
  const at = (name: (typeof LISTENERS)[number]): string => addresses.get(name) ?? ''
  const configs: Readonly<Record<string, string>> = {
    listeners: LISTENERS.map((name) => `${name}://${at(name)}`).join(','),
    'listener.security.protocol.map':
      'INSIDE:PLAINTEXT,TLS:SASL_SSL,LOGIN:SASL_PLAINTEXT,MUTUAL:SSL',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'sasl.oauthbearer.jwks.endpoint.url': tokens.keysUrl,
    'sasl.oauthbearer.expected.issuer': tokens.issuer,
    'sasl.oauthbearer.expected.audience': tokens.audience,
    'ssl.keystore.location': authority.issue('broker', '/CN=localhost').path,
    'ssl.truststore.location': authority.certificatePath,
    'listener.name.mutual.ssl.client.auth': 'required',
    'listener.name.mutual.ssl.principal.mapping.rules': 'RULE:^CN=(\\w+)$/$1/',
    'glasslog.authorizer': 'acl',
    'super.users': `User:ANONYMOUS;User:${USER}`,
    'group.initial.rebalance.delay.ms': '0',
  }
  const broker = await startBrokerProcess(join(directory, 'data'), {
    args: Object.entries(configs).flatMap(([name, value]) => ['--override', `${name}=${value}`]),
  })
  return {
    directory,
    inside: at('INSIDE'),
    saslSsl: at('TLS'),
    saslPlaintext: at('LOGIN'),
    mutualSsl: at('MUTUAL'),
    authorityPath: authority.certificatePath,
    certificatePath: authority.issue(USER, `/CN=${USER}`).path,
    user: USER,
    password: `${USER}-password`,
    tokens,
    async stop() {
      await broker.end('SIGTERM')
      await tokens.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

import type { Cancel, Disk, Logger, Timers } from '../../../kit/index.ts'
import type { BrokerConfigValues } from '../../control/index.ts'
import type { FileContents } from '../watched-files.ts'
import { readFiles, watchFiles } from '../watched-files.ts'
import { parsePrincipalRules } from './principal-mapper.ts'
import type { TlsAcceptor, TlsMaterial } from './tls-acceptor.ts'
import { createTlsAcceptor } from './tls-acceptor.ts'

export interface OpenTls {
  readonly acceptor: TlsAcceptor
  /** No more looking for new certificates. */
  readonly close: Cancel
}

interface OpenTlsOptions {
  readonly disk: Disk
  readonly timers: Timers
  readonly logger: Logger
}

/**
 * TLS by a listener's configuration, with certificates that are renewed when their files change.
 * Throws when there is no key store, or one that is of no use.
 */
export async function openTls(
  values: BrokerConfigValues,
  options: OpenTlsOptions,
): Promise<OpenTls> {
  const mapper = parsePrincipalRules(values.sslPrincipalMappingRules)
  if ('fault' in mapper) throw new Error(mapper.fault)
  const { sslKeystoreLocation, sslTruststoreLocation, sslEnabledProtocols } = values
  const paths = [sslKeystoreLocation, sslTruststoreLocation].filter((path) => path !== null)
  const contents = await readFiles(options.disk, paths)
  const acceptor = createTlsAcceptor(
    {
      clientAuth: values.sslClientAuth,
      mapper,
      minVersion: sslEnabledProtocols.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
      maxVersion: sslEnabledProtocols.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
      ciphers: values.sslCipherSuites.join(':'),
    },
    materialOf(values, contents),
  )
  const close = watchFiles(contents, (changed) => acceptor.reload(materialOf(values, changed)), {
    ...options,
    intervalMs: values.glasslogSslReloadIntervalMs,
  })
  return { acceptor, close }
}

function materialOf(values: BrokerConfigValues, contents: FileContents): TlsMaterial {
  const { sslKeystoreLocation, sslKeystoreType, sslKeyPassword, sslTruststoreLocation } = values
  const store = contents.get(sslKeystoreLocation ?? '')
  if (!store) throw new Error('there is no key store')
  const authorities = contents.get(sslTruststoreLocation ?? '')
  return {
    // A PEM file holds both, each reader takes its own.
    ...(sslKeystoreType === 'PKCS12' ? { pfx: store } : { key: store, cert: store }),
    ...(sslKeyPassword === null ? {} : { passphrase: sslKeyPassword }),
    ...(authorities ? { ca: authorities } : {}),
  }
}
